"""The command line that starts a module of this program, or of a library, as a process."""

import sys

# `python -m` without `-P` puts the current folder first on the path, so that a user's `random.py` would be executed.
MODULE = (sys.executable, "-P", "-m")

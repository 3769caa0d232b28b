"""How this program starts itself and other people's modules as processes of their own."""

import sys

# `python -m` alone puts the current folder first on the path: a user's `random.py` would be executed there.
MODULE = (sys.executable, "-P", "-m")

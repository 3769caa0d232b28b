"""A file that marks a home with API keys: the loss of its database must not open the service."""

from pathlib import Path

from pipelines.web.credentials import write_once

FILE = "keys.made"
TEXT = (
    "An API key was made for this home. While this file exists, the service requires keys, even with a new database.\n"
)


def mark(home: Path) -> None:
    """Mark the home as one with API keys. Raises OSError."""
    if not is_marked(home):
        write_once(home / FILE, TEXT.encode())


def is_marked(home: Path) -> bool:
    """True if the home is marked, or if the file cannot be read."""
    try:
        (home / FILE).stat()
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return True

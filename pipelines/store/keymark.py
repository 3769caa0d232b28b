"""That a home once had an API key, remembered outside its database: losing the database must not open the service."""

from pathlib import Path

from pipelines.web.credentials import write_once

FILE = "keys.made"
TEXT = (
    "An API key was made for this home. While this file exists the service asks for keys, whatever the database says.\n"
)


def mark(home: Path) -> None:
    """Remember it. Raises OSError."""
    if not marked(home):
        write_once(home / FILE, TEXT.encode())


def marked(home: Path) -> bool:
    """Whether it is remembered; also where nobody can tell."""
    try:
        (home / FILE).stat()
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return True

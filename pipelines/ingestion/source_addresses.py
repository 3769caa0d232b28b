"""Addresses of sources: our schemes, and absolute paths for everything else."""

import re
from pathlib import Path

from pipelines.ingestion.readers import hub
from pipelines.ingestion.rows import UnusableSource
from pipelines.storage import s3

AIRLINE = "airline:"
TWEETS = "tweets:"  # all messages of the package
OTHERS = "tweets:others"  # all but the airline messages
BUNDLED = (AIRLINE, TWEETS, OTHERS)
LOG = "log:"
FILE = "file://"
_PART = re.compile(r"(.+\.(?:json|ya?ml|xls[xm])(?:\.gz)?)#([^/]+)", re.IGNORECASE | re.DOTALL)
_ELSEWHERE = re.compile(r"([a-z][a-z0-9+.-]+)://", re.IGNORECASE)


def address(data: str) -> str:
    """The address as a declaration keeps it: a path becomes absolute, whatever characters it has.

    Raises UnusableSource for the schemes of other systems.
    """
    if data in BUNDLED or data.startswith((hub.SCHEME, s3.SCHEME)):
        return data
    if data.startswith(LOG):
        return LOG + address(data.removeprefix(LOG))
    path = data.removeprefix(FILE)
    if scheme := _ELSEWHERE.match(path):
        raise UnusableSource(_advice(scheme[1].lower()))
    return str(Path(path).expanduser().absolute())


def split_part(uri: str) -> tuple[str, str | None]:
    """A file and the name behind `#`: an array of a JSON or YAML document, or a sheet of a workbook."""
    part = _PART.fullmatch(uri)
    return (part[1], part[2]) if part and not Path(uri).expanduser().exists() else (uri, None)


def is_folder(uri: str) -> bool:
    """True for a folder of this machine."""
    return not uri.startswith(s3.SCHEME) and Path(uri).expanduser().is_dir()


def _advice(scheme: str) -> str:
    if scheme in ("http", "https"):
        return (
            "no file is fetched from the web: download it first, for example with "
            "curl --location --output messages.csv ADDRESS, and give the path messages.csv"
        )
    return f"{scheme}:// is not read; copy the file to this machine, and give its path"

"""A user's folder whose files have the names of modules: each leaves a mark where it is executed."""

import sys
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

OURS = ("flows", "tasks", "expectations", "pipelines", "sitecustomize", "usercustomize", "conftest")
MARKS = 'open(__file__ + ".executed", "w").close()\nraise SystemExit("a file of the user was executed: " + __file__)\n'
# Also files that tools read from the current folder, though they are not Python.
LOGGING = """
version: 1
handlers: {mark: {class: logging.FileHandler, filename: logging.yml.executed}}
root: {handlers: [mark]}
"""


@cache
def _names() -> set[str]:
    return {*sys.stdlib_module_names, *packages_distributions(), *OURS}


def hostile(folder: Path) -> Path:
    """Fill the folder with a module for every importable name, and a `.env` that points Prefect at such a file."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in _names():
        if "/" not in name:
            (folder / f"{name}.py").write_text(MARKS, encoding="utf-8")
    (folder / "logging.yml").write_text(LOGGING, encoding="utf-8")
    (folder / ".env").write_text("PREFECT_LOGGING_CONFIG_PATH=logging.yml\nPYTHONSAFEPATH=\n", encoding="utf-8")
    return folder


def executed(folder: Path) -> list[str]:
    """The names of the marks that executed files left."""
    return sorted(file.name for file in folder.glob("*.executed"))

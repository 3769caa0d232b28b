"""Everything at once on this machine: Prefect, MLflow, the service and the deployments, until ctrl-c."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from flows.services import api, free_port, healthy, prefect_server, process, settled
from pipelines.settings import Settings


@dataclass(frozen=True)
class Addresses:
    """Where people look."""

    service: str
    prefect: str
    mlflow: str
    docs: str


@contextmanager
def everything(settings: Settings, host: str, port: int) -> Iterator[tuple[Addresses, "subprocess.Popen[bytes]"]]:
    """Within, all services run; their addresses, and their processes to watch."""
    with ExitStack() as stack:
        prefect = stack.enter_context(prefect_server(settings))
        mlflow = stack.enter_context(_mlflow(settings))
        # So that the console leads there.
        os.environ |= {"NEEDLOOP_PREFECT_PAGE": prefect.removesuffix("/api"), "NEEDLOOP_MLFLOW_PAGE": mlflow}
        service = stack.enter_context(api(settings, host, port))
        os.environ["NEEDLOOP_URL"] = service  # so that scheduled runs ask this one
        deployments = stack.enter_context(_deployments(settings))
        addresses = Addresses(
            service, prefect.removesuffix("/api"), mlflow, (settings.home / "docs" / "index.html").as_uri()
        )
        yield addresses, deployments


@contextmanager
def _deployments(settings: Settings) -> Iterator["subprocess.Popen[bytes]"]:
    offered = settings.home / "logs" / "deployments.offered"
    offered.unlink(missing_ok=True)
    command = [sys.executable, "-m", "flows.deployments"]
    with process("deployments", command, settings) as child:
        settled(child, offered.exists, settings.home / "logs" / "deployments.log")
        yield child


@contextmanager
def _mlflow(settings: Settings) -> Iterator[str]:
    port = free_port()
    store = settings.tracking_uri
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    with process(
        "mlflow",
        [*command, "--backend-store-uri", store, "--default-artifact-root", f"{settings.storage}/artifacts"],
        settings,
    ) as child:
        url = f"http://127.0.0.1:{port}"
        healthy(child, f"{url}/health", settings.home / "logs" / "mlflow.log")
        yield url

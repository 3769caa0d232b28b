"""MLflow's server behind the guard, at an open socket: `python -m pipelines.registry.mlflow_server --fd N`."""

import os
from pathlib import Path

import mlflow
from starlette.types import ASGIApp

from pipelines.registry.mlflow_page import PatchedPage
from pipelines.web.credentials import read_credential
from pipelines.web.guard import LOOPBACK, ServerGuard
from pipelines.web.page_server import inherited_listener, serve
from pipelines.workspace.settings import Settings

HEALTH = "/health"
PAGE = Path(mlflow.__file__).parent / "server" / "js" / "build" / "index.html"


def credential_file(home: Path) -> Path:
    """File with the user and password (user, colon, password) of the browser's sign-in for MLflow."""
    return home / "mlflow.auth"


def app(settings: Settings) -> ASGIApp:
    """MLflow's own application over the home's database, for clients with the home's credential.

    `mlflow server` would keep a second, idle process of 200 MB; its basic-auth app needs another package and a second
    database, and hashes the password (PBKDF2) for each of a page's dozens of requests.
    """
    os.environ.update(_environment(settings))
    from mlflow.server.assistant.api import assistant_router

    assistant_router.routes.clear()  # it gives a language model a shell here; cleared before the app includes it
    from mlflow.server.fastapi_app import app as application  # reads the environment while it is imported
    from mlflow.server.handlers import initialize_backend_stores

    initialize_backend_stores(settings.tracking_uri, settings.tracking_uri, _artifacts(settings))
    file = credential_file(settings.home)
    return ServerGuard(
        PatchedPage(application, PAGE), settings.hosts, read_credential(file), file.name, _needs_credential
    )


def _needs_credential(path: str) -> bool:
    return path != HEALTH


def _environment(settings: Settings) -> dict[str, str]:
    """The environment that `mlflow server` gives to its application: stores and, if set, allowed hosts."""
    stores = {
        "_MLFLOW_SERVER_FILE_STORE": settings.tracking_uri,
        "_MLFLOW_SERVER_REGISTRY_STORE": settings.tracking_uri,
        "_MLFLOW_SERVER_ARTIFACT_ROOT": _artifacts(settings),
        "_MLFLOW_SGI_NAME": "uvicorn",
    }
    if not settings.hosts:
        return stores
    names = [*LOOPBACK, *settings.hosts]
    return stores | {
        "MLFLOW_SERVER_ALLOWED_HOSTS": ",".join(f"{name},{name}:*" for name in names),
        "MLFLOW_SERVER_CORS_ALLOWED_ORIGINS": ",".join(f"*://{name},*://{name}:*" for name in settings.hosts),
    }


def _artifacts(settings: Settings) -> str:
    return f"{settings.storage}/artifacts"


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    listener = inherited_listener("pipelines.registry.mlflow_server", __doc__)
    serve(app(Settings().activate()), listener, log_level="warning")


if __name__ == "__main__":
    main()

"""MLflow's server behind the guard, at an open socket: `python -m pipelines.registry.mlflow_server --fd N`."""

import os
from pathlib import Path

import mlflow
from starlette.types import ASGIApp

from pipelines.registry.mlflow_page import QuietPage
from pipelines.runtime.settings import Settings
from pipelines.web.credentials import credential
from pipelines.web.guard import LOOPBACK, Guard
from pipelines.web.page_server import handed_over, serve

HEALTH = "/health"
PAGE = Path(mlflow.__file__).parent / "server" / "js" / "build" / "index.html"


def credential_file(home: Path) -> Path:
    """What people type into the browser's sign-in for MLflow: user, colon, password."""
    return home / "mlflow.auth"


def app(settings: Settings) -> ASGIApp:
    """MLflow's own application over the home's database, closed to all who do not hold the home's credential.

    `mlflow server` would keep a second process of 200 MB that only waits, and its basic-auth app needs a package more
    and a second database, and hashes the password anew (PBKDF2) for each of a page's dozens of requests.
    """
    os.environ.update(_environment(settings))
    from mlflow.server.assistant.api import assistant_router

    assistant_router.routes.clear()  # it hands a shell of this machine to a language model; before the app takes it in
    from mlflow.server.fastapi_app import app as application  # reads the environment while it is imported
    from mlflow.server.handlers import initialize_backend_stores

    initialize_backend_stores(settings.tracking_uri, settings.tracking_uri, _artifacts(settings))
    file = credential_file(settings.home)
    return Guard(QuietPage(application, PAGE), settings.hosts, credential(file), file.name, _asks)


def _asks(path: str) -> bool:
    return path != HEALTH


def _environment(settings: Settings) -> dict[str, str]:
    """What `mlflow server` hands to its application: stores and, behind other names, which of them it answers to."""
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
    listener = handed_over("pipelines.registry.mlflow_server", __doc__)
    serve(app(Settings().activate()), listener, log_level="warning")


if __name__ == "__main__":
    main()

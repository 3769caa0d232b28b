"""MLflow's page, with what it would open by itself closed before its own script runs."""

import json
from pathlib import Path

from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Receive, Scope, Send

# What MLflow 3 keeps in the browser once a person has closed each of these; no setting of its server closes them.
CLOSED = {
    "mlflow.assistant.fab.autoOpenedOnFirstLoad_v1": "true",  # the assistant's panel, which is not served here
    "mlflow.telemetry.info.alert.dismissed_v1": "true",  # a banner about telemetry, which is off
    "mlflow.settings.telemetry.enabled_v1": "false",
    "_mlflow_model_registry_promo_modal_dismissed_v1": "true",  # the pop-up about the new registry
}
# What a person chose since then stays.
SCRIPT = (
    f"<script>for (const [key, value] of Object.entries({json.dumps(CLOSED)}))"
    " if (localStorage.getItem(key) === null) localStorage.setItem(key, value)</script>"
)
HEADERS = {"X-Frame-Options": "SAMEORIGIN", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache"}


class QuietPage:
    """Answers `GET /` with MLflow's own file and the script; all else is left to MLflow."""

    def __init__(self, app: ASGIApp, file: Path) -> None:
        self._app = app
        self._page = HTMLResponse(with_script(file.read_text(encoding="utf-8")), headers=HEADERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the page, or pass the request on."""
        asks_for_page = scope["type"] == "http" and scope["path"] == "/" and scope["method"] in ("GET", "HEAD")
        await (self._page if asks_for_page else self._app)(scope, receive, send)


def with_script(page: str) -> str:
    """The page whose first script closes what MLflow would open; one without a head stays as it is."""
    return page.replace("<head>", f"<head>{SCRIPT}", 1)

"""MLflow's page with its first-visit dialogs dismissed."""

import json
from pathlib import Path

from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Receive, Scope, Send

# The keys that MLflow 3 stores in the browser when a person closes these; its server has no setting for them.
DISMISSED = {
    "mlflow.assistant.fab.autoOpenedOnFirstLoad_v1": "true",  # the assistant's panel, which is not served here
    "mlflow.telemetry.info.alert.dismissed_v1": "true",  # a banner about telemetry, which is off
    "mlflow.settings.telemetry.enabled_v1": "false",
    "_mlflow_model_registry_promo_modal_dismissed_v1": "true",  # the pop-up about the new registry
}
# Later choices of a person are kept.
SCRIPT = (
    f"<script>for (const [key, value] of Object.entries({json.dumps(DISMISSED)}))"
    " if (localStorage.getItem(key) === null) localStorage.setItem(key, value)</script>"
)
HEADERS = {"X-Frame-Options": "SAMEORIGIN", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache"}


class PatchedPage:
    """Answers `GET /` with MLflow's own page and the script; other requests go to MLflow."""

    def __init__(self, app: ASGIApp, file: Path) -> None:
        self._app = app
        self._page = HTMLResponse(with_script(file.read_text(encoding="utf-8")), headers=HEADERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the page, or forward the request."""
        asks_for_page = scope["type"] == "http" and scope["path"] == "/" and scope["method"] in ("GET", "HEAD")
        await (self._page if asks_for_page else self._app)(scope, receive, send)


def with_script(page: str) -> str:
    """The page with a first script that dismisses the dialogs; a page without a head is unchanged."""
    return page.replace("<head>", f"<head>{SCRIPT}", 1)

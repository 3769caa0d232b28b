"""The page at `/` and its static files; the page loads nothing from another host."""

from pathlib import Path

from fastapi import APIRouter
from starlette.responses import FileResponse
from starlette.staticfiles import StaticFiles

from pipelines.serving.middleware.route_scopes import public

STATIC = Path(__file__).with_name("static")
# Scripts and styles only from our own files, none inline; `blob:` is for pictures, which are fetched with the API key.
POLICY = "; ".join(
    (
        "default-src 'none'",
        *(f"{kind}-src 'self'" for kind in ("script", "style", "connect")),
        "img-src 'self' blob:",
        *(f"{directive} 'none'" for directive in ("base-uri", "form-action", "frame-ancestors")),
        "require-trusted-types-for 'script'",
    )
)

router = APIRouter(include_in_schema=False)
files = StaticFiles(directory=STATIC)


@router.get("/", openapi_extra=public())
async def page() -> FileResponse:
    """The console's page, without data: its script requests all data with the API key of the person who opened it."""
    return FileResponse(STATIC / "index.html", headers={"Content-Security-Policy": POLICY})

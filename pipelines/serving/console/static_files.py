"""The page at `/` and its files: written here, served by us, asking nobody else."""

from pathlib import Path

from fastapi import APIRouter
from starlette.responses import FileResponse
from starlette.staticfiles import StaticFiles

from pipelines.serving.middleware.route_scopes import public

STATIC = Path(__file__).with_name("static")
# Scripts and styles from our own files alone, none inside the page; pictures are fetched with the key first.
POLICY = "; ".join(
    (
        "default-src 'none'",
        *(f"{kind}-src 'self'" for kind in ("script", "style", "connect")),
        "img-src 'self' blob:",
        *(f"{what} 'none'" for what in ("base-uri", "form-action", "frame-ancestors")),
        "require-trusted-types-for 'script'",
    )
)

router = APIRouter(include_in_schema=False)
files = StaticFiles(directory=STATIC)


@router.get("/", openapi_extra=public())
async def page() -> FileResponse:
    """The console, which gives nothing away: what it shows it asks for with the key of whoever opened it."""
    return FileResponse(STATIC / "index.html", headers={"Content-Security-Policy": POLICY})

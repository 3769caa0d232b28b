"""A card as two files under the home: Markdown, and a page that needs no other."""

from pathlib import Path

from pipelines import storage
from pipelines.card.lineage import Lineage
from pipelines.card.page import page
from pipelines.settings import Settings

PICTURES = {"Confusion matrix": "confusion.png", "Reliability": "reliability.png"}


def written(lineage: Lineage, markdown: str, settings: Settings) -> list[Path]:
    """`N.md` and `N.html`, with the pictures of the version's scorecard that are there."""
    folder = settings.scorecards / lineage.model / str(lineage.version)
    there = {caption: folder / name for caption, name in PICTURES.items() if (folder / name).exists()}
    pictures = {caption: file.read_bytes() for caption, file in there.items()}
    forms = {"md": markdown, "html": page(markdown, pictures)}
    target = settings.cards / lineage.model
    files = {target / f"{lineage.version}.{form}": text for form, text in forms.items()}
    return [Path(storage.write(text.encode(), str(file))) for file, text in files.items()]

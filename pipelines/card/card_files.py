"""The card as two files under the home: Markdown, and a self-contained HTML page."""

from pathlib import Path

from pipelines.card.card_page import page
from pipelines.card.lineage import Lineage
from pipelines.home.paths import Files
from pipelines.kinds.known import find_kind
from pipelines.storage import blobs


def write_card(lineage: Lineage, markdown: str, files: Files) -> list[Path]:
    """Write `card_documents` to the cards folder of this home, from where the card's links work."""
    target = files.cards / lineage.model
    texts = card_documents(lineage, markdown, files)
    return [Path(blobs.write(text.encode(), str(target / name))) for name, text in texts.items()]


def card_documents(lineage: Lineage, markdown: str, files: Files) -> dict[str, str]:
    """The texts of `N.md` and `N.html` by name, with the existing pictures of the version's scorecard."""
    folder = files.scorecards / lineage.model / str(lineage.version)
    captions = find_kind(lineage.kind).report.CAPTIONS
    existing = {caption: folder / name for caption, name in captions.items() if (folder / name).exists()}
    pictures = {caption: file.read_bytes() for caption, file in existing.items()}
    return {f"{lineage.version}.md": markdown, f"{lineage.version}.html": page(markdown, pictures)}

"""A card as two files under the home: Markdown, and a page that needs no other."""

from pathlib import Path

from pipelines.card.card_page import page
from pipelines.card.lineage import Lineage
from pipelines.home.paths import Files
from pipelines.kinds.known import find
from pipelines.storage import blobs


def written(lineage: Lineage, markdown: str, files: Files) -> list[Path]:
    """The files of `forms` beside the cards of this home, where links of the card lead to its pages."""
    target = files.cards / lineage.model
    texts = forms(lineage, markdown, files)
    return [Path(blobs.write(text.encode(), str(target / name))) for name, text in texts.items()]


def forms(lineage: Lineage, markdown: str, files: Files) -> dict[str, str]:
    """`N.md` and `N.html` by name, with the pictures of the version's scorecard that are there."""
    folder = files.scorecards / lineage.model / str(lineage.version)
    captions = find(lineage.kind).report.CAPTIONS
    there = {caption: folder / name for caption, name in captions.items() if (folder / name).exists()}
    pictures = {caption: file.read_bytes() for caption, file in there.items()}
    return {f"{lineage.version}.md": markdown, f"{lineage.version}.html": page(markdown, pictures)}

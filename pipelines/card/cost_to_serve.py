"""What a version is like to serve: whether it is what was trained, and how dear."""

from pipelines.card.figures import UNMEASURED, figure, share, size
from pipelines.card.markdown import section, table
from pipelines.evaluation.package_parity import Agreement
from pipelines.evaluation.scorecard import Scorecard
from pipelines.evaluation.serving_cost import ServingCost


def agreement(card: Scorecard) -> str:
    """Whether the package answers as the trained network did."""
    found = card.attached("agreement", Agreement)
    if found is None:
        return section("Package and trained network", UNMEASURED, level=3)
    said = f"{found.differ} of {found.texts} answers differ ({share(found.share)})."
    return section("Package and trained network", said, level=3)


def burden(card: Scorecard) -> str:
    """Time for one text and bytes on disk, beside the champion's."""
    found = card.attached("burden", ServingCost)
    if found is None:
        return section("Serving", UNMEASURED, level=3)
    before = "–" if found.champion_bytes is None else size(found.champion_bytes)
    rows = [
        (
            "median for one text over HTTP",
            figure(found.milliseconds, " ms"),
            figure(found.champion_milliseconds, " ms"),
        ),
        ("package", size(found.bytes), before),
    ]
    return section("Serving", table(("what", "this version", "champion"), rows), level=3)

"""Card sections on serving: parity of the package with the trained network, latency and size."""

from pipelines.card.markdown import section, table
from pipelines.evaluation.figures import UNMEASURED, figure, share, size
from pipelines.evaluation.package_parity import Agreement
from pipelines.evaluation.scorecard import Scorecard
from pipelines.evaluation.serving_cost import ServingCost


def package_parity(card: Scorecard) -> str:
    """The share of answers in which the package differs from the trained network."""
    result = card.read_attachment("agreement", Agreement)
    if result is None:
        return section("Package and trained network", UNMEASURED, level=3)
    text = f"{result.differ} of {result.texts} answers differ ({share(result.share)})."
    return section("Package and trained network", text, level=3)


def serving_cost(card: Scorecard) -> str:
    """Latency of one text and bytes on disk, beside the champion's."""
    cost = card.read_attachment("burden", ServingCost)
    if cost is None:
        return section("Serving", UNMEASURED, level=3)
    champion_size = "–" if cost.champion_bytes is None else size(cost.champion_bytes)
    rows = [
        (
            "median for one text over HTTP",
            figure(cost.milliseconds, " ms"),
            figure(cost.champion_milliseconds, " ms"),
        ),
        ("package", size(cost.bytes), champion_size),
    ]
    return section("Serving", table(("what", "this version", "champion"), rows), level=3)

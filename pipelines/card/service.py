"""What a version is like to serve: whether its confidence means something, whether it is what was trained, how dear."""

from pipelines.card.figures import figure, share, size
from pipelines.card.markdown import section, table
from pipelines.evaluation.scorecard import Scorecard

UNKNOWN = "Not measured."


def calibration(card: Scorecard) -> str:
    """Calibration beside the champion's."""
    found = card.trust
    if found is None:
        return section("Calibration", UNKNOWN, level=3)
    rows = [
        ("expected calibration error", figure(found.error), figure(found.champion_error)),
        ("Brier score", figure(found.brier), figure(found.champion_brier)),
    ]
    return section("Calibration", table(("what", "this version", "champion"), rows), level=3)


def scope(card: Scorecard) -> str:
    """Whether texts about none of the labels are told as such."""
    found = card.scope
    if found is None:
        return section("Out of scope", UNKNOWN, level=3)
    said = (
        f"A text that is answered with a confidence under {found.threshold:.3f} counts as out of scope. Of "
        f"{found.outside} texts about none of the labels {share(found.recall)} are told so (recall; AUROC "
        f"{found.auroc:.3f}); {share(found.kept)} of the held-out texts are not."
    )
    return section("Out of scope", said, level=3)


def agreement(card: Scorecard) -> str:
    """Whether the package answers as the trained network did."""
    found = card.agreement
    if found is None:
        return section("Package and trained network", UNKNOWN, level=3)
    said = f"{found.differ} of {found.texts} answers differ ({share(found.share)})."
    return section("Package and trained network", said, level=3)


def burden(card: Scorecard) -> str:
    """Time for one text and bytes on disk, beside the champion's."""
    found = card.burden
    if found is None:
        return section("Serving", UNKNOWN, level=3)
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

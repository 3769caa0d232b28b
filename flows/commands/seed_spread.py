"""Comparison of a new version's scores with the measured mean and spread over other seeds."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flows.outcome import Outcome
    from pipelines.catalog.catalog_file import Catalog
    from pipelines.catalog.spec import ModelSpec
    from pipelines.evaluation.spread import Spread


def spread_of(outcome: "Outcome", catalog: "Catalog") -> "Spread | None":
    """The spread over seeds; None if none was measured, or if an earlier release may have trained the version."""
    from pipelines.evaluation.spread import spread

    spec = catalog.get(outcome.model)
    if spec is None or outcome.version is None or outcome.reused:
        return None
    return spread(outcome.model, outcome.version.snapshot, spec.recipe)


def notes(outcomes: "Sequence[Outcome]", catalog: "Catalog") -> list[str]:
    """A sentence for each version with a measured spread."""
    spreads = [(outcome, spread_of(outcome, catalog)) for outcome in outcomes]
    return [_note(outcome, spread, catalog[outcome.model]) for outcome, spread in spreads if spread]


def _note(outcome: "Outcome", spread: "Spread", spec: "ModelSpec") -> str:
    from pipelines.kinds.known import find_kind

    version = outcome.version.version if outcome.version else ""
    figures = [
        f"{caption} {spread.figures[name][0]:.3f} ± {spread.figures[name][1]:.3f}{_here(outcome, name)}"
        for name, caption in find_kind(spec.kind).figures.items()
        if name in spread.figures
    ]
    seeds = f"mean ± standard deviation over {len(spread.seeds)} seeds: {', '.join(figures)}"
    return f"{outcome.model} {version}, trained with seed {spec.recipe.seed}; {seeds} (measured by {spread.command})"


def _here(outcome: "Outcome", name: str) -> str:
    measure = outcome.card and outcome.card.measure(f"test.{name}")
    return f" ({measure.value:.3f} here)" if measure else ""

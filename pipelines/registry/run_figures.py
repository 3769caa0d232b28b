"""Figures and parameters of a training, as its MLflow run records them."""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from mlflow.entities import Metric, Param

from pipelines.catalog.spec import ModelSpec
from pipelines.kinds.kind import Kind

if TYPE_CHECKING:  # importing it loads the networks, which queries do not need
    from pipelines.training.challenger import Challenger


# MLflow draws the charts of names with a slash first, one section per prefix, then all others by name. So the most
# important figures are logged under a second name.
def summary_metrics(metrics: Iterable[Metric], kind: Kind) -> list[Metric]:
    """The most important of these metrics, under the names of MLflow's first section of charts."""
    score = kind.score[0]
    names = {f"test.{name}": f"summary/{name}" for name in kind.figures}
    names |= {f"{side}.{score}": f"summary/{side}_{score}" for side in ("champion", "validation")}
    names |= {"train.loss": "summary/train_loss"}
    return [
        Metric(names[metric.key], metric.value, metric.timestamp, metric.step)
        for metric in metrics
        if metric.key in names
    ]


def curves(challenger: "Challenger", figure: str) -> list[Metric]:
    """The curves of a training, its cost, and the figures of its compressed forms; `figure` is the kind's first."""
    loss = [
        Metric("train.loss", value, 0, step)
        for step, value in challenger.curve.loss[:: max(1, len(challenger.curve.loss) // 400)]
    ]
    score = [Metric(f"validation.{figure}", value, 0, step) for step, value in challenger.curve.score]
    cost = [Metric(name, value, 0, 0) for name, value in challenger.cost.figures().items()]
    compressed = [
        Metric(name, value, 0, 0) for form in challenger.compression for name, value in form.figures().items()
    ]
    perplexity = challenger.perplexity.figures() if challenger.perplexity else {}
    return [*loss, *score, *cost, *compressed, *(Metric(name, value, 0, 0) for name, value in perplexity.items())]


def parameters(spec: ModelSpec, challenger: "Challenger", feedback_rows: int) -> list[Param]:
    """The parameters of a training; `feedback_rows` is its number of rows from feedback."""
    recipe = {f"recipe.{name}": str(value) for name, value in spec.recipe.model_dump().items()}
    facts = {
        "rate": f"{challenger.curve.rate:g}",
        "learning_weights": str(challenger.parameters),
        "precision": challenger.precision,
        "base": spec.base_model,
        "kind": spec.kind,
        "language": spec.language,
        "source": spec.source.uri,
        "feedback": str(feedback_rows),
        "labels": json.dumps(spec.target.identity)[:6000],
        "rows": str(challenger.rows),
    }
    return [Param(name, value) for name, value in {**recipe, **facts}.items()]

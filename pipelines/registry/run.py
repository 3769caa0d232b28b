"""What a training leaves in MLflow: parameters, curves, cost, the data's digest, the packaged model and its weights."""

import json
import subprocess
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mlflow
import pandas as pd
from mlflow import MlflowClient
from mlflow.data.pandas_dataset import from_pandas
from mlflow.entities import Metric, Param
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, Schema

from pipelines.catalog import ModelSpec
from pipelines.ingestion.snapshot import Snapshot, read

if TYPE_CHECKING:  # it brings the networks: who only asks the registry need not wait for them
    from pipelines.training.challenger import Challenger

PIPELINES = Path(__file__).parents[1]
REQUIREMENTS = ("onnxruntime", "tokenizers", "numpy", "pandas", "phonenumbers", "python-stdnum")
SIGNATURE = ModelSignature(
    inputs=Schema([ColSpec("string", "text")]),
    outputs=Schema([ColSpec("string", "label"), ColSpec("double", "score")]),
)


def logged(experiment: str, challenger: "Challenger", spec: ModelSpec, snapshot: Snapshot) -> tuple[Any, Any]:
    """A run of an experiment, ended, and the model that was logged in it."""
    with warnings.catch_warnings(), _run(experiment, spec, snapshot, challenger) as run:
        info = mlflow.pyfunc.log_model(
            name=spec.name,
            python_model=str(PIPELINES / "inference" / "pyfunc.py"),
            artifacts={"package": str(challenger.package)},
            code_paths=[str(PIPELINES)],
            signature=SIGNATURE,
            input_example=pd.DataFrame({"text": ["Where is my bag?"]}),
            pip_requirements=_pinned(),
        )
        mlflow.log_artifacts(str(challenger.weights), "weights")
        mlflow.log_artifact(str(challenger.picture))
    return run, info


@contextmanager
def _run(experiment: str, spec: ModelSpec, snapshot: Snapshot, challenger: "Challenger") -> Iterator[Any]:
    client = MlflowClient()
    with mlflow.start_run(experiment_id=experiment, tags=_revision()) as run:
        # MLflow has two names for one kind of path and warns that it took the first.
        warnings.filterwarnings("ignore", "The specified dataset source can be interpreted")
        rows = read(snapshot)
        source = from_pandas(rows, source=snapshot.uri, name=f"{spec.name}-train", digest=snapshot.digest[:32])
        mlflow.log_input(source, "training")
        told = int(((rows["origin"] == "feedback") & ~rows["validation"]).sum())
        client.log_batch(run.info.run_id, _curves(challenger), parameters(spec, challenger, told))
        if challenger.compression:
            table = pd.DataFrame([form.row() for form in challenger.compression])
            client.log_table(run.info.run_id, table, "compression.json")
        yield run


def _curves(challenger: "Challenger") -> list[Metric]:
    loss = [
        Metric("train.loss", value, 0, step)
        for step, value in challenger.curve.loss[:: max(1, len(challenger.curve.loss) // 400)]
    ]
    score = [Metric("validation.macro_f1", value, 0, step) for step, value in challenger.curve.score]
    cost = [Metric(name, value, 0, 0) for name, value in challenger.cost.figures().items()]
    small = [Metric(name, value, 0, 0) for form in challenger.compression for name, value in form.figures().items()]
    read = challenger.perplexity.figures() if challenger.perplexity else {}
    return [*loss, *score, *cost, *small, *(Metric(name, value, 0, 0) for name, value in read.items())]


def parameters(spec: ModelSpec, challenger: "Challenger", told: int) -> list[Param]:
    """What it learnt from and how; `told` is the number of rows that people said."""
    recipe = {f"recipe.{name}": str(value) for name, value in spec.recipe.model_dump().items()}
    plain = {
        "rate": f"{challenger.curve.rate:g}",
        "learning_weights": str(challenger.parameters),
        "precision": challenger.precision,
        "base": spec.base,
        "kind": spec.kind,
        "language": spec.language,
        "source": spec.source.uri,
        "feedback": str(told),
        "labels": json.dumps(spec.labels)[:6000],
        "rows": str(challenger.rows),
    }
    return [Param(name, value) for name, value in {**recipe, **plain}.items()]


def _pinned() -> list[str]:
    return [f"{package}=={version(package)}" for package in REQUIREMENTS]


def _revision() -> dict[str, str]:
    """The git commit of the code that trained, where there is one."""
    found = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=PIPELINES.parent, capture_output=True, text=True, check=False
    )
    return {"mlflow.source.git.commit": found.stdout.strip()} if found.returncode == 0 else {}

"""What a training leaves in MLflow: parameters, curves, cost, the data's digest, the packaged model and its weights."""

import json
import os
import subprocess
import time
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import TYPE_CHECKING, Any

import mlflow
import pandas as pd
from mlflow import MlflowClient
from mlflow.data.pandas_dataset import from_pandas
from mlflow.entities import Metric, Param
from mlflow.models import ModelSignature
from mlflow.tracking.context.registry import resolve_tags
from mlflow.types import ColSpec, Schema

from pipelines.catalog.spec import ModelSpec
from pipelines.ingestion.snapshot import Snapshot, read
from pipelines.kinds.kind import Kind
from pipelines.kinds.known import find
from pipelines.registry.inference_code import inference_code

if TYPE_CHECKING:  # it brings the networks: who only asks the registry need not wait for them
    from pipelines.training.challenger import Challenger

_ADDRESS = Lock()
PIPELINES = Path(__file__).parents[1]
PYFUNC = PIPELINES / "inference" / "pyfunc.py"
REQUIREMENTS = ("onnxruntime", "tokenizers", "numpy", "pandas", "phonenumbers", "python-stdnum", "pydantic")
SIGNATURE = ModelSignature(
    inputs=Schema([ColSpec("string", "text")]),
    outputs=Schema([ColSpec("string", "label"), ColSpec("double", "score")]),
)


# MLflow draws the charts of names with a slash first, one section for what stands before it, then all others by their
# names. So the figures that people look for are logged under a second name.
def summary(metrics: Iterable[Metric], kind: Kind) -> list[Metric]:
    """Of these metrics, those that people look for, under the names by which MLflow draws them first."""
    score = kind.score[0]
    names = {f"test.{name}": f"summary/{name}" for name in kind.figures}
    names |= {f"{who}.{score}": f"summary/{who}_{score}" for who in ("champion", "validation")}
    names |= {"train.loss": "summary/train_loss"}
    return [Metric(names[one.key], one.value, one.timestamp, one.step) for one in metrics if one.key in names]


def logged(
    client: MlflowClient, experiment: str, challenger: "Challenger", spec: ModelSpec, snapshot: Snapshot, cause: str
) -> tuple[Any, Any]:
    """A run of an experiment, ended, and the model that was logged in it; `cause` is train or retrain."""
    with (
        warnings.catch_warnings(),
        _run(client, experiment, spec, snapshot, challenger, cause) as run,
        TemporaryDirectory(dir=challenger.folder) as folder,
    ):
        info = mlflow.pyfunc.log_model(
            name=spec.name,
            python_model=str(PYFUNC),
            artifacts={"package": str(challenger.package)},
            code_paths=[str(inference_code(PYFUNC, Path(folder), find(spec.kind).read_by))],
            signature=SIGNATURE,
            input_example=pd.DataFrame({"text": ["Where is my bag?"]}),
            pip_requirements=_pinned(),
        )
        mlflow.log_artifacts(str(challenger.weights), "weights")
        mlflow.log_artifact(str(challenger.picture))
    return run, info


@contextmanager
def addressed(uri: str) -> Iterator[None]:
    """Within, MLflow's own functions log where our client does: their address belongs to the whole process.

    Then the environment alone says it again, as before. One at a time.
    """
    with _ADDRESS:
        before = os.environ.get("MLFLOW_TRACKING_URI")
        mlflow.set_tracking_uri(uri)
        try:
            yield
        finally:
            mlflow.set_tracking_uri(None)  # type: ignore[arg-type]  # it takes this, and forgets the address
            if before is not None:
                os.environ["MLFLOW_TRACKING_URI"] = before


@contextmanager
def _run(
    client: MlflowClient, experiment: str, spec: ModelSpec, snapshot: Snapshot, challenger: "Challenger", cause: str
) -> Iterator[Any]:
    tags = resolve_tags({"model": spec.name, "cause": cause, **_revision()})
    # Opened after learning, so that a killed training leaves none; it began when learning did.
    began = int((time.time() - challenger.cost.seconds) * 1000)
    created = client.create_run(experiment, began, tags, f"{spec.name} ({cause})")
    with mlflow.start_run(run_id=created.info.run_id) as run:
        # MLflow has two names for one kind of path and warns that it took the first.
        warnings.filterwarnings("ignore", "The specified dataset source can be interpreted")
        rows = read(snapshot)
        source = from_pandas(rows, source=snapshot.uri, name=f"{spec.name}-train", digest=snapshot.digest[:32])
        mlflow.log_input(source, "training")
        told = int(((rows["origin"] == "feedback") & ~rows["validation"]).sum())
        curves = _curves(challenger, find(spec.kind).score[0])
        client.log_batch(run.info.run_id, curves, parameters(spec, challenger, told))
        client.log_batch(run.info.run_id, summary(curves, find(spec.kind)))
        if challenger.compression:
            table = pd.DataFrame([form.row() for form in challenger.compression])
            client.log_table(run.info.run_id, table, "compression.json")
        yield run


def _curves(challenger: "Challenger", figure: str) -> list[Metric]:
    loss = [
        Metric("train.loss", value, 0, step)
        for step, value in challenger.curve.loss[:: max(1, len(challenger.curve.loss) // 400)]
    ]
    score = [Metric(f"validation.{figure}", value, 0, step) for step, value in challenger.curve.score]
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
        "labels": json.dumps(spec.target.identity)[:6000],
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

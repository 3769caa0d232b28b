"""The MLflow run of a training, with its data digest, packaged model and weights."""

import os
import subprocess
import time
import warnings
from collections.abc import Iterator
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
from mlflow.models import ModelSignature
from mlflow.tracking.context.registry import resolve_tags
from mlflow.types import ColSpec, Schema

from pipelines.catalog.spec import ModelSpec
from pipelines.ingestion.snapshot import Snapshot, read
from pipelines.kinds.known import find_kind
from pipelines.registry.inference_code import inference_code
from pipelines.registry.run_figures import curves, parameters, summary_metrics

if TYPE_CHECKING:  # importing it loads the networks, which queries do not need
    from pipelines.training.challenger import Challenger

_ADDRESS = Lock()
PIPELINES = Path(__file__).parents[1]
PYFUNC = PIPELINES / "inference" / "pyfunc.py"
REQUIREMENTS = ("onnxruntime", "tokenizers", "numpy", "pandas", "phonenumbers", "python-stdnum", "pydantic")
SIGNATURE = ModelSignature(
    inputs=Schema([ColSpec("string", "text")]),
    outputs=Schema([ColSpec("string", "label"), ColSpec("double", "score")]),
)


def log_training_run(
    client: MlflowClient, experiment: str, challenger: "Challenger", spec: ModelSpec, snapshot: Snapshot, cause: str
) -> tuple[Any, Any]:
    """Log an ended run of an experiment and its model; `cause` is train or retrain. Returns run and model info."""
    with (
        warnings.catch_warnings(),
        _run(client, experiment, spec, snapshot, challenger, cause) as run,
        TemporaryDirectory(dir=challenger.folder) as folder,
    ):
        info = mlflow.pyfunc.log_model(
            name=spec.name,
            python_model=str(PYFUNC),
            artifacts={"package": str(challenger.package)},
            code_paths=[str(inference_code(PYFUNC, Path(folder), find_kind(spec.kind).reader_modules))],
            signature=SIGNATURE,
            input_example=pd.DataFrame({"text": ["Where is my bag?"]}),
            pip_requirements=_pinned_requirements(),
        )
        mlflow.log_artifacts(str(challenger.weights), "weights")
        mlflow.log_artifact(str(challenger.picture))
    return run, info


@contextmanager
def use_tracking_uri(uri: str) -> Iterator[None]:
    """Set MLflow's process-wide tracking address inside the context; one context at a time.

    Afterwards the environment variable alone sets it again, as before.
    """
    with _ADDRESS:
        previous = os.environ.get("MLFLOW_TRACKING_URI")
        mlflow.set_tracking_uri(uri)
        try:
            yield
        finally:
            mlflow.set_tracking_uri(None)  # type: ignore[arg-type]  # accepted: clears the address
            if previous is not None:
                os.environ["MLFLOW_TRACKING_URI"] = previous


@contextmanager
def _run(
    client: MlflowClient, experiment: str, spec: ModelSpec, snapshot: Snapshot, challenger: "Challenger", cause: str
) -> Iterator[Any]:
    tags = resolve_tags({"model": spec.name, "cause": cause, **_revision()})
    # Created after the training, so that a killed training leaves none; backdated to its start.
    start_time = int((time.time() - challenger.cost.seconds) * 1000)
    created = client.create_run(experiment, start_time, tags, f"{spec.name} ({cause})")
    with mlflow.start_run(run_id=created.info.run_id) as run:
        # MLflow has two names for one kind of path and warns that it chose the first.
        warnings.filterwarnings("ignore", "The specified dataset source can be interpreted")
        rows = read(snapshot)
        source = from_pandas(rows, source=snapshot.uri, name=f"{spec.name}-train", digest=snapshot.digest[:32])
        mlflow.log_input(source, "training")
        feedback_rows = int(((rows["origin"] == "feedback") & ~rows["validation"]).sum())
        metrics = curves(challenger, find_kind(spec.kind).score[0])
        client.log_batch(run.info.run_id, metrics, parameters(spec, challenger, feedback_rows))
        client.log_batch(run.info.run_id, summary_metrics(metrics, find_kind(spec.kind)))
        if challenger.compression:
            table = pd.DataFrame([form.row() for form in challenger.compression])
            client.log_table(run.info.run_id, table, "compression.json")
        yield run


def _pinned_requirements() -> list[str]:
    return [f"{package}=={version(package)}" for package in REQUIREMENTS]


def _revision() -> dict[str, str]:
    """The git commit of the training code, if there is one."""
    result = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=PIPELINES.parent, capture_output=True, text=True, check=False
    )
    return {"mlflow.source.git.commit": result.stdout.strip()} if result.returncode == 0 else {}

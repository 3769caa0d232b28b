"""The task that searches for a better encoder and recipe, and records every trial and the choice."""

from prefect import task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE

from pipelines.catalog.spec import ModelSpec
from pipelines.ingestion.snapshot import Snapshot
from pipelines.tuning import tuning_record
from pipelines.tuning.search import study_name, tune
from pipelines.tuning.space import make_space
from pipelines.tuning.tuning_result import Plan, Tuning
from pipelines.workspace.workspace import Workspace
from tasks.progress import progress_display


@task(task_run_name="tune", cache_policy=NO_CACHE, timeout_seconds=24 * 3600)
def search(train: Snapshot, spec: ModelSpec, workspace: Workspace, plan: Plan) -> Tuning:
    """Tune on the training snapshot alone; publish a nested run per trial, a table, and the choice with its reason."""
    study = study_name(train, spec, make_space(spec, plan.bases))
    runs = tuning_record.TuningRuns(workspace.registry, spec, study)
    tuning = tune(train, spec, plan, workspace.files.trials, progress_display, runs.log)
    runs.close(tuning)
    tuning_record.write(tuning, workspace.files.tunings)
    about = f"Tuning of {spec.name}, {len(tuning.trials)} trials: {tuning.choice.reason}"
    create_table_artifact(key=f"tuning-{spec.name}", table=tuning_record.rows(tuning), description=about)
    return tuning

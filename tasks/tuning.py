"""Search for a better backbone and recipe, and record every trial and the choice."""

from prefect import task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE

from pipelines.catalog.spec import ModelSpec
from pipelines.home.workspace import Workspace
from pipelines.ingestion.snapshot import Snapshot
from pipelines.tuning import tuning_record
from pipelines.tuning.search import Plan, Tuning, study_of, tune
from pipelines.tuning.space import space_of
from tasks.progress import watched


@task(task_run_name="tune", cache_policy=NO_CACHE, timeout_seconds=24 * 3600)
def search(train: Snapshot, spec: ModelSpec, workspace: Workspace, plan: Plan) -> Tuning:
    """Tune on the training snapshot alone; publish a nested run per trial, a table, and the choice with its reason."""
    study = study_of(train, spec, space_of(spec, plan.bases))
    runs = tuning_record.Runs(workspace.registry, spec, study)
    tuning = tune(train, spec, plan, workspace.files.trials, watched, runs.log)
    runs.close(tuning)
    tuning_record.write(tuning, workspace.files.tunings)
    about = f"Tuning of {spec.name}, {len(tuning.trials)} trials: {tuning.choice.reason}"
    create_table_artifact(key=f"tuning-{spec.name}", table=tuning_record.rows(tuning), description=about)
    return tuning

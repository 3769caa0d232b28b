"""Collect what there is to learn from the feedback store, without whoever makes a data check fail."""

import logging
from dataclasses import dataclass

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from expectations.prior import prior_file
from expectations.validation import InvalidData
from pipelines.catalog.spec import ModelSpec
from pipelines.home.workspace import Workspace
from pipelines.ingestion.corpus import Corpus
from pipelines.store.labelled_feedback import LabelledText
from pipelines.store.senders import Sent
from pipelines.store.votes import Sender
from tasks.retrying import is_transient

log = logging.getLogger(__name__)

NAMED = 5  # senders in an error


@dataclass(frozen=True)
class Lessons:
    """All feedback that teaches a label, how much of it is new, the id of the last row, and texts with tied votes."""

    rows: tuple[LabelledText, ...]
    new: int
    last: int
    ties: int = 0


@task(
    task_run_name="collect feedback",
    cache_policy=NO_CACHE,
    retries=3,
    retry_delay_seconds=[2, 10, 60],
    retry_condition_fn=is_transient,
    timeout_seconds=600,
)
def collect(spec: ModelSpec, workspace: Workspace, after: int, without: Sender | None = None) -> Lessons:
    """Every lesson of the store; `after` is the last feedback row that a version has already seen."""
    store = workspace.store
    vocabulary = store.vocabulary(spec.name, spec.target)
    rows = tuple(store.learnable(spec.name, vocabulary, without))
    new, last = sum(one.feedback > after for one in rows), max((one.feedback for one in rows), default=0)
    return Lessons(rows, new, last, store.ties(spec.name, vocabulary, without))


@task(cache_policy=NO_CACHE, timeout_seconds=3600)
def blame(corpus: Corpus, spec: ModelSpec, workspace: Workspace, invalid: InvalidData) -> Sent:
    """The sender whose feedback makes the check fail; raises InvalidData, with the senders named, where none does."""
    from expectations.culprit import culprit

    store = workspace.store
    vocabulary = store.vocabulary(spec.name, spec.target)
    senders = store.labels().senders(spec.name, vocabulary)

    def without(sent: Sent) -> dict[str, str]:
        return {one.key: one.label for one in store.learnable(spec.name, vocabulary, sent.sender)}

    if found := culprit(corpus, senders, without, spec, workspace):
        return found
    named = "\n".join(f"- {one.rows} rows of {one}: {_listing(one, spec)}" for one in senders[:NAMED])
    raise InvalidData(
        f"{invalid}\nNo single sender's feedback explains it. It came from:\n{named or '- nobody'}"
    ) from invalid


@task(cache_policy=NO_CACHE, timeout_seconds=600)
def set_aside(sent: Sent, spec: ModelSpec, workspace: Workspace, invalid: InvalidData) -> str:
    """Set a sender's rows aside until a person restores them, and tell so; the sentence that tells it."""
    failed = " ".join(str(invalid).splitlines()[1:-1])  # each expectation, between the count and the page
    labels = workspace.store.labels()
    rows = labels.set_sender_aside(spec.name, sent.sender, f"{sent}: a data check failed with them: {failed}")
    told = (
        f"set aside {rows} feedback rows of {sent}, with which a data check fails: see `{_listing(sent, spec)} "
        f"--set-aside`; if they are wrong: `{_command('undo', sent, spec)}`; if they are right: "
        f"`{_command('restore', sent, spec)}`, and delete {prior_file(spec, workspace.home)}"
    )
    log.warning("%s: %s; %s", spec.name, told, failed)
    create_markdown_artifact(
        key=f"set-aside-{spec.name}", markdown=f"{told}\n\n{failed}", description="Feedback set aside"
    )
    return told


def _listing(sent: Sent, spec: ModelSpec) -> str:
    return _command("list", sent, spec)


def _command(verb: str, sent: Sent, spec: ModelSpec) -> str:
    return f"needloop labels {verb} --model {spec.name} {sent.options}"

"""Tasks that collect labelled feedback and set a sender aside whose rows make a data check fail."""

import logging
from dataclasses import dataclass

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from expectations.prior import prior_file
from expectations.validation import InvalidData
from pipelines.catalog.spec import ModelSpec
from pipelines.ingestion.corpus import Corpus
from pipelines.store.labelled_feedback import LabelledText
from pipelines.store.senders import SenderRows
from pipelines.store.votes import Sender
from pipelines.workspace.workspace import Workspace
from tasks.retrying import is_transient

log = logging.getLogger(__name__)

NAMED = 5  # senders that an error lists


@dataclass(frozen=True)
class LabelledFeedback:
    """All labelled feedback of a model: rows, number of new rows, last row's id, number of texts with tied votes."""

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
def collect(spec: ModelSpec, workspace: Workspace, after: int, without: Sender | None = None) -> LabelledFeedback:
    """Collect the labelled feedback of a model; `after` is the last feedback row that a version has already seen."""
    store = workspace.store
    vocabulary = store.vocabulary(spec.name, spec.target)
    rows = tuple(store.labelled_texts(spec.name, vocabulary, without))
    new, last = sum(row.feedback > after for row in rows), max((row.feedback for row in rows), default=0)
    return LabelledFeedback(rows, new, last, store.ties(spec.name, vocabulary, without))


@task(cache_policy=NO_CACHE, timeout_seconds=3600)
def blame(corpus: Corpus, spec: ModelSpec, workspace: Workspace, invalid: InvalidData) -> SenderRows:
    """The sender whose feedback makes the check fail; raises InvalidData with a list of senders if no one does."""
    from expectations.culprit import find_sender

    store = workspace.store
    vocabulary = store.vocabulary(spec.name, spec.target)
    senders = store.feedback_cleanup().senders(spec.name, vocabulary)

    def without(sent: SenderRows) -> dict[str, str]:
        return {row.key: row.label for row in store.labelled_texts(spec.name, vocabulary, sent.sender)}

    if sender := find_sender(corpus, senders, without, spec, workspace):
        return sender
    listing = "\n".join(f"- {sender.rows} rows of {sender}: {_listing(sender, spec)}" for sender in senders[:NAMED])
    raise InvalidData(
        f"{invalid}\nNo single sender's feedback explains it. It came from:\n{listing or '- nobody'}"
    ) from invalid


@task(cache_policy=NO_CACHE, timeout_seconds=600)
def set_aside(sent: SenderRows, spec: ModelSpec, workspace: Workspace, invalid: InvalidData) -> str:
    """Set a sender's rows aside until a person restores them; log, publish and return the sentence about it."""
    failed = " ".join(
        str(invalid).splitlines()[1:-1]
    )  # the failed expectations, without the lines of the count and the page
    labels = workspace.store.feedback_cleanup()
    rows = labels.set_sender_aside(spec.name, sent.sender, f"{sent}: a data check failed with them: {failed}")
    sentence = (
        f"set aside {rows} feedback rows of {sent}, with which a data check fails: see `{_listing(sent, spec)} "
        f"--set-aside`; if they are wrong: `{_command('undo', sent, spec)}`; if they are right: "
        f"`{_command('restore', sent, spec)}`, and delete {prior_file(spec, workspace.home)}"
    )
    log.warning("%s: %s; %s", spec.name, sentence, failed)
    create_markdown_artifact(
        key=f"set-aside-{spec.name}", markdown=f"{sentence}\n\n{failed}", description="Feedback set aside"
    )
    return sentence


def _listing(sent: SenderRows, spec: ModelSpec) -> str:
    return _command("list", sent, spec)


def _command(verb: str, sent: SenderRows, spec: ModelSpec) -> str:
    return f"needloop labels {verb} --model {spec.name} {sent.options}"

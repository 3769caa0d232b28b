"""Data checks over feedback: a sender whose rows make a check fail is set aside, the other rows are learnt."""

from dataclasses import dataclass

from expectations.validation import InvalidData
from pipelines.catalog.spec import ModelSpec
from pipelines.ingestion.corpus import Corpus
from pipelines.workspace.workspace import Workspace
from tasks.feedback import LabelledFeedback, blame, collect, set_aside
from tasks.ingestion import ingest
from tasks.validation import validate


@dataclass(frozen=True)
class CheckedFeedback:
    """A valid corpus, its labelled feedback, and a sentence about feedback that was set aside, if any."""

    corpus: Corpus
    labelled: LabelledFeedback
    set_aside: str = ""


def check_feedback(spec: ModelSpec, workspace: Workspace, labelled: LabelledFeedback, learnt: int) -> CheckedFeedback:
    """Read the source with this feedback, and check it; raises InvalidData if no single sender explains a failure.

    A sender is set aside only after the other rows have passed. `learnt` is the last feedback row of any version.
    """
    corpus = ingest(spec, workspace, labelled.rows)
    if not corpus.report.learnt_feedback:
        return CheckedFeedback(corpus, labelled)
    try:
        validate(corpus, spec, workspace)
    except InvalidData as invalid:
        sender = blame(corpus, spec, workspace, invalid)
        others = collect(spec, workspace, learnt, sender.sender)
        corpus = ingest(spec, workspace, others.rows)
        validate(corpus, spec, workspace)
        return CheckedFeedback(corpus, others, set_aside(sender, spec, workspace, invalid))
    return CheckedFeedback(corpus, labelled)

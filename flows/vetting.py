"""The data checks over feedback: a sender whose rows make one fail is set aside, and the rest is learnt from."""

from dataclasses import dataclass

from expectations.validation import InvalidData
from pipelines.catalog.spec import ModelSpec
from pipelines.home.workspace import Workspace
from pipelines.ingestion.corpus import Corpus
from tasks.feedback import Lessons, blame, collect, set_aside
from tasks.ingestion import ingest
from tasks.validation import validate


@dataclass(frozen=True)
class Vetted:
    """A corpus that passed, the lessons in it, and a sentence on whose feedback was set aside for that, if any."""

    corpus: Corpus
    lessons: Lessons
    set_aside: str = ""


def vetted(spec: ModelSpec, workspace: Workspace, lessons: Lessons, learnt: int) -> Vetted:
    """Read the source with these lessons, and check it; raises InvalidData where no single sender explains a failure.

    Nobody is set aside before the rest has passed. `learnt` is the last feedback row that a version has seen.
    """
    corpus = ingest(spec, workspace, lessons.rows)
    if not corpus.report.learnt_feedback:
        return Vetted(corpus, lessons)
    try:
        validate(corpus, spec, workspace)
    except InvalidData as invalid:
        sent = blame(corpus, spec, workspace, invalid)
        rest = collect(spec, workspace, learnt, sent.sender)
        corpus = ingest(spec, workspace, rest.rows)
        validate(corpus, spec, workspace)
        return Vetted(corpus, rest, set_aside(sent, spec, workspace, invalid))
    return Vetted(corpus, lessons)

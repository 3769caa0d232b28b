"""Whose feedback makes a data check fail: the check is repeated without the rows of one sender after another."""

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from expectations import docs, prior
from expectations.evidence import evidence, label_shares
from expectations.labelled_text import labelled_text
from pipelines.catalog.spec import ModelSpec
from pipelines.home.workspace import Workspace
from pipelines.ingestion.corpus import Corpus
from pipelines.ingestion.leakage_filter import FEEDBACK
from pipelines.ingestion.snapshot import read
from pipelines.kinds.known import find
from pipelines.store.senders import Sent, by_key

# Customers and keys that are tried, those with most rows first: a check takes about half a second.
TRIED = 50

Labels = Mapping[str, str]  # by the key of a text


def culprit(
    corpus: Corpus, senders: Sequence[Sent], without: Callable[[Sent], Labels], spec: ModelSpec, workspace: Workspace
) -> Sent | None:
    """The sender without whose rows the corpus passes; None where feedback is not the cause, or no single sender is.

    Customers are tried before whole keys, so that as little as possible is lost. Of several, the one whose rows take
    the label shares farthest from the champion's, then the one with most rows. `without` gives the labels of what
    is taught when a sender's rows are left out. What reviewers decided is never left out.
    """
    train, test = read(corpus.train), read(corpus.test)
    known = prior.recall(spec, workspace.home)
    suite = labelled_text(spec, known)

    def passes(rows: pd.DataFrame) -> bool:
        return not docs.failures(evidence(rows, test, spec, known), suite)

    if not passes(train[train["origin"] != FEEDBACK]):
        return None
    for tried in ([sent for sent in senders if not sent.review], by_key(senders)):
        left = [(sent, _left(train, without(sent))) for sent in tried[:TRIED]]
        explaining = [(sent, rows) for sent, rows in left if _differ(rows, train) and passes(rows)]
        if explaining:
            return min(explaining, key=lambda pair: (_shift(pair[1], known, spec), -pair[0].rows))[0]
    return None


def _left(train: pd.DataFrame, labels: Labels) -> pd.DataFrame:
    """The source's rows, and those of feedback that are still taught, by the label they have then."""
    taught = train["origin"] == FEEDBACK
    rows = train[~taught | train["key"].isin(labels.keys())]
    again = rows["key"].map(labels).where(rows["origin"] == FEEDBACK)
    return rows.assign(label=again.fillna(rows["label"]))


def _differ(rows: pd.DataFrame, train: pd.DataFrame) -> bool:
    return len(rows) != len(train) or rows["label"].tolist() != train["label"].tolist()


def _shift(rows: pd.DataFrame, known: Mapping[str, float] | None, spec: ModelSpec) -> float:
    """The divergence of the label shares from the champion's; 0 where those are not known."""
    return find(spec.kind).suite.shift(label_shares(rows, spec), known) if known else 0.0

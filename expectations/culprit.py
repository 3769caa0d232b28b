"""Search for the sender whose feedback makes a data check fail, by leaving out one sender after another."""

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from expectations import docs, prior
from expectations.evidence import evidence, label_shares
from expectations.labelled_text import labelled_text
from pipelines.catalog.spec import ModelSpec
from pipelines.ingestion.corpus import Corpus
from pipelines.ingestion.leakage_filter import FEEDBACK
from pipelines.ingestion.snapshot import read
from pipelines.kinds.known import find_kind
from pipelines.store.senders import SenderRows, by_key
from pipelines.workspace.workspace import Workspace

# Number of customers, and of keys, that are left out in turn, those with most rows first: a check takes half a second.
MAX_TRIED = 50

Labels = Mapping[str, str]  # by the key of a text


def find_sender(
    corpus: Corpus,
    senders: Sequence[SenderRows],
    without: Callable[[SenderRows], Labels],
    spec: ModelSpec,
    workspace: Workspace,
) -> SenderRows | None:
    """The sender without whose rows the corpus passes; None if feedback is not the cause, or no single sender is.

    Customers are tried before whole keys, so that few rows are lost. If several explain the failure, the result is the
    one whose removal brings the label shares nearest to the champion's, then the one with most rows. `without` returns
    the labels that remain when a sender's rows are left out. Rows of reviewers are never left out.
    """
    train, test = read(corpus.train), read(corpus.test)
    known = prior.read_shares(spec, workspace.home)
    suite = labelled_text(spec, known)

    def passes(rows: pd.DataFrame) -> bool:
        return not docs.failed_expectations(evidence(rows, test, spec, known), suite)

    if not passes(train[train["origin"] != FEEDBACK]):
        return None
    for group in ([sender for sender in senders if not sender.review], by_key(senders)):
        remaining = [(sender, _without_sender(train, without(sender))) for sender in group[:MAX_TRIED]]
        explaining = [(sender, rows) for sender, rows in remaining if _differ(rows, train) and passes(rows)]
        if explaining:
            return min(explaining, key=lambda pair: (_shift(pair[1], known, spec), -pair[0].rows))[0]
    return None


def _without_sender(train: pd.DataFrame, labels: Labels) -> pd.DataFrame:
    """The source's rows, and the feedback rows that remain, with the labels that they then have."""
    is_feedback = train["origin"] == FEEDBACK
    rows = train[~is_feedback | train["key"].isin(labels.keys())]
    relabelled = rows["key"].map(labels).where(rows["origin"] == FEEDBACK)
    return rows.assign(label=relabelled.fillna(rows["label"]))


def _differ(rows: pd.DataFrame, train: pd.DataFrame) -> bool:
    return len(rows) != len(train) or rows["label"].tolist() != train["label"].tolist()


def _shift(rows: pd.DataFrame, known: Mapping[str, float] | None, spec: ModelSpec) -> float:
    """The divergence of the label shares from the champion's; 0 if those are not known."""
    return find_kind(spec.kind).suite.shift(label_shares(rows, spec), known) if known else 0.0

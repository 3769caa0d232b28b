"""Whether data and labels can be believed, as measures: texts that leaked, and labels that look like errors."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from pipelines.evaluation.behaviour.cases import sample
from pipelines.evaluation.case import CHALLENGER, Case
from pipelines.evaluation.leakage import leaks, none_leaked
from pipelines.evaluation.measure import Attachment, Measure, unshown
from pipelines.ingestion.leakage_filter import SOURCE
from pipelines.kinds.classification.evaluation import label_errors
from pipelines.kinds.labelled.label_probabilities import chances

CROSSED = 3000  # train rows whose labels are doubted: five fits of TF-IDF on them take seconds


@dataclass(frozen=True)
class Doubts:
    """What may be wrong with the data: train texts that are nearly test texts, and labels that look like errors."""

    leaks: int
    suspects: int


def doubts(case: Case) -> Iterator[Measure | Attachment]:
    """Of the snapshots as they were written."""
    found = Doubts(leaks(case.train["text"].tolist(), case.test["text"].tolist()), len(case.shared(suspects)))
    yield Attachment("doubts", found)
    yield from dispelled(found)


def dispelled(found: Doubts | None) -> Iterator[Measure]:
    """No train text may be nearly a test text; suspects inform."""
    if found is None:
        yield unshown("doubts.leaks", "a split without leaks")
        return
    yield none_leaked(found.leaks)
    yield Measure("doubts.suspects", found.suspects)


def suspects(case: Case) -> pd.DataFrame:
    """Test labels by the challenger, which never saw them, and train labels by what was learnt from the others.

    A row for each that looks like an error (split, text, label, answer).
    """
    own = sample(case.train[case.train["origin"] == SOURCE], CROSSED)
    crossed = label_errors.out_of_sample(own["text"].tolist(), own["label"].tolist())
    found = []
    for split, rows, said in (("test", case.test, chances(case.answers[CHALLENGER])), ("train", own, crossed)):
        places = label_errors.suspects(rows["label"].tolist(), said)
        chosen = rows.iloc[places][["text", "label"]]
        found.append(chosen.assign(split=split, answer=[said.likeliest[place] for place in places]))
    return pd.concat(found, ignore_index=True)[["split", "text", "label", "answer"]]

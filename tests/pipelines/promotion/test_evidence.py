"""The evidence of a decision is stored whole, read by a single reader, and reported when it is missing."""

from pathlib import Path

import pandas as pd
import pytest

from pipelines.catalog.gate import Gate
from pipelines.evaluation.recent_feedback import texts_and_labels
from pipelines.ingestion import snapshot
from pipelines.promotion.evidence import (
    TamperedEvidence,
    answers,
    save_evidence,
    scorecard_in,
    tampered_files,
    texts,
)
from pipelines.store.labelled_feedback import LabelledText
from tests.pipelines.promotion.evidence import card, measured

CARD = measured(*card(), Gate(min_macro_f1=0.8, min_accuracy=0.8, margin=0.02, min_gain_over_baseline=0.05))
ANSWERS = pd.DataFrame({"key": ["1"], "label": ["a"], "challenger": ["b"]})
HELD_OUT = pd.DataFrame({"key": ["1"], "text": ["a held-out text"], "label": ["a"]})
RECENT = texts_and_labels([LabelledText("2", "a recent text", "b", 17, "c" * 64)])


@pytest.fixture
def evidence(tmp_path):
    test = snapshot.write(HELD_OUT, f"{tmp_path}/snapshots")
    return save_evidence(CARD, (ANSWERS, RECENT), (test,), f"{tmp_path}/evidence")


def test_recent_texts_are_kept_without_who_wrote_them(evidence):
    tables = [pd.read_parquet(uri) for uri in evidence if uri.endswith(".parquet")]
    (recent,) = (table for table in tables if "feedback" in table)
    row = {"key": "2", "text": "a recent text", "label": "b", "feedback": 17}
    assert recent.to_dict("records") == [row]


@pytest.mark.parametrize("order", [sorted, lambda files: sorted(files, reverse=True)], ids=["forwards", "backwards"])
def test_in_whatever_order_files_are_named_each_is_found(evidence, order):
    named = {uri: evidence[uri] for uri in order(evidence)}
    assert [row["text"] for row in texts(named)] == ["a held-out text"]
    assert [row["challenger"] for row in answers(named)] == ["b"]
    assert scorecard_in(named).rows == 1000


def test_a_scorecard_is_read_as_it_was_kept(evidence):
    found = scorecard_in(evidence)
    assert found.document() == CARD.document()
    assert [measure.reason for measure in found.measures] == [measure.reason for measure in CARD.measures]
    assert found.attachments == CARD.attachments


def test_whatever_is_altered_or_gone_is_named(evidence):
    altered, gone, *whole = evidence
    Path(altered).write_text("{}")
    Path(gone).unlink()
    assert tampered_files(evidence) == [f"{altered} was altered", f"{gone} is gone"]
    assert tampered_files({uri: evidence[uri] for uri in whole}) == []
    with pytest.raises(TamperedEvidence, match="was altered"):
        scorecard_in(evidence)

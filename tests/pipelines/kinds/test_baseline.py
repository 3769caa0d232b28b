"""Baselines by word counts, for each kind of model."""

import pytest

from pipelines.kinds.known import find_kind
from tests.conftest import small_rows
from tests.pipelines.kinds.multilabel import TARGET, needs

ONE = find_kind("classification").target.of_card({"labels": TARGET.labels})
BAGS, DELAYS = "my bag is lost and the suitcase is broken", "the flight is late and we sit on the tarmac"


@pytest.mark.parametrize(
    ("kind", "target", "rows"),
    [("classification", ONE, small_rows(200)), ("multilabel", TARGET, needs(300))],
    ids=["one label", "several"],
)
def test_a_change_is_sound_where_the_answer_stays_and_is_sure(kind, target, rows):
    texts, cells = zip(*rows, strict=True)
    before, after = [BAGS, BAGS, BAGS], [f"{BAGS} 7", DELAYS, "hm"]
    assert find_kind(kind).baseline.label_preserving(texts, cells, before, after, target).tolist() == [
        True,
        False,
        False,
    ]

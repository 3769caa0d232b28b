import pytest

from pipelines.kinds.classification.target import Labels
from pipelines.kinds.classification.wire import to_cell
from pipelines.kinds.wire import NamedLabels, UnfitLabel

TARGET = Labels(labels=("FindConnection", "delay"))


@pytest.mark.parametrize("written", ["FindConnection", "findconnection", "FINDCONNECTION\u200b", " FindConnection "])
def test_feedback_names_a_label_in_any_spelling(written):
    assert to_cell(NamedLabels(label=written, labels=None), TARGET) == "FindConnection"


def test_a_label_that_is_not_declared_is_refused():
    with pytest.raises(UnfitLabel, match="not a label of this model"):
        to_cell(NamedLabels(label="connection", labels=None), TARGET)

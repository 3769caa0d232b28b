from pipelines.kinds.classification.evaluation.label_comparison import compare_contestants
from pipelines.kinds.classification.evaluation.label_resamples import Resampled
from pipelines.statistics.significance import Pairs


def test_pairs_are_counted_in_all_and_by_the_label_a_text_carries():
    given = ["a", "a", "a", "b", "b", "b"]
    champion = ["a", "a", "b", "b", "a", "b"]
    challenger = ["a", "b", "a", "b", "b", "a"]
    found = compare_contestants(given, challenger, champion, Resampled(given, ("a", "b")))
    assert found.pairs == Pairs(gained=2, lost=2)
    assert found.labels == {"a": Pairs(1, 1), "b": Pairs(1, 1)}
    assert found.lost == (1, 5)
    assert found.macro_f1.value == 0

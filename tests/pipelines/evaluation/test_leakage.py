from pipelines.evaluation.leakage import count_leaks
from pipelines.ingestion.leakage_filter import Example, remove_leaks

TEST = ["my suitcase never came out in Boston last night", "why is flight 12 to Denver so late", "thank you"]
OWN = [f"a message about subject number {number} and nothing else {number * 7}" for number in range(30)]
NEAR = ["@united my suitcase never came out in Bostn last night", "Why is flight 12 to Denver SO late??", "Thank you!"]


def test_texts_that_are_nearly_held_out_are_counted():
    assert count_leaks(OWN, TEST) == 0
    assert count_leaks([*OWN, *NEAR], TEST) == 3
    assert count_leaks([NEAR[0], NEAR[0]], TEST) == 2


def test_what_the_sieve_left_leaks_nothing():
    train = [Example(str(place), text, "a", "source", 1.0) for place, text in enumerate([*OWN, *NEAR])]
    left = [one.text for one in remove_leaks(train, TEST).train]
    assert count_leaks(left, TEST) == 0 < count_leaks([one.text for one in train], TEST)
    assert left


def test_without_texts_nothing_leaks():
    assert count_leaks([], TEST) == count_leaks(OWN, []) == count_leaks([], []) == 0

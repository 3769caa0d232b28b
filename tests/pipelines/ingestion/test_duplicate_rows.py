import random

import numpy as np
import pytest

from pipelines.ingestion.buckets import LIMIT, bucket_pairs
from pipelines.ingestion.duplicate_rows import LEAKS, REPEATS, STAYS, approximate_fates, exact_fates
from pipelines.ingestion.text_column import text_column

LONG = "my bag has been in Denver since Tuesday and nobody at the counter answers the phone"
ALIKE = {
    "a slipped letter": (LONG, LONG.replace("nobody", "noboby")),
    "a slip in a short text": ("where is my bag", "whre is my bag"),
    "two letters swapped": ("great flight crew", "graet flight crew"),
    "one more word": (LONG, LONG + " please"),
}
APART = {
    "another mark out of ten": ("service was 1 of 10", "service was 9 of 10"),
    "another emoji": ("great job 👍", "great job 👎"),
    "another question": ("where is my bag", "where is my flight"),
    "another Chinese character": ("味道真的很好吃下次再来", "味道真的不好吃下次再来"),
    "one way to thank, more often": ("thank you", "thank you thank you thank you"),
}


def planted(messages, count):
    """Messages, and a changed copy of every third: a letter left out, a word more, or nothing but marks."""
    chance = random.Random(5)
    texts = [text for text, _ in messages(count)]
    copies = []
    for text in texts[::3]:
        place = chance.randrange(len(text))
        copies.append(chance.choice([text[:place] + text[place + 1 :], f"{text} please", f"{text.upper()}!"]))
    return [*texts, *copies]


@pytest.mark.parametrize(("one", "other"), ALIKE.values(), ids=ALIKE)
def test_minhash_recognises_a_text_after_a_small_change(one, other):
    assert approximate_fates([one], [other], ["a"]).tolist() == [LEAKS]
    assert approximate_fates([], [one, other], ["a", "a"]).tolist() == [STAYS, REPEATS]


@pytest.mark.parametrize(("one", "other"), APART.values(), ids=APART)
def test_minhash_keeps_similar_messages_apart(one, other):
    assert approximate_fates([one], [other], ["a"]).tolist() == [STAYS]


def test_minhash_leaves_what_comparing_all_leaves(messages):
    texts = planted(messages, 3000)
    labels = [str(number % 3) for number in range(3000)]
    labels += labels[::3]
    exact, approximate = (decide(texts[:500], texts[500:], labels[500:]) for decide in (exact_fates, approximate_fates))
    assert not np.any((exact == STAYS) & (approximate != STAYS))
    assert np.sum((exact != STAYS) & (approximate != STAYS)) >= 0.98 * np.sum(exact != STAYS) > 500


def test_near_duplicates_with_two_labels_both_stay():
    assert approximate_fates([], [LONG, f"{LONG}!"], ["a", "b"]).tolist() == [STAYS, STAYS]


def test_a_copy_of_a_leak_leaks():
    assert approximate_fates([LONG], [f"{LONG} please", f"{LONG} please!"], ["a", "a"]).tolist() == [LEAKS, LEAKS]


def test_without_texts_nothing_leaves():
    assert approximate_fates([], [], []).tolist() == []
    assert approximate_fates([], [LONG], ["a"]).tolist() == [STAYS]
    assert approximate_fates([LONG], [], []).tolist() == []


def test_pairs_of_a_crowded_bucket_grow_no_faster_than_its_rows():
    rows = np.arange(1000)
    first, second = bucket_pairs(np.zeros(1000, dtype=np.uint64), rows, np.zeros(1000, dtype=np.int64), 0)
    assert len(first) < LIMIT * 1000
    assert np.all(first < second)


def test_a_column_has_its_texts_in_batches_and_at_places():
    texts = [f"text {number} 🎈" for number in range(40_000)]
    column = text_column(texts)
    assert [text for batch in column.batches() for text in batch] == texts
    assert column.take(np.array([7, 3])) == [texts[7], texts[3]]
    assert len(column.bounds) > 2

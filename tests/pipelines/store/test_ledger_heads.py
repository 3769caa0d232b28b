"""The database records the last ledger entry of each home, and whether a row depends on the home's key."""

import pytest

from pipelines.store.ledger_heads import Head

OURS, THEIRS = b"k" * 32, b"l" * 32


def test_the_farthest_that_was_seen_is_remembered(store):
    assert store.head(OURS) is None
    store.record_head(OURS, Head(3, "c" * 64))
    store.record_head(OURS, Head(2, "b" * 64))
    assert store.head(OURS) == Head(3, "c" * 64)
    store.record_head(OURS, Head(4, "d" * 64))
    assert store.head(OURS) == Head(4, "d" * 64)


def test_another_home_has_another_ledger(store):
    store.record_head(OURS, Head(3, "c" * 64))
    assert store.head(THEIRS) is None
    store.record_head(THEIRS, Head(1, "a" * 64))
    assert (store.head(OURS).entries, store.head(THEIRS).entries) == (3, 1)


def test_what_is_put_back_on_purpose_may_be_shorter(store):
    store.record_head(OURS, Head(3, "c" * 64))
    store.record_head(THEIRS, Head(3, "c" * 64))
    store.forget_head(OURS)
    store.record_head(OURS, Head(2, "b" * 64))
    assert (store.head(OURS).entries, store.head(THEIRS).entries) == (2, 3)


@pytest.mark.parametrize("what", ["customer", "ledger"])
def test_a_customer_or_a_ledger_needs_the_key_and_a_plain_answer_does_not(store, answer, what):
    answer()
    assert not store.needs_key()
    if what == "customer":
        answer("k2", customer="c" * 64)
    else:
        store.record_head(OURS, Head(1, "a" * 64))
    assert store.needs_key()

"""The labels that people gave to real messages."""

from collections import Counter

from pipelines.catalog.built_in import BUILT_IN, INTENTS
from pipelines.labels.agreement import HERE, kappa, labels_of
from pipelines.labels.sample import sample

INTENT = next(spec for spec in BUILT_IN if spec.name == "intent")


def test_every_hash_joins_exactly_one_message():
    drawn = Counter(key for key, _ in sample(10**6))
    labelled = labels_of(INTENTS)
    assert {drawn[key] for key in labelled} == {1}
    assert len(INTENTS.read_text().splitlines()) == len(labelled) + 1


def test_at_least_two_thousand_random_messages_are_labelled():
    labelled = labels_of(INTENTS)
    assert len(labelled) >= 2000
    assert set(labelled) == {key for key, _ in sample(len(labelled))}, "the sample is the salted order's own beginning"
    assert set(labelled.values()) == set(INTENT.target.names)


def test_two_readings_agree():
    rows, _, agreement = kappa(labels_of(INTENTS), labels_of(HERE / "intent-second.csv"))
    assert rows >= 300
    assert agreement >= 0.75


def test_no_text_of_a_customer_is_stored():
    for file in HERE.glob("intent*.csv"):
        if file.name == "intent-cases.csv":  # written by us
            continue
        assert all(
            len(line.split(",")) == 2 and len(line.split(",")[0]) in {4, 64} for line in file.read_text().splitlines()
        )


def test_the_guideline_explains_every_label():
    guideline = (HERE / "guideline.md").read_text()
    assert [label for label in INTENT.target.names if f"| `{label}` |" not in guideline] == []

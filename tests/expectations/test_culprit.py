"""The sender of the feedback that makes a data check fail, identified by leaving out one sender after another."""

import pandas as pd
import pytest

from expectations import prior
from expectations.culprit import find_sender
from expectations.evidence import label_shares
from pipelines.ingestion import snapshot
from pipelines.ingestion.corpus import Corpus
from pipelines.store.senders import SenderRows
from pipelines.store.votes import Sender
from tests.conftest import SUBJECTS, small_rows

LABELS = tuple(SUBJECTS)


def frame(rows, origin, first=0):
    """Rows `(text, label)` of a corpus, with keys that no other frame has."""
    keys = [f"{first + number:064x}" for number in range(len(rows))]
    texts, labels = zip(*rows, strict=True)
    known = {"key": keys, "text": texts, "label": labels, "validation": False, "origin": origin, "weight": 1.0}
    return pd.DataFrame(known)


def sent(rows, key=None, customer=None, review=False):
    return SenderRows(Sender(key, customer, customers=True), rows, review, key)


@pytest.fixture
def judge(topics, settings, tmp_path):
    """The senders that the check blames; each voice is a sender with the labels of its rows."""

    def judge(*voices, source=None, known=True, topics=topics):
        source = frame(source or small_rows(300), "source")
        if known:
            prior.write_shares(label_shares(source, topics), "0" * 64, topics, settings.home)
        taught, owners, first = [source], {}, 10_000
        for sender, labels in voices:
            said = frame(
                [(f"{sender} says so {number}", label) for number, label in enumerate(labels)], "feedback", first
            )
            owners |= dict.fromkeys(said["key"], sender)
            taught.append(said)
            first += 10_000
        train = pd.concat(taught, ignore_index=True)
        test = frame(small_rows(90, seed=2), "source", 90_000)
        corpus = Corpus(*(snapshot.write(rows, str(tmp_path / "snapshots")) for rows in (train, test)), report=None)
        said = train[train["origin"] == "feedback"]

        def without(left_out):
            apart = left_out.sender
            mine = [
                owner.sender.key == apart.key and (not apart.customers or owner.sender == apart) and not owner.review
                for owner in said["key"].map(owners)
            ]
            return dict(said.loc[[not one for one in mine], ["key", "label"]].itertuples(index=False))

        return find_sender(corpus, [sender for sender, _ in voices], without, topics, settings.workspace)

    return judge


def fair(count):
    return [LABELS[number % 3] for number in range(count)]


def test_the_one_sender_of_one_label_is_found_among_honest_ones(judge):
    honest, other, flood = sent(60, "web", "a"), sent(30, "web", "b"), sent(250, "web", "c")
    assert judge((honest, fair(60)), (other, fair(30)), (flood, ["praise"] * 250)) == flood


def test_a_larger_honest_sender_is_not_blamed_for_a_smaller_flood(judge):
    honest, flood = sent(900, "web"), sent(700, "bot")
    assert judge((honest, fair(900)), (flood, ["praise"] * 700)) == flood


def test_many_customers_of_one_key_are_found_as_that_key(judge):
    voices = [(sent(100, "bot", f"c{number}"), ["praise"] * 100) for number in range(4)]
    found = judge((sent(60, "web", "a"), fair(60)), *voices)
    assert found.sender == Sender("bot")
    assert found.rows == 400


def test_several_senders_who_are_none_alone_are_not_guessed(judge):
    assert judge(*((sent(250, key), ["praise"] * 250) for key in ("a", "b", "c"))) is None


def test_what_a_reviewer_decided_is_never_left_out(judge):
    assert judge((sent(250, "mei", review=True), ["praise"] * 250)) is None


def test_nobody_is_blamed_for_what_the_source_fails_without_feedback(judge):
    source = [row for row in small_rows(300) if row[1] != "delay"]
    assert judge((sent(250, "web"), ["praise"] * 250), source=source) is None


def test_a_label_that_feedback_drowns_is_told_without_known_shares(judge, topics):
    flood, often = sent(3_000, "bot"), topics.model_copy(update={"min_label_share": 0.1})
    labels = ["praise"] * 3_000
    assert judge((sent(9, "web"), fair(9)), (flood, labels), known=False, topics=often) == flood

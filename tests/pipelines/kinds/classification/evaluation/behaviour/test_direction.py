import numpy as np
import pytest

from pipelines.evaluation.behaviour.cases import AnsweredTexts
from pipelines.kinds.classification.evaluation.behaviour.direction import check_agreement, check_negation
from tests.pipelines.evaluation.voting import answers, declared, reading, voter

EASY = {"delay": ["we are late", "late again"], "praise": ["thank you", "great crew", "so kind"]}
OPPOSITES = declared(opposites=("delay", "praise"))


def shy(text_lengths):
    """A model that answers `delay`, with less confidence for a longer text."""

    def ask(texts):
        sure = np.array([0.9 - len(text) / text_lengths for text in texts])
        return answers(["delay"] * len(texts), np.stack([(1 - sure) / 2, sure, (1 - sure) / 2], axis=1))

    return ask


def test_denied_praise_must_not_become_more_of_it():
    (found,) = check_negation(OPPOSITES, EASY, voter())
    assert (found.kind, found.cases, found.failed) == ("direction", 6, 0)
    (fooled,) = check_negation(OPPOSITES, EASY, reading("not", "praise"))
    assert (fooled.cases, fooled.failed) == (6, 6)
    assert fooled.examples[0] == "'thank you' -> 'It is not true that thank you': praise 0.75 -> 1.00"


def test_a_slight_rise_is_forgiven():
    (found,) = check_negation(OPPOSITES, EASY, voter(lambda text: "praise" if "true" in text else None, weight=20_000))
    assert found.failed == 0


@pytest.mark.parametrize(
    ("spec", "easy"),
    [(declared(), EASY), (OPPOSITES, {"delay": ["late"]}), (declared("fr", opposites=("delay", "praise")), EASY)],
    ids=["no opposites", "no easy text", "no phrases"],
)
def test_without_anything_to_deny_there_is_no_such_capability(spec, easy):
    assert list(check_negation(spec, easy, voter())) == []


def test_opposites_must_be_labels():
    with pytest.raises(ValueError, match=r"behaviour\.opposites of 'subjects' are labels; joy is none"):
        declared(opposites=("delay", "joy"))


def test_more_of_the_same_must_not_make_a_label_less_probable():
    texts = ["we are late", "thank you all", "my bag"]
    (found,) = check_agreement(AnsweredTexts(texts, voter()(texts)), EASY, voter())
    assert (found.kind, found.cases, found.failed) == ("direction", 2, 0)  # no easy text is about bags
    (doubting,) = check_agreement(AnsweredTexts(texts, shy(50)(texts)), EASY, shy(50))
    assert (doubting.cases, doubting.failed) == (3, 3)
    (sure,) = check_agreement(AnsweredTexts(texts, shy(1000)(texts)), EASY, shy(1000))
    assert (sure.cases, sure.failed) == (3, 0)


def test_no_text_seconds_itself():
    ask = voter()
    assert list(check_agreement(AnsweredTexts(["late"], ask(["late"])), {"delay": ["late"]}, ask)) == []

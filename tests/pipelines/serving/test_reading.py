from threading import current_thread
from types import SimpleNamespace

import pytest

from pipelines.inference.packaged import Packaged
from pipelines.ledger import Entry
from pipelines.serving.answers import ask
from pipelines.serving.champions import Champion
from pipelines.serving.memory import Memory
from pipelines.serving.metrics import Metrics
from pipelines.serving.reading import CHARACTERS, TEXTS, Read, few, read
from pipelines.serving.unsaid import Blank
from tests.pipelines.serving.working import run


@pytest.fixture
def packaged(tmp_path, write_package):
    return Packaged.load(write_package(tmp_path / "package"))


class Watched:
    """A package whose words note in which thread they are read, or fail."""

    keep_handles = ()

    def __init__(self, packaged, error=None):
        self.packaged, self.error, self.threads = packaged, error, set()

    @property
    def vocabulary(self):
        return self

    def ids(self, texts):
        self.threads.add(current_thread().name.partition("-")[0])
        if self.error:
            raise self.error
        return self.packaged.vocabulary.ids(texts)


def reading(packaged, texts, **more):
    return run(lambda workers: read(workers, packaged, texts, **more), threads=2)


def test_a_text_is_read_as_people_meant_it_masked_and_in_tokens(packaged):
    (found,) = reading(packaged, ["  bad &amp;\u200b so jane.roe@somewhere.org "])
    assert found == Read("bad & so jane.roe@somewhere.org", "bad & so <EMAIL>", [1, 0, 2, 4])


def test_without_a_question_there_are_no_tokens(packaged):
    watched = Watched(packaged)
    assert reading(watched, ["bad"] * 400, asked=False) == [Read("bad", "bad")] * 400
    assert watched.threads == set()


@pytest.mark.parametrize(
    ("texts", "thread"),
    [
        (["so " * (CHARACTERS // 3), "\u00e9"], "MainThread"),
        (["so 123 456"], "MainThread"),
        (["so"] * (TEXTS + 1), "worker"),
        (["so " * CHARACTERS], "worker"),
        (["so +44 20 7946 0958"], "worker"),
    ],
    ids=["few characters", "few digits", "many texts", "many characters", "a telephone number"],
)
def test_only_what_takes_no_time_is_read_where_everybody_waits_for_it(packaged, texts, thread):
    watched = Watched(packaged)
    assert [one.raw for one in reading(watched, texts)] == [text.strip() for text in texts]
    assert watched.threads == {thread}
    assert few(texts) is (thread == "MainThread")


@pytest.mark.parametrize("number", [3, 300])
def test_blank_texts_are_named_by_their_places_in_the_question(packaged, number):
    texts = ["so"] * number
    texts[1] = texts[-1] = " \u200b"
    with pytest.raises(Blank) as blank:
        reading(packaged, texts)
    assert blank.value.places == [1, number - 1]


@pytest.mark.parametrize("number", [1, 300])
def test_a_panic_of_a_tokenizer_is_an_error_without_its_message(packaged, number):
    class Panic(BaseException):
        """As pyo3 raises it."""

    with pytest.raises(RuntimeError, match=r"^Panic of a library$"):
        reading(Watched(packaged, Panic("xyzzy-42")), ["so"] * number)


def test_texts_of_as_many_tokens_go_together_however_many_characters_these_have(packaged, monkeypatch):
    asked, network = [], Packaged._run
    monkeypatch.setattr(Packaged, "_run", lambda *call: asked.append([len(one) for one in call[1]]) or network(*call))
    champion = Champion(
        Entry("promote", "mood", 1, "", "", "", "", (), None), packaged, Memory(packaged.in_batches(4), 0)
    )
    trials = SimpleNamespace(ask=lambda one, _, answers: answers(one), copy=lambda _: None)
    parts = {"customer_key": b"", "pauses": SimpleNamespace(entries={}), "trials": trials, "metrics": Metrics()}
    texts = ["extraordinarily", "bad", "so so so so so", "bad bad bad bad bad"] * 4
    found = run(lambda workers: ask(SimpleNamespace(workers=workers, **parts), champion, texts))
    assert [one.text for one in found] == texts
    assert sorted(asked) == [[1] * 4, [1] * 4, [5] * 4, [5] * 4]

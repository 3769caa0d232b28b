import asyncio
import time
from dataclasses import replace
from threading import current_thread
from types import SimpleNamespace

import pytest

from pipelines.inference.explanation import MAX_PARTS
from pipelines.inference.packaged import ModelPackage
from pipelines.ledger.ledger import Ledger
from pipelines.masking.matching_view import folding_table
from pipelines.masking.rules import MaskingRules
from pipelines.serving.engine.prediction import explain, predict
from pipelines.serving.engine.preprocessing import CHARACTERS, TEXTS, PreparedText, is_cheap, prepare
from pipelines.serving.engine.unanswerable import EmptyText
from pipelines.serving.engine.worker_threads import Overloaded
from pipelines.serving.models.champions import Champion, Champions
from pipelines.serving.models.prediction_cache import PredictionCache
from pipelines.serving.models.served import PromotedVersions
from pipelines.serving.telemetry.metrics import Metrics
from pipelines.store.predictions import Prediction
from tests.pipelines.ledger.made import entry as made
from tests.pipelines.serving.working import run, task


@pytest.fixture
def packaged(tmp_path, write_package):
    return ModelPackage.load(write_package(tmp_path / "package"))


class Watched:
    """A package that records the thread in which it reads words, or fails."""

    masking = MaskingRules()

    def __init__(self, packaged, error=None):
        self.packaged, self.error, self.threads, self.turns = packaged, error, set(), []

    @property
    def vocabulary(self):
        return self

    def encode(self, texts):
        self.turns.append(len(texts))
        self.threads.add(current_thread().name.partition("-")[0])
        if self.error:
            raise self.error
        return self.packaged.vocabulary.encode(texts)


def reading(packaged, texts, **more):
    return run(lambda workers: prepare(workers, packaged, texts, **more), threads=2)


def test_a_text_is_read_as_people_meant_it_masked_and_in_tokens(packaged):
    (found,) = reading(packaged, ["  bad &amp;\u200b so jane.roe@somewhere.org "])
    assert found == PreparedText("bad & so jane.roe@somewhere.org", "bad & so <EMAIL>", [1, 0, 2, 4])


def test_without_a_question_there_are_no_tokens(packaged):
    watched = Watched(packaged)
    assert reading(watched, ["bad"] * 400, tokenised=False) == [PreparedText("bad", "bad")] * 400
    assert watched.threads == set()


@pytest.mark.parametrize(
    ("texts", "thread"),
    [
        (["so " * (CHARACTERS // 3), "\u00e9"], "MainThread"),
        (["so 123 456"], "MainThread"),
        (["so"] * (TEXTS + 1), "worker"),
        (["so " * CHARACTERS], "worker"),
        (["so +44 20 7946 0958"], "worker"),
        (["so 1234567"], "worker"),
    ],
    ids=["few characters", "few digits", "many texts", "many characters", "a telephone number", "the shortest"],
)
def test_only_what_takes_no_time_is_read_where_everybody_waits_for_it(packaged, texts, thread):
    watched = Watched(packaged)
    assert [one.raw for one in reading(watched, texts)] == [text.strip() for text in texts]
    assert watched.threads == {thread}
    assert is_cheap(texts) is (thread == "MainThread")


@pytest.mark.parametrize(("text", "turns"), [("so", [8, 32]), ("so" * 500, [4] * 10), ("so" * 5000, [1] * 40)])
def test_no_turn_of_reading_is_long(packaged, text, turns):
    watched = Watched(packaged)
    reading(watched, [text] * 40)
    assert sorted(watched.turns) == turns


@pytest.mark.parametrize("number", [3, 300])
def test_blank_texts_are_named_by_their_places_in_the_question(packaged, number):
    texts = ["so"] * number
    texts[1] = texts[-1] = " \u200b"
    with pytest.raises(EmptyText) as blank:
        reading(packaged, texts)
    assert blank.value.indices == [1, number - 1]


@pytest.mark.parametrize("number", [1, 300])
def test_a_panic_of_a_tokenizer_is_an_error_without_its_message(packaged, number):
    class Panic(BaseException):
        """An exception in the form of pyo3's."""

    with pytest.raises(RuntimeError, match=r"^Panic of a library$"):
        reading(Watched(packaged, Panic("xyzzy-42")), ["so"] * number)


class Session:
    """A session of ONNX Runtime; `first` is called with the inputs before each run."""

    def __init__(self, session):
        self.session, self.first = session, lambda inputs: None

    def run(self, outputs, inputs):
        self.first(inputs)
        return self.session.run(outputs, inputs)


@pytest.fixture
def session(packaged):
    return Session(packaged.session)


@pytest.fixture
def champion(packaged, session):
    entry, packaged = made("promote", "mood", 1), replace(packaged, session=session)
    return Champion(entry, packaged, PredictionCache(packaged.with_batch_size(4), 0))


@pytest.fixture
def predict_texts(champion):
    """Send texts to the champion, as a route does."""
    rollouts = SimpleNamespace(predict=lambda one, _, answers: answers(one), copy_to_shadow=lambda _: None)
    health = SimpleNamespace(require_available=lambda: None)
    pauses = SimpleNamespace(entries={})
    parts = {"customer_key": b"", "pauses": pauses, "rollouts": rollouts, "metrics": Metrics(), "health": health}
    return lambda workers, texts: predict(SimpleNamespace(workers=workers, **parts), champion, texts)


def test_texts_of_as_many_tokens_go_together_however_many_characters_these_have(predict_texts, session):
    calls = []
    session.first = lambda inputs: calls.append(inputs["attention_mask"].sum(1).tolist())
    texts = ["extraordinarily", "bad", "so so so so so", "bad bad bad bad bad"] * 2
    found = run(lambda workers: predict_texts(workers, texts))
    assert [one.text for one in found] == texts
    assert sorted(calls) == [[1] * 4, [5] * 4]


def test_who_waited_to_be_read_does_not_wait_as_long_again(predict_texts, session):
    order = []
    session.first = lambda _: time.sleep(0.02)

    async def work(workers):
        async def answered(text):
            await predict_texts(workers, [text])
            order.append(text)

        slow = workers.run(task(lambda: time.sleep(0.1)))
        await asyncio.gather(slow, *map(answered, ["bad 1234567", *(f"so {number}" for number in range(20))]))

    run(work)
    assert order.index("bad 1234567") < 10


def test_a_request_counts_until_it_is_answered_wherever_it_is_read(predict_texts, session):
    seen = []

    async def work(workers):
        session.first = lambda _: seen.append(workers.pending_texts)
        slow = asyncio.create_task(workers.run(task(lambda: time.sleep(0.1))))
        texts = ["bad 1234567", "so", "good " * CHARACTERS]
        waiting = [asyncio.create_task(predict_texts(workers, [text])) for text in texts]
        await asyncio.sleep(0.02)
        before = workers.pending_texts
        await asyncio.gather(slow, *waiting)
        return before, workers.pending_texts

    assert run(work) == (3, 0)
    assert seen[0] == 3


def test_how_long_reading_takes_says_nothing_about_answers(packaged):
    async def work(workers):
        before = workers.seconds_per_text
        await prepare(workers, packaged, ["so"] * 200)
        return workers.seconds_per_text == before

    assert run(work)


def test_who_asks_why_counts_as_many_texts_as_that_may_take(champion, session):
    seen, row = [], {"label": "negative", "score": 0.9, "payload": {"negative": 0.9}}
    answered = [Prediction("mood", 1, "k", text, **row) for text in ("bad", "so bad")]

    async def work(workers):
        session.first = lambda _: seen.append(workers.pending_texts)
        asked = SimpleNamespace(workers=workers, rollouts=SimpleNamespace(author=lambda *_: champion))
        why = await explain(asked, champion, answered)
        return [words[0].word for words in why], workers.pending_texts

    assert run(work) == (["bad", "bad"], 0)
    assert set(seen) == {MAX_PARTS}


def test_who_would_wait_too_long_is_refused_before_anything_is_read(predict_texts, packaged):
    async def work(workers):
        with workers.admitted(1000), pytest.raises(Overloaded, match="Retry-After"):
            await predict_texts(workers, ["so"])
        return await predict_texts(workers, ["so"])

    assert len(run(work, deadline=0.1)) == 1


def test_a_first_accent_is_met_before_anybody_asks(tmp_path, promote, write_package):
    promote(tmp_path, 1, write_package(tmp_path / "promoted"))
    folding_table.cache_clear()
    champions = Champions(PromotedVersions(Ledger(tmp_path / "ledger.jsonl"), {}), tmp_path / "cache", Metrics())
    champions.refresh()
    assert champions.served.ready
    assert folding_table.cache_info().currsize == 1

"""One request as threads work on it: part by part, and those of several requests in one call where they are alike."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from itertools import count, islice
from typing import Any, Generic, TypeVar

from pipelines.serving.engine.unanswerable import ClientDisconnected

Found = TypeVar("Found")
# How many times as long as another text of a call one may be: a batch costs what its longest does.
ALIKE = 1.25
Answering = Callable[[Sequence[Any]], Sequence[Any]]


class InferenceJob(Generic[Found]):
    """Items in `parts`, what `answer` says to those of a part, and `whole`: it makes of all that what is asked for.

    `texts` is what a part costs, `lengths` how many tokens the longest of each has; up to `together` texts are answered
    in one call with those of others. What is found is `kept` before it is told, where that is asked for. Only what is
    `timed` says how long texts take.
    """

    def __init__(
        self,
        answer: Answering,
        parts: Sequence[Sequence[Any]],
        whole: Callable[[list[Any]], list[Found]],
        *,
        texts: int | None = None,
        lengths: Sequence[int] = (),
        together: int = 1,
        kept: bool = False,
        timed: bool = True,
    ) -> None:
        self.answer, self.parts, self._whole, self.kept = answer, parts, whole, kept
        self.texts, self._lengths, self.together = texts or max(map(len, parts)), lengths, together
        self.timed, self.first = timed, False
        self.begun, self.found = 0, list[Found]()
        self.error: Exception | None = None
        # Counting by `next` is one step, whatever other threads do: one part only is the last.
        self._given, self._ended = dict[int, Sequence[Any]](), count(1)
        self.future: asyncio.Future[list[Found]] = asyncio.get_running_loop().create_future()

    @property
    def wanted(self) -> bool:
        """Whether somebody still waits for it: it was neither dropped nor settled, as by the failure of a part."""
        return not self.future.done()

    @property
    def length(self) -> int:
        """Of the part that is next."""
        return self._lengths[self.begun] if self._lengths else 0

    def like(self, other: "InferenceJob[Any]") -> bool:
        """Whether the other is answered in the same call at little cost: no larger, and of nearly this length."""
        least, most = sorted((self.length, other.length))
        return self.answer == other.answer and other.texts <= self.texts and most <= ALIKE * least

    def give(self, place: int, found: Sequence[Any]) -> bool:
        """What was found for one part; whether it was the last, so that all is found. Raises what `whole` raises."""
        self._given[place] = found
        if next(self._ended) < len(self.parts):
            return False
        self.found = self._whole([one for place in range(len(self.parts)) for one in self._given[place]])
        return True

    def drop(self) -> None:
        """On the loop: what was begun is left to end, and nothing is begun any more. Who waits gets HungUp."""
        if not self.future.done():
            self.future.set_exception(ClientDisconnected())

    def settle(self) -> None:
        """On the loop: give what was found, or the error."""
        if self.future.done():
            return
        if self.error:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.found)


Turn = tuple[InferenceJob[Any], int]


def run_batch(turns: Sequence[Turn]) -> list[InferenceJob[Any]]:
    """Answer parts of tasks with the same `answer` in one call; the tasks of which all is found, or that failed."""
    parts = [task.parts[place] for task, place in turns]
    try:
        found = iter(turns[0][0].answer([item for part in parts for item in part]))
    except BaseException as error:  # whatever it is, the request's route answers for it; Rust panics outside Exception
        if len(turns) > 1:  # it may be the fault of one: each for itself
            return [task for turn in turns for task in run_batch([turn])]
        return [_failed(turns[0][0], error)]
    return [task for (task, place), part in zip(turns, parts, strict=True) if _given(task, place, found, len(part))]


def _given(task: InferenceJob[Any], place: int, found: Iterator[Any], items: int) -> bool:
    try:
        return task.give(place, list(islice(found, items)))
    except BaseException as error:
        _failed(task, error)
        return True


def _failed(task: InferenceJob[Any], error: BaseException) -> InferenceJob[Any]:
    task.error = public_error(error)
    return task


def public_error(error: BaseException) -> Exception:
    """The error, for a request to answer for it; the message of a panic is left out, as it may hold a text."""
    return error if isinstance(error, Exception) else RuntimeError(f"{type(error).__name__} of a library")

"""One request as threads work on it: part by part, and those of several requests in one call where they are alike."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import count, islice
from typing import Any, Generic, TypeVar

Found = TypeVar("Found")
Answering = Callable[[Sequence[Any]], Sequence[Any]]


class Task(Generic[Found]):
    """Items in `parts`, what `answer` says to those of a part, and `whole`: it makes of all that what is asked for.

    `texts` is what a part costs, `length` how many characters one of them has. What is found is `kept` before it is
    told, where that is asked for.
    """

    def __init__(
        self,
        answer: Answering,
        parts: Sequence[Sequence[Any]],
        whole: Callable[[list[Any]], list[Found]],
        *,
        texts: int | None = None,
        length: int = 0,
        kept: bool = False,
    ) -> None:
        self.answer, self.parts, self._whole, self.kept = answer, parts, whole, kept
        self.texts, self.length = texts or max(map(len, parts)), length
        self.begun, self.found = 0, list[Found]()
        self.error: Exception | None = None
        # Counting by `next` is one step, whatever other threads do: one part only is the last.
        self._given, self._ended = dict[int, Sequence[Any]](), count(1)
        self.future: asyncio.Future[list[Found]] = asyncio.get_running_loop().create_future()

    def give(self, place: int, found: Sequence[Any]) -> bool:
        """What was found for one part; whether it was the last, so that all is found. Raises what `whole` raises."""
        self._given[place] = found
        if next(self._ended) < len(self.parts):
            return False
        self.found = self._whole([one for place in range(len(self.parts)) for one in self._given[place]])
        return True

    def settle(self) -> None:
        """On the loop: give what was found, or the error."""
        if self.future.done():
            return
        if self.error:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.found)


Turn = tuple[Task[Any], int]


def answered(turns: Sequence[Turn]) -> list[Task[Any]]:
    """Answer the parts, those with the same `answer` in one call; the tasks of which all is found, or that failed."""
    alike = defaultdict[Answering, list[Turn]](list)
    for task, place in turns:
        alike[task.answer].append((task, place))
    return [task for answer, some in alike.items() for task in _together(answer, some)]


def _together(answer: Answering, turns: Sequence[Turn]) -> list[Task[Any]]:
    parts = [task.parts[place] for task, place in turns]
    try:
        found = iter(answer([item for part in parts for item in part]))
    except BaseException as error:  # whatever it is, the request's route answers for it; Rust panics outside Exception
        if len(turns) > 1:  # it may be the fault of one: each for itself
            return [task for turn in turns for task in _together(answer, [turn])]
        return [_failed(turns[0][0], error)]
    return [task for (task, place), part in zip(turns, parts, strict=True) if _given(task, place, found, len(part))]


def _given(task: Task[Any], place: int, found: Iterator[Any], items: int) -> bool:
    try:
        return task.give(place, list(islice(found, items)))
    except Exception as error:
        return bool(_failed(task, error))


def _failed(task: Task[Any], error: BaseException) -> Task[Any]:
    """The task with an error in place of what it found; the message of a panic is left out, as it may hold a text."""
    task.error = error if isinstance(error, Exception) else RuntimeError(f"{type(error).__name__} in a worker")
    return task

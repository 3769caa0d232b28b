"""Inference jobs: requests split into parts, and batches of similar parts of several requests."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from itertools import count, islice
from typing import Any, Generic, TypeVar

from pipelines.serving.engine.unanswerable import ClientDisconnected

Result = TypeVar("Result")
# Largest ratio of lengths within a batch: each of its texts costs as much as the longest.
MAX_LENGTH_RATIO = 1.25
RunPart = Callable[[Sequence[Any]], Sequence[Any]]


class InferenceJob(Generic[Result]):
    """One request, split into parts. `run` answers the items of a part; `combine` merges all results into the response.

    `texts`: cost of a part, in texts. `lengths`: tokens of the longest text of each part. `batch_size`: most texts of
    one call, jobs of other requests included. `recorded`: the results are stored before the job resolves. `timed`: the
    job counts in the estimate of seconds per text.
    """

    def __init__(
        self,
        run: RunPart,
        parts: Sequence[Sequence[Any]],
        combine: Callable[[list[Any]], list[Result]],
        *,
        texts: int | None = None,
        lengths: Sequence[int] = (),
        batch_size: int = 1,
        recorded: bool = False,
        timed: bool = True,
    ) -> None:
        self.run, self.parts, self._combine, self.recorded = run, parts, combine, recorded
        self.texts, self._lengths, self.batch_size = texts or max(map(len, parts)), lengths, batch_size
        self.timed, self.priority = timed, False
        self.next_part, self.results = 0, list[Result]()
        self.error: Exception | None = None
        # `next` on a counter is atomic: exactly one thread sees the last part.
        self._part_results, self._counter = dict[int, Sequence[Any]](), count(1)
        self.future: asyncio.Future[list[Result]] = asyncio.get_running_loop().create_future()

    @property
    def pending(self) -> bool:
        """True until the job is cancelled or resolved, as by the failure of a part."""
        return not self.future.done()

    @property
    def length(self) -> int:
        """Tokens of the longest text of the next part."""
        return self._lengths[self.next_part] if self._lengths else 0

    def can_batch_with(self, other: "InferenceJob[Any]") -> bool:
        """True if the other job runs the same function, is no larger, and is of nearly this length."""
        shorter, longer = sorted((self.length, other.length))
        return self.run == other.run and other.texts <= self.texts and longer <= MAX_LENGTH_RATIO * shorter

    def add_result(self, part: int, results: Sequence[Any]) -> bool:
        """Store the results of one part; True if it was the last and all are combined. Raises what `combine` raises."""
        self._part_results[part] = results
        if next(self._counter) < len(self.parts):
            return False
        self.results = self._combine([item for part in range(len(self.parts)) for item in self._part_results[part]])
        return True

    def cancel(self) -> None:
        """On the event loop: start no further part; the waiting request gets ClientDisconnected."""
        if not self.future.done():
            self.future.set_exception(ClientDisconnected())

    def resolve(self) -> None:
        """On the event loop: hand over the results, or the error."""
        if self.future.done():
            return
        if self.error:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.results)


JobPart = tuple[InferenceJob[Any], int]


def run_batch(batch: Sequence[JobPart]) -> list[InferenceJob[Any]]:
    """Answer parts of jobs with the same `run` in one call; returns the jobs that are complete or have failed."""
    parts = [job.parts[part] for job, part in batch]
    try:
        results = iter(batch[0][0].run([item for items in parts for item in items]))
    except BaseException as error:  # the request's route reports it; panics of Rust are no Exception
        if len(batch) > 1:  # one text may be at fault: each part for itself
            return [job for job_part in batch for job in run_batch([job_part])]
        return [_fail(batch[0][0], error)]
    return [job for (job, part), items in zip(batch, parts, strict=True) if _add_result(job, part, results, len(items))]


def _add_result(job: InferenceJob[Any], part: int, results: Iterator[Any], items: int) -> bool:
    try:
        return job.add_result(part, list(islice(results, items)))
    except BaseException as error:
        _fail(job, error)
        return True


def _fail(job: InferenceJob[Any], error: BaseException) -> InferenceJob[Any]:
    job.error = public_error(error)
    return job


def public_error(error: BaseException) -> Exception:
    """The error to raise in the request; the message of a panic is left out, as it may contain a text."""
    return error if isinstance(error, Exception) else RuntimeError(f"{type(error).__name__} of a library")

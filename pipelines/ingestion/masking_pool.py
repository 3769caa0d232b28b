"""Masking of chunks of texts on all cores, in processes of their own; the chunks stay in their order."""

import pickle
import subprocess
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from itertools import islice
from typing import IO, cast

from pipelines.ingestion.records import Record
from pipelines.ingestion.text_masking import MaskedTexts, TextMasker
from pipelines.runtime.cores import cores
from pipelines.runtime.interpreter import MODULE

Chunk = Sequence[Record]
Process = subprocess.Popen[bytes]


class MaskingStopped(RuntimeError):
    """A masking process ended before its work."""


def masked_chunks(
    chunks: Iterable[Chunk], masker: TextMasker, processes: int = 0
) -> Iterator[tuple[Chunk, MaskedTexts]]:
    """Each chunk with its masked texts; the first one is masked here, so that few rows do not pay for processes.

    By default there are as many processes as cores; with a single one all chunks are masked here.
    """
    processes = processes or cores()
    iterator = iter(chunks)
    for chunk in islice(iterator, 1 if processes > 1 else None):
        yield chunk, masker([record.text for record in chunk])
    yield from _in_processes(iterator, masker, processes)


def _in_processes(chunks: Iterator[Chunk], masker: TextMasker, processes: int) -> Iterator[tuple[Chunk, MaskedTexts]]:
    """Each process has one chunk at a time: two would fill both pipes, and each side would wait for the other."""
    waiting: deque[tuple[Process, Chunk]] = deque()
    with ExitStack() as running:
        for chunk in chunks:
            if len(waiting) < processes:
                process = running.enter_context(_process())
            else:
                process, earlier = waiting.popleft()
                yield earlier, _receive(process)
            _send(process, masker, [record.text for record in chunk])
            waiting.append((process, chunk))
        for process, chunk in waiting:
            yield chunk, _receive(process)


@contextmanager
def _process() -> Iterator[Process]:
    command = [*MODULE, "pipelines.ingestion.masking_process"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        yield process
    finally:
        process.kill()  # it holds nothing but its chunk
        with suppress(BrokenPipeError), process:  # closes the pipes, and waits for the end
            pass


def _send(process: Process, masker: TextMasker, texts: list[str]) -> None:
    try:
        stream = cast(IO[bytes], process.stdin)
        pickle.dump((masker, texts), stream)
        stream.flush()
    except BrokenPipeError:
        raise _stopped(process) from None


def _receive(process: Process) -> MaskedTexts:
    try:
        return cast(MaskedTexts, pickle.load(cast(IO[bytes], process.stdout)))  # noqa: S301  our own child
    except (EOFError, pickle.UnpicklingError):
        raise _stopped(process) from None


def _stopped(process: Process) -> MaskingStopped:
    code = process.wait()
    return MaskingStopped(
        f"a masking process ended early ({code}); read the source again, with more memory if that was -9"
    )

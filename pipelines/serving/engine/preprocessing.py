"""What is known of a text before a model is asked: what people meant, the same masked, and its tokens."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from pipelines.inference.packaged import Packaged
from pipelines.ingestion.text import normalise
from pipelines.masking.mask import mask
from pipelines.masking.matching_view import DIGIT
from pipelines.serving.engine.inference_job import InferenceJob, public_error
from pipelines.serving.engine.unanswerable import EmptyText
from pipelines.serving.engine.worker_threads import WorkerThreads

# What is read without sending it to a thread: so many texts, characters, and digits, for where there are more a
# telephone number may stand, and the rules of a country are looked up when its first number comes.
TEXTS, CHARACTERS, DIGITS = 8, 400, 6
# Texts that a thread reads in one turn, and fewer where they are long.
TURN, LONG = 32, 4000


class PreparedText(NamedTuple):
    """A text normalised, the same masked, and the tokens of that."""

    raw: str
    masked: str
    tokens: Sequence[int] = ()


async def prepare(
    workers: WorkerThreads, packaged: Packaged, texts: Sequence[str], asked: bool = True
) -> list[PreparedText]:
    """Raw texts, as the model is to be asked about them; without tokens where it is not. Raises EmptyText."""
    reader = partial(_tokens if asked else _masked, packaged)
    found = _at_once(reader, texts) if is_cheap(texts) else await _in_threads(workers, reader, texts)
    if blank := [place for place, one in enumerate(found) if not one.raw]:
        raise EmptyText(blank)
    return found


def is_cheap(texts: Sequence[str]) -> bool:
    """Whether they are read in two milliseconds at the worst, and mostly in a tenth of one."""
    if len(texts) > TEXTS or sum(map(len, texts)) > CHARACTERS:
        return False
    return sum(len(DIGIT.findall(text)) for text in texts) <= DIGITS


Reader = Callable[[Sequence[str]], list[PreparedText]]


def _at_once(reader: Reader, texts: Sequence[str]) -> list[PreparedText]:
    try:
        return reader(texts)
    except BaseException as error:  # as in a worker
        raise public_error(error) from None


async def _in_threads(workers: WorkerThreads, reader: Reader, texts: Sequence[str]) -> list[PreparedText]:
    size = max(1, min(TURN, LONG // max(map(len, texts))))
    parts = [texts[at : at + size] for at in range(0, len(texts), size)]
    return await workers.run(InferenceJob(reader, parts, list, texts=1, timed=False))


def _masked(packaged: Packaged, texts: Sequence[str]) -> list[PreparedText]:
    raws = [normalise(text) for text in texts]
    return [PreparedText(raw, mask(raw, packaged.keep_handles)) for raw in raws]


def _tokens(packaged: Packaged, texts: Sequence[str]) -> list[PreparedText]:
    found = _masked(packaged, texts)
    tokens = packaged.vocabulary.ids([one.masked for one in found])
    return [one._replace(tokens=its) for one, its in zip(found, tokens, strict=True)]

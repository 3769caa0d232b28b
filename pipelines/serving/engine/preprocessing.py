"""Preprocessing of a request: texts are normalised, masked and tokenised."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from pipelines.inference.packaged import ModelPackage
from pipelines.ingestion.text import normalise
from pipelines.masking.mask import mask
from pipelines.masking.matching_view import DIGIT
from pipelines.serving.engine.inference_job import InferenceJob, public_error
from pipelines.serving.engine.unanswerable import EmptyText
from pipelines.serving.engine.worker_threads import WorkerThreads

# Limits of what the event loop prepares itself. More digits may hold a telephone number, and the first number of a
# country loads the rules of that country.
TEXTS, CHARACTERS, DIGITS = 8, 400, 6
# Most texts of one part, and the characters above which a part has fewer.
TURN, LONG = 32, 4000


class PreparedText(NamedTuple):
    """A normalised text, its masked form without markup, and the tokens of that; `truncated` if they are not all."""

    raw: str
    masked: str
    tokens: Sequence[int] = ()
    truncated: bool = False


async def prepare(
    workers: WorkerThreads, packaged: ModelPackage, texts: Sequence[str], tokenised: bool = True
) -> list[PreparedText]:
    """Prepare raw texts for a model; without tokens if it is not `tokenised`. Raises EmptyText."""
    preparer = partial(_tokenise if tokenised else _mask, packaged)
    prepared = _prepare_here(preparer, texts) if is_cheap(texts) else await _in_threads(workers, preparer, texts)
    if empty := [index for index, text in enumerate(prepared) if not text.masked]:
        raise EmptyText(empty)
    return prepared


def is_cheap(texts: Sequence[str]) -> bool:
    """True if the texts are prepared within 2 ms at worst, and mostly within 0.1 ms."""
    if len(texts) > TEXTS or sum(map(len, texts)) > CHARACTERS:
        return False
    return sum(len(DIGIT.findall(text)) for text in texts) <= DIGITS


Preparer = Callable[[Sequence[str]], list[PreparedText]]


def _prepare_here(preparer: Preparer, texts: Sequence[str]) -> list[PreparedText]:
    try:
        return preparer(texts)
    except BaseException as error:  # as in a worker
        raise public_error(error) from None


async def _in_threads(workers: WorkerThreads, preparer: Preparer, texts: Sequence[str]) -> list[PreparedText]:
    size = max(1, min(TURN, LONG // max(map(len, texts))))
    parts = [texts[start : start + size] for start in range(0, len(texts), size)]
    return await workers.run(InferenceJob(preparer, parts, list, texts=1, timed=False))


def _mask(packaged: ModelPackage, texts: Sequence[str]) -> list[PreparedText]:
    raws = [normalise(text) for text in texts]
    return [PreparedText(raw, mask(raw, packaged.masking)) for raw in raws]


def _tokenise(packaged: ModelPackage, texts: Sequence[str]) -> list[PreparedText]:
    masked = _mask(packaged, texts)
    encoded = packaged.vocabulary.encode([text.masked for text in masked])
    return [PreparedText(text.raw, text.masked, *tokens) for text, tokens in zip(masked, encoded, strict=True)]

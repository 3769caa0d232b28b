"""Detection of the encodings of the time before Unicode, from the cells that hold bytes beyond ASCII."""

from collections.abc import Iterable, Iterator

from pipelines.ingestion.readers.letter_shapes import plausibility

# The encodings that exports of customer service come in, the commonest first.
CANDIDATES = (
    "cp1252",
    "gb18030",
    "cp932",
    "cp1250",
    "cp1251",
    "big5hkscs",
    "cp949",
    "euc_jis_2004",
    "koi8-r",
    "cp1253",
    "cp1254",
    "cp1255",
    "cp1256",
    "cp1257",
    "cp874",
    "iso8859-2",
    "iso8859-15",
    "mac-roman",
    "cp850",
    "cp866",
    "koi8-u",
    "iso8859-5",
    "mac-cyrillic",
    "cp852",
    "cp1258",
)
_JAPANESE = ("cp932", "euc_jis_2004")
_DAMAGED = 0.1  # share of the cells that an encoding may fail to read: rows are damaged in any file
SURE = 0.98  # a second reading whose score reaches this share of the best one's leaves the encoding open


# What each place down the list costs; the second where a single character decides. Chosen on 1,000 files of some
# rows in 40 pairs of a language and an encoding: a larger cost of one character loses the rare encodings.
_RARER, _RARER_ALONE = 0.001, 0.12


class Unsure(ValueError):
    """The bytes fit several encodings about equally well; `guesses` has the best two."""

    def __init__(self, guesses: tuple[str, str]) -> None:
        super().__init__(f"the bytes fit {guesses[0]} and {guesses[1]}")
        self.guesses = guesses


def detect(cells: Iterable[bytes]) -> str:
    """The encoding of cells with bytes beyond ASCII. Raises Unsure."""
    scores, encodings = _readings(*_sound(list(dict.fromkeys(cells))))
    if not scores:
        return CANDIDATES[0]
    best, *others = sorted(scores, key=lambda text: scores[text], reverse=True)
    if others and scores[others[0]] > SURE * scores[best]:
        raise Unsure((encodings[best], encodings[others[0]]))
    return encodings[best]


def _sound(cells: list[bytes]) -> tuple[bytes, list[str]]:
    """The encodings that read nearly all cells, and the cells that each of them reads: a damaged one rules out none."""
    failing = {encoding: {cell for cell in cells if not _is_readable(cell, encoding)} for encoding in CANDIDATES}
    fitting = [encoding for encoding, damaged in failing.items() if len(damaged) <= _DAMAGED * len(cells)]
    damaged = set().union(*(failing[encoding] for encoding in fitting))
    return b"\n".join(cell for cell in cells if cell not in damaged), fitting


def _is_readable(cell: bytes, encoding: str) -> bool:
    try:
        cell.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _readings(sample: bytes, fitting: list[str]) -> tuple[dict[str, float], dict[str, str]]:
    """For each different text that the sample may be: its score, and its commonest encoding."""
    scores: dict[str, float] = {}
    encodings: dict[str, str] = {}
    beyond_ascii = sum(byte > 127 for byte in sample)
    for encoding, confidence in _guesses(sample, fitting) if beyond_ascii else ():
        text = sample.decode(encoding)
        score = confidence * plausibility(text) ** 3 * _prior(encoding, beyond_ascii)
        scores[text] = max(scores.get(text, 0.0), score)
        encodings[text] = min(encodings.get(text, encoding), encoding, key=CANDIDATES.index)
    return scores, encodings


def _guesses(sample: bytes, fitting: list[str]) -> Iterator[tuple[str, float]]:
    from chardet import detect_all

    for guess in detect_all(
        sample, ignore_threshold=True, include_encodings=fitting, no_match_encoding=fitting[0], compat_names=False
    ):
        if guess["encoding"] in fitting:
            yield str(guess["encoding"]), guess["confidence"]
    yield from ((encoding, _kana(sample, encoding)) for encoding in _JAPANESE if encoding in fitting)


def _kana(sample: bytes, encoding: str) -> float:
    """Half the share of kana beyond ASCII: the detector passes over texts of nothing else."""
    text = sample.decode(encoding)
    beyond_ascii = sum(not char.isascii() for char in text)
    return sum("\u3041" <= char <= "\u30ff" for char in text) / (beyond_ascii or 1) / 2


def _prior(encoding: str, beyond_ascii: int) -> float:
    """The weight of an encoding by its place; it matters where few bytes decide."""
    return max(0.0, 1 - CANDIDATES.index(encoding) * (_RARER + _RARER_ALONE / beyond_ascii**2))

"""Detection of the encodings of the time before Unicode, from the lines that hold bytes beyond ASCII."""

from collections.abc import Iterable

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
SURE = 0.98  # a second reading whose score reaches this share of the best one's leaves the encoding open


class Unsure(ValueError):
    """The bytes fit several encodings about equally well; `guesses` has the best two."""

    def __init__(self, guesses: tuple[str, str]) -> None:
        super().__init__(f"the bytes fit {guesses[0]} and {guesses[1]}")
        self.guesses = guesses


def detect(lines: Iterable[bytes]) -> str:
    """The encoding of lines with bytes beyond ASCII. Raises Unsure."""
    scores, encodings = _readings(b"\n".join(dict.fromkeys(lines)))
    if not scores:
        return CANDIDATES[0]
    best, *others = sorted(scores, key=lambda text: scores[text], reverse=True)
    if others and scores[others[0]] > SURE * scores[best]:
        raise Unsure((encodings[best], encodings[others[0]]))
    return encodings[best]


def _readings(sample: bytes) -> tuple[dict[str, float], dict[str, str]]:
    """For each different text that the sample may be: its score, and its commonest encoding."""
    scores: dict[str, float] = {}
    encodings: dict[str, str] = {}
    beyond_ascii = sum(byte > 127 for byte in sample)
    for encoding, confidence in _guesses(sample):
        try:
            text = sample.decode(encoding)
        except UnicodeDecodeError:
            continue
        score = confidence * plausibility(text) ** 3 * _prior(encoding, beyond_ascii)
        scores[text] = max(scores.get(text, 0.0), score)
        encodings[text] = min(encodings.get(text, encoding), encoding, key=CANDIDATES.index)
    return scores, encodings


def _guesses(sample: bytes) -> list[tuple[str, float]]:
    from chardet import detect_all

    guesses = detect_all(sample, ignore_threshold=True, include_encodings=CANDIDATES, compat_names=False)
    named = ((str(guess["encoding"]), guess["confidence"]) for guess in guesses if guess["encoding"])
    return [*named, *_kana(sample)]


def _kana(sample: bytes) -> Iterable[tuple[str, float]]:
    """The share of kana as each Japanese encoding reads them: the detector passes over texts of nothing else."""
    for encoding in _JAPANESE:
        text = sample.decode(encoding, "ignore")
        beyond_ascii = sum(not char.isascii() for char in text)
        yield encoding, sum("\u3041" <= char <= "\u30ff" for char in text) / (beyond_ascii or 1) / 2


def _prior(encoding: str, beyond_ascii: int) -> float:
    """Weight of a commoner encoding; it matters where few bytes speak."""
    return max(0.0, 1 - CANDIDATES.index(encoding) * (0.001 + 0.04 / beyond_ascii))

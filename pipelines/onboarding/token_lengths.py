"""Lengths of messages in tokens of an encoder: the `max_tokens` to declare, and how much of the messages is cut."""

import hashlib
import json
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pipelines.catalog.recipe import MAX_TOKENS, Recipe
from pipelines.training.network.encoder_files import locate_encoder, readable_tokens

if TYPE_CHECKING:
    from tokenizers import Tokenizer

TEXTS, CHARACTERS = 5_000, 5_000_000  # most of a sample
SMALLEST = Recipe().max_tokens
STEP = 64
MAX_CUT = 0.05  # share of the texts that a recommended `max_tokens` may cut
MOST = 0.5
MAX_UNKNOWN = 0.1  # English tweets have 1%, emojis and all; a language that the encoder does not read has 50% and more
# Per token, of a language that the encoder does not read: with fewer, words are read letter by letter. MiniLM reads
# English by 4 characters, French by 2.9, Polish by 2.1, Hindi by 1.6, Russian by 1.2, Arabic by 1.1.
MIN_CHARACTERS = 2.0
READS = {"minilm": ("en", "English")}


@dataclass(frozen=True)
class TokenLengths:
    """Lengths of a sample of texts in tokens of an encoder, special tokens included, in ascending order.

    `unknown` is the share of tokens that the encoder does not know; `encoder_limit` the most tokens that it reads.
    """

    base: str
    lengths: tuple[int, ...]
    unknown: float
    characters_per_token: float
    encoder_limit: int

    def share_over(self, tokens: int) -> float:
        """Share of the texts that are longer than a number of tokens."""
        return 1 - bisect_right(self.lengths, tokens) / len(self.lengths) if self.lengths else 0.0

    def percentile(self, percent: float) -> int:
        """The length that this percentage of the texts does not exceed."""
        return self.lengths[max(0, -(-int(len(self.lengths) * percent) // 100) - 1)] if self.lengths else 0

    @property
    def max_tokens(self) -> int:
        """The smallest of 128, 192, 256 ... that cuts at most MAX_CUT of the texts, up to what the encoder reads."""
        most = min(self.encoder_limit, MAX_TOKENS)
        sizes = [size for size in range(SMALLEST, most + 1, STEP) if self.share_over(size) <= MAX_CUT]
        return sizes[0] if sizes else most

    @property
    def truncation(self) -> Literal["head", "head_tail"]:
        """`head_tail` if even so most texts are cut: a data check refuses to train on their start alone."""
        return "head_tail" if self.share_over(self.max_tokens) > MOST else "head"


def measure(texts: Iterable[str], base: str) -> TokenLengths:
    """Token lengths of masked texts; of many a sample that is the same for the same texts. Raises EncoderNotFound."""
    folder = Path(locate_encoder(base))
    tokenizer = _tokenizer(folder)
    sample = list(_sample(texts))
    encodings = tokenizer.encode_batch_fast(sample)
    unknown_id = _unknown_id(tokenizer)
    lengths = sorted(len(encoding.ids) for encoding in encodings)
    tokens = sum(encoding.special_tokens_mask.count(0) for encoding in encodings) or 1
    unknown = sum(encoding.ids.count(unknown_id) for encoding in encodings) / tokens
    return TokenLengths(base, tuple(lengths), unknown, sum(map(len, sample)) / tokens, _limit(folder))


def length_warnings(lengths: TokenLengths, language: str, recipe: Recipe) -> tuple[str, ...]:
    """Sentences about texts that are cut and tokens that are unknown; none if nothing is worth a sentence.

    `recipe` is the declared one: with `max_tokens` and `truncation`.
    """
    return (*_cuts(lengths, recipe), *_unread(lengths, language))


def _cuts(lengths: TokenLengths, recipe: Recipe) -> Iterator[str]:
    over, cut = lengths.share_over(SMALLEST), lengths.share_over(recipe.max_tokens)
    if round(over, 2) <= 0:
        return
    if recipe.max_tokens > SMALLEST:
        yield f"{over:.0%} of the texts are longer than {SMALLEST} tokens: max_tokens = {recipe.max_tokens} was written"
    if round(cut, 2) > 0:
        part = "in their middle (truncation = 'head_tail')" if recipe.truncation == "head_tail" else "at their end"
        remedy = "" if recipe.truncation == "head_tail" else "; for e-mail add truncation = 'head_tail' to its recipe"
        yield f"{cut:.0%} of the texts are longer than {recipe.max_tokens} tokens and are cut {part}{remedy}"


def _unread(lengths: TokenLengths, language: str) -> Iterator[str]:
    code, name = READS.get(lengths.base, ("", ""))
    which = f", which reads {name}" if name and code != language else ""
    remedy = (
        f"give --base with an encoder that reads {language!r}: a folder, or a hub's owner/name such as "
        "intfloat/multilingual-e5-small"
    )
    if lengths.unknown >= MAX_UNKNOWN:
        share = f"{lengths.unknown:.0%} of the tokens of these messages are unknown to {lengths.base!r}"
        yield f"{share}{which}: {remedy}"
    elif which and lengths.lengths and lengths.characters_per_token < MIN_CHARACTERS:
        yield f"{lengths.base!r}{which}, splits the words of these messages nearly into letters: {remedy}"


def _sample(texts: Iterable[str]) -> Iterator[str]:
    """Distinct texts in the order of their hash, at most TEXTS and about CHARACTERS."""
    left = CHARACTERS
    for text in sorted(set(texts), key=lambda text: hashlib.sha256(text.encode()).digest())[:TEXTS]:
        if left <= 0:
            return
        left -= len(text)
        yield text


def _tokenizer(folder: Path) -> "Tokenizer":
    from tokenizers import Tokenizer

    if (file := folder / "tokenizer.json").exists():
        tokenizer = Tokenizer.from_file(str(file))
    else:  # converted by Transformers, whose import takes seconds
        from pipelines.training.network.encoder import load_tokenizer

        tokenizer = load_tokenizer(str(folder)).backend_tokenizer
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _unknown_id(tokenizer: "Tokenizer") -> int:
    """The id of unknown tokens; -1 for an encoder that spells out by bytes what it does not know."""
    model = json.loads(tokenizer.to_str())["model"]
    name, number = model.get("unk_token"), model.get("unk_id")
    found = tokenizer.token_to_id(name) if name is not None else number
    return -1 if found is None else found


def _limit(folder: Path) -> int:
    """Most tokens of a text: positions of the encoder, and the length that its tokenizer is made for."""
    positions = readable_tokens(_json(folder / "config.json")) or MAX_TOKENS
    return int(min(positions, _json(folder / "tokenizer_config.json").get("model_max_length") or MAX_TOKENS))


def _json(file: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return content

"""Precision and recall of masking on labelled sentences: `python tests/bench/masking_quality.py` prints the tables.

A sentence writes its personal data as `{EMAIL:jane@x.org}`. Every fourth one was not read while the rules were tuned.
"""

import csv
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pipelines.ingestion.text import normalise
from pipelines.masking.mask import Match, find_personal_data
from pipelines.masking.matching_view import PLACEHOLDERS
from pipelines.masking.rules import DEFAULT_REGIONS, DEFAULT_TRADES, MaskingRules, Trade

FILE = Path(__file__).parents[1] / "pipelines" / "masking" / "sentences.csv"
FRESH = FILE.with_name("fresh_sentences.csv")
MARK = re.compile(r"\{([A-Z-]+):(.+?)\}")
UNSEEN = 4  # every fourth sentence
TRADES: dict[str, tuple[Trade, ...]] = {"booking": ("booking",), "coupon": ("coupon",)}
Row = tuple[str, ...]


@dataclass(frozen=True)
class Sentence:
    """One sentence: its plain text, its personal data, and the rules that its model would declare."""

    language: str
    text: str
    details: tuple[Match, ...]
    rules: MaskingRules
    unseen: bool

    @property
    def promised(self) -> set[Match]:
        """Personal data that a placeholder is promised for; names and addresses are a known gap."""
        return {detail for detail in self.details if detail.placeholder in PLACEHOLDERS}


def sentences(file: Path = FILE) -> list[Sentence]:
    """All labelled sentences of a file, in its order."""
    with file.open(encoding="utf-8", newline="") as stream:
        return [_sentence(number, row) for number, row in enumerate(csv.DictReader(stream), start=1)]


def _sentence(number: int, row: dict[str, str]) -> Sentence:
    text, details, position = "", [], 0
    for mark in MARK.finditer(row["text"]):
        text += row["text"][position : mark.start()]
        details.append(Match(len(text), len(text) + len(mark[2]), mark[1]))
        text, position = text + mark[2], mark.end()
    text += row["text"][position:]
    if normalise(text) != text:
        raise ValueError(f"sentence {number} is not normalised")
    return Sentence(row["language"], text, tuple(details), _rules(row["declared"]), number % UNSEEN == 0)


def _rules(declared: str) -> MaskingRules:
    regions = (declared.removeprefix("region="),) if declared.startswith("region=") else DEFAULT_REGIONS
    return MaskingRules((), (*DEFAULT_TRADES, *TRADES.get(declared, ())), regions)


@dataclass(frozen=True)
class Quality:
    """Counts of one group: details marked, exact matches, all matches, altered sentences without details."""

    marked: int
    found: int
    made: int

    @property
    def cells(self) -> Row:
        """The counts as cells of a table."""
        return str(self.marked), _share(self.found, self.marked), _share(self.found, self.made)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "-"


def quality(group: Iterable[Sentence], placeholder: str | None = None) -> Quality:
    """Recall and precision of exact spans with the right placeholder, of one placeholder or of all."""
    counts: Counter[str] = Counter()
    for sentence in group:
        marked = {detail for detail in sentence.promised if placeholder in (None, detail.placeholder)}
        matches = find_personal_data(sentence.text, sentence.rules)
        made = {match for match in matches if placeholder in (None, match.placeholder)}
        counts.update(marked=len(marked), found=len(marked & made), made=len(made))
    return Quality(counts["marked"], counts["found"], counts["made"])


def by_group() -> Iterator[Row]:
    """Rows of the first table: part of the sentences and language, with counts."""
    parts = {
        "three of four, read while the rules were tuned": [one for one in sentences() if not one.unseen],
        "every fourth, not read until the end": [one for one in sentences() if one.unseen],
        "60 more, written after the rules": sentences(FRESH),
    }
    for part, rows in parts.items():
        for language in ("en", "zh"):
            group = [one for one in rows if one.language == language]
            plain = [one for one in group if not one.details]
            altered = sum(bool(find_personal_data(one.text, one.rules)) for one in plain)
            yield (part, language, str(len(group)), *quality(group).cells, f"{altered} of {len(plain)}")


def by_placeholder() -> Iterator[Row]:
    """Rows of the second table: placeholder and language, with counts."""
    for placeholder in PLACEHOLDERS:
        groups = [[one for one in sentences() if one.language == language] for language in ("en", "zh")]
        yield (f"`<{placeholder}>`", *(cell for group in groups for cell in quality(group, placeholder).cells))


HEADS = (
    ("sentences", "language", "number", "details", "recall", "precision", "altered without details"),
    ("placeholder", "en: details", "recall", "precision", "zh: details", "recall", "precision"),
)


def tables() -> str:
    """Both tables in Markdown."""
    return "\n".join(_table(heads, rows) for heads, rows in zip(HEADS, (by_group(), by_placeholder()), strict=True))


def _table(heads: Row, rows: Iterable[Row]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def errors(unseen: bool = False) -> Iterator[str]:
    """Sentences with a missed, wrong or needless match, for the person who tunes the rules."""
    for one in sentences():
        matches = set(find_personal_data(one.text, one.rules))
        if one.unseen is unseen and matches != one.promised:
            wanted, got = (
                [f"{m.placeholder}:{one.text[m.start : m.end]}" for m in sorted(group)]
                for group in (one.promised, matches)
            )
            yield f"{one.text}\n    wanted {wanted}\n    got    {got}"


def main() -> None:
    """Print the tables; with `--errors`, the sentences that were read while tuning and have errors."""
    sys.stdout.write("\n".join(errors()) + "\n" if "--errors" in sys.argv else tables())


if __name__ == "__main__":
    main()

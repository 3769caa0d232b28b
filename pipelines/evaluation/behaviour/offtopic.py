"""Off-topic texts, written for this purpose: no model of customer messages is about them."""

import csv
from functools import cache
from pathlib import Path

_ANY = "*"  # gibberish and symbols, of no language


@cache
def off_topic_texts(language: str) -> tuple[str, ...]:
    """Return texts on weather, cooking, maths, poetry, gossip and code in a language (ISO 639-1), and gibberish."""
    with Path(__file__).with_name("offtopic.csv").open(encoding="utf-8", newline="") as stream:
        return tuple(row["text"] for row in csv.DictReader(stream) if row["language"] in (language, _ANY))

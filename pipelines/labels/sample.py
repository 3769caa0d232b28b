"""Sample of messages for annotation: `python -m pipelines.labels.sample` prints them as JSON lines.

The order is a shuffle of all distinct airline messages by a salted hash, so a longer sample begins with a shorter one.
"""

import argparse
import hashlib
import json

from pipelines.ingestion.airline import airline_rows
from pipelines.ingestion.text import digest, normalise


def sample(rows: int, salt: str = "intent-2026") -> list[tuple[str, str]]:
    """The first `rows` of all distinct messages in random order: `(hash, normalised text)`."""
    texts: dict[str, str] = {}
    for _, row in airline_rows():
        text = normalise(row["text"])
        texts.setdefault(digest(text), text)
    order = sorted(texts, key=lambda key: hashlib.sha256(f"{salt}:{key}".encode()).hexdigest())
    return [(key, texts[key]) for key in order[:rows]]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=2400)
    parser.add_argument("--salt", default="intent-2026", help="another salt draws another, independent order")
    options = parser.parse_args()
    for key, text in sample(options.rows, options.salt):
        print(json.dumps({"hash": key, "text": text}))

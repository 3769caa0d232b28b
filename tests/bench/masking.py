"""Time the masking: `python tests/bench/masking.py`, over all airline messages, on one core."""

import time

from pipelines.catalog.built_in import BUILT_IN
from pipelines.ingestion.airline import airline_rows
from pipelines.ingestion.text import normalise
from pipelines.masking.mask import mask


def main() -> None:
    """Print milliseconds per message."""
    texts = [normalise(row["text"]) for _, row in airline_rows()]
    started = time.perf_counter()
    changed = sum(mask(text, BUILT_IN[0].source.masking) != text for text in texts)
    spent = time.perf_counter() - started
    print(f"{len(texts)} messages, {changed} with something masked, {1000 * spent / len(texts):.3f} ms each")


if __name__ == "__main__":
    main()

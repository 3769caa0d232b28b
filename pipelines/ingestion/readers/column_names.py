"""Column names as a table has them: distinct, and none of the required ones twice."""

from collections import Counter
from collections.abc import Collection, Iterable

from pipelines.ingestion.rows import UnusableSource


def distinct(header: Iterable[str], required: Collection[str]) -> list[str]:
    """The names; the second column of a name gets a number, as in pandas. Raises UnusableSource for a required one."""
    names: list[str] = []
    seen: Counter[str] = Counter()
    for name in map(str.strip, header):
        if seen[name] and name in required:
            raise UnusableSource(f"the column {name!r} is there twice; rename or remove one of the two")
        names.append(f"{name}.{seen[name]}" if seen[name] else name)
        seen[name] += 1
    return names

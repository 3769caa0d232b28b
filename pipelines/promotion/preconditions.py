"""Optimistic lock for promote and rollback: fails if the champion changed since the caller looked."""

from collections.abc import Iterable

from pipelines.ledger.entry import Entry
from pipelines.ledger.queries import current_champions


class ChampionChanged(RuntimeError):
    """The champion, on which a decision was based, has changed."""


def require_champion(entries: Iterable[Entry], model: str, version: int | None) -> None:
    """Raises ChampionChanged unless `version` is the champion; None stands for no champion."""
    champion = current_champions(entries).get(model)
    if version != (champion.version if champion else None):
        raise ChampionChanged(
            f"the champion of {model!r} is {champion.version if champion else 'none'} now: look again, then decide"
        )

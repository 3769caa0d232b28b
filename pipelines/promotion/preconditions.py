"""Whoever decides knows which version is champion, and is told where that is no longer so."""

from collections.abc import Iterable

from pipelines.ledger.entry import Entry
from pipelines.ledger.queries import current_champions


class ChampionChanged(RuntimeError):
    """Something that was decided on what is no longer so."""


def require_champion(entries: Iterable[Entry], model: str, version: int | None) -> None:
    """Raises ChampionChanged where another version is champion, or none (None)."""
    now = current_champions(entries).get(model)
    if version != (now.version if now else None):
        raise ChampionChanged(
            f"the champion of {model!r} is {now.version if now else 'none'} now: look again, then decide"
        )

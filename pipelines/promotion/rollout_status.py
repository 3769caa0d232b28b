"""How a trial fares, from its counts and what customers said: pure, the same for the service and for listings."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from pipelines.ledger.entry import Entry, Record
from pipelines.ledger.events import Canary, Rollout, Shadow
from pipelines.promotion.guards import Arms, figures
from pipelines.promotion.sequential import BernoulliCount
from pipelines.store.rollout_counts import Opinion, Tallies

AGREEMENT, LABELS, COPIES = "agreement", "labels", "copies"
CHALLENGER, CHAMPION = "challenger", "champion"
FirstOpinions = Mapping[str, Opinion]  # by author
LEAST = 100  # answers of a challenger, before it can be said that no harm was seen


def in_canary(customer: str, trial: Record[Canary]) -> bool:
    """Whether a canary answers this customer, a keyed hash: always the same, and others for another version."""
    salted = f"{trial.model}\0{trial.version}\0{customer}".encode()
    return int.from_bytes(hashlib.sha256(salted).digest()[:8]) < trial.event.share * 2**64


def started_at(trial: Entry) -> datetime:
    """The moment of its entry."""
    return datetime.fromisoformat(trial.time)


def first(trial: Record[Canary], opinions: Iterable[Opinion]) -> FirstOpinions:
    """What each author said first: who complains all day, or of many people's answers, is one who complains."""
    found: dict[str, Opinion] = {}
    for opinion in opinions:
        # What a champion answered in place of a challenger that failed speaks for neither.
        if (opinion.version == trial.version) == in_canary(opinion.customer, trial):
            found.setdefault(opinion.author, opinion)
    return found


def guard_samples(trial: Entry, tallies: Tallies, words: FirstOpinions) -> dict[str, Arms]:
    """What the guards judge, by their names; each author counts once for satisfaction."""
    of = {who: [one.displeased for one in words.values() if one.version == who] for who in _versions(trial)}
    pleased = Arms(*(BernoulliCount(len(arm), sum(arm)) for arm in of.values()))
    return {what: _arms(tallies, what) for what in ("errors", "latency")} | {"satisfaction": pleased}


def _versions(trial: Entry) -> tuple[int, int | None]:
    return trial.version, trial.champion


def _arms(tallies: Tallies, what: str) -> Arms:
    return Arms(*(BernoulliCount(*tallies.get((what, who), (0, 0))) for who in (CHALLENGER, CHAMPION)))


def status(
    trial: Record[Rollout], tallies: Tallies, words: FirstOpinions | None = None, now: datetime | None = None
) -> dict[str, Any]:
    """The trial in plain values, for people and scripts; `words` are what was said of a canary."""
    said: dict[str, Any] = {
        "way": trial.event.tag,
        "version": trial.version,
        "since": trial.time,
        "reason": "; ".join(trial.reasons),
    }
    match trial.event:
        case Shadow():
            return said | _shadow(tallies)
        case Canary(share=share, hours=hours):
            over = (now or datetime.now(UTC)) - started_at(trial) >= timedelta(hours=hours)
            guards = figures(guard_samples(trial, tallies, words or {}))
            return said | {"share": share, "hours": hours, "verdict": _verdict(over, tallies), "guards": guards}


def _verdict(over: bool, tallies: Tallies) -> str:
    answers, _ = tallies.get(("errors", CHALLENGER), (0, 0))
    if not over:
        return "running"
    return "no harm seen" if answers >= LEAST else f"too little seen: {answers} of {LEAST} answers"


def _shadow(tallies: Tallies) -> dict[str, Any]:
    texts = {label: counts for (what, label), counts in tallies.items() if what == AGREEMENT}
    # Where an answer is one label, texts are counted by it; else each label of the answers by itself.
    labels = dict(sorted(item for item in texts.items() if item[0]))
    labels |= {label: counts for (what, label), counts in sorted(tallies.items()) if what == LABELS}
    answers, agreed = (sum(counts[place] for counts in texts.values()) for place in (0, 1))
    lost = {who: tallies.get((COPIES, who), (0, 0))[0] for who in ("dropped", "failed")}
    by_label = [{"label": label, **_share(*counts)} for label, counts in labels.items()]
    return _share(answers, agreed) | lost | {"labels": by_label}


def _share(answers: int, agreed: int) -> dict[str, Any]:
    return {"answers": answers, "agreement": round(agreed / answers, 4) if answers else None}

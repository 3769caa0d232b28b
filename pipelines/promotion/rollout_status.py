"""Status of a rollout from its counts and its customers' opinions; pure functions for the service and for listings."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from pipelines.ledger.entry import Entry, EventEntry
from pipelines.ledger.events import Canary, Rollout, Shadow
from pipelines.promotion.guards import Arms, figures
from pipelines.promotion.sequential import BernoulliCount
from pipelines.store.rollout_counts import Opinion, RolloutCounts

AGREEMENT, LABELS, COPIES = "agreement", "labels", "copies"
CHALLENGER, CHAMPION = "challenger", "champion"
FirstOpinions = Mapping[str, Opinion]  # by author
MIN_ANSWERS = 100  # answers of a challenger, before "no harm seen" is reported


def in_canary(customer: str, rollout: EventEntry[Canary]) -> bool:
    """True if the canary answers this customer, by a hash of model, version and customer."""
    salted = f"{rollout.model}\0{rollout.version}\0{customer}".encode()
    return int.from_bytes(hashlib.sha256(salted).digest()[:8]) < rollout.event.share * 2**64


def started_at(rollout: Entry) -> datetime:
    """The time of the entry that started the rollout."""
    return datetime.fromisoformat(rollout.time)


def first_opinions(rollout: EventEntry[Canary], opinions: Iterable[Opinion]) -> FirstOpinions:
    """The first opinion of each author: a frequent complainer counts once."""
    first: dict[str, Opinion] = {}
    for opinion in opinions:
        # An answer of the champion in place of a failed challenger counts for neither arm.
        if (opinion.version == rollout.version) == in_canary(opinion.customer, rollout):
            first.setdefault(opinion.author, opinion)
    return first


def guard_samples(rollout: Entry, counts: RolloutCounts, opinions: FirstOpinions) -> dict[str, Arms]:
    """The counts of both arms by the name of the guard; each author counts once for satisfaction."""
    displeased = {
        version: [opinion.displeased for opinion in opinions.values() if opinion.version == version]
        for version in _versions(rollout)
    }
    satisfaction = Arms(*(BernoulliCount(len(arm), sum(arm)) for arm in displeased.values()))
    return {measure: _arms(counts, measure) for measure in ("errors", "latency")} | {"satisfaction": satisfaction}


def _versions(rollout: Entry) -> tuple[int, int | None]:
    return rollout.version, rollout.champion


def _arms(counts: RolloutCounts, measure: str) -> Arms:
    return Arms(*(BernoulliCount(*counts.get((measure, arm), (0, 0))) for arm in (CHALLENGER, CHAMPION)))


def status(
    rollout: EventEntry[Rollout],
    counts: RolloutCounts,
    opinions: FirstOpinions | None = None,
    now: datetime | None = None,
) -> dict[str, Any]:
    """The rollout as plain values for people and scripts; `opinions` are those about a canary."""
    row: dict[str, Any] = {
        "way": rollout.event.tag,
        "version": rollout.version,
        "since": rollout.time,
        "reason": "; ".join(rollout.reasons),
    }
    match rollout.event:
        case Shadow():
            return row | _shadow(counts)
        case Canary(share=share, hours=hours):
            over = (now or datetime.now(UTC)) - started_at(rollout) >= timedelta(hours=hours)
            guards = figures(guard_samples(rollout, counts, opinions or {}))
            return row | {"share": share, "hours": hours, "verdict": _verdict(over, counts), "guards": guards}


def _verdict(over: bool, counts: RolloutCounts) -> str:
    answers, _ = counts.get(("errors", CHALLENGER), (0, 0))
    if not over:
        return "running"
    return "no harm seen" if answers >= MIN_ANSWERS else f"too little seen: {answers} of {MIN_ANSWERS} answers"


def _shadow(all_counts: RolloutCounts) -> dict[str, Any]:
    texts = {label: counts for (measure, label), counts in all_counts.items() if measure == AGREEMENT}
    # With one label per answer texts are counted by label; otherwise each label is counted by itself.
    labels = dict(sorted(item for item in texts.items() if item[0]))
    labels |= {label: counts for (measure, label), counts in sorted(all_counts.items()) if measure == LABELS}
    answers, agreed = (sum(counts[index] for counts in texts.values()) for index in (0, 1))
    lost_copies = {outcome: all_counts.get((COPIES, outcome), (0, 0))[0] for outcome in ("dropped", "failed")}
    by_label = [{"label": label, **_share(*counts)} for label, counts in labels.items()]
    return _share(answers, agreed) | lost_copies | {"labels": by_label}


def _share(answers: int, agreed: int) -> dict[str, Any]:
    return {"answers": answers, "agreement": round(agreed / answers, 4) if answers else None}

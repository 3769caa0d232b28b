"""What it costs to serve a model on this machine."""

from collections.abc import Iterator
from dataclasses import dataclass

from pipelines.catalog.spec import Gate
from pipelines.evaluation.case import Case
from pipelines.evaluation.isolated_service import IsolatedService
from pipelines.evaluation.measure import Attachment, Measure, ceiling, unshown


@dataclass(frozen=True)
class ServingCost:
    """Median milliseconds for one text over HTTP and bytes on disk; the champion's in the same run, if there is one."""

    milliseconds: float
    bytes: int
    champion_milliseconds: float | None = None
    champion_bytes: int | None = None


def cost(case: Case) -> Iterator[Measure | Attachment]:
    """Quick enough and small enough."""
    found = serving_cost(case.contest, case.test["text"].tolist())
    yield Attachment("burden", found)
    yield from bearable(found, case.gate)


def bearable(found: ServingCost | None, gate: Gate) -> Iterator[Measure]:
    """Latency and size held against the gate; latency also against the champion's in the same run: machines differ."""
    if found is None:
        yield unshown("serve.milliseconds", "what it costs to serve", "milliseconds", "slower", "megabytes")
        return
    spent = found.milliseconds
    yield ceiling("serve.milliseconds", spent, gate.milliseconds, "one text takes", "milliseconds", digits=".1f")
    yield _slower(spent, found.champion_milliseconds, gate)
    yield Measure("serve.bytes", found.bytes)
    held = found.bytes / 1e6
    yield ceiling("serve.megabytes", held, gate.megabytes, "the package holds", "megabytes", digits=".1f")


def _slower(spent: float, champion: float | None, gate: Gate) -> Measure:
    if champion is None:
        return Measure("serve.slower", None, gate=("slower",))
    what = "one text takes, of the champion's time,"
    return ceiling("serve.slower", spent / max(champion, 1e-9), gate.slower, what, "slower", digits=".2f")


def serving_cost(contest: IsolatedService, texts: list[str]) -> ServingCost:
    """Of the challenger beside the champion, on the same texts in turns."""
    spent = {who: 1000 * seconds for who, seconds in contest.seconds(texts).items()}
    size = {
        who: sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        for who, folder in contest.packages.items()
    }
    return ServingCost(spent["challenger"], size["challenger"], spent.get("champion"), size.get("champion"))

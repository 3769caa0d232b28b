"""Serving cost of a model on this machine: latency of one text, and size of the package."""

from collections.abc import Iterator
from dataclasses import dataclass

from pipelines.catalog.gate import Gate
from pipelines.evaluation.case import Case
from pipelines.evaluation.isolated_service import IsolatedService
from pipelines.evaluation.measure import Attachment, Measure, ceiling, missing_measure


@dataclass(frozen=True)
class ServingCost:
    """Median milliseconds for one text over HTTP and bytes on disk; the champion's in the same run, if there is one."""

    milliseconds: float
    bytes: int
    champion_milliseconds: float | None = None
    champion_bytes: int | None = None


def measure_serving_cost(case: Case) -> Iterator[Measure | Attachment]:
    """Measure latency and package size of the challenger."""
    cost = compute_serving_cost(case.service, case.test["text"].tolist())
    yield Attachment("burden", cost)
    yield from serving_cost_measures(cost, case.gate)


def serving_cost_measures(cost: ServingCost | None, gate: Gate) -> Iterator[Measure]:
    """Compare latency and size with the gate, and latency with the champion's in the same run: machines differ."""
    if cost is None:
        yield missing_measure("serve.milliseconds", "the serving cost", "milliseconds", "slower", "megabytes")
        return
    latency = cost.milliseconds
    yield ceiling(
        "serve.milliseconds", latency, gate.max_latency_ms, "one text takes", "milliseconds", digits=".1f", unit=" ms"
    )
    yield _latency_ratio(latency, cost.champion_milliseconds, gate)
    yield Measure("serve.bytes", cost.bytes)
    megabytes = cost.bytes / 1e6
    yield ceiling(
        "serve.megabytes", megabytes, gate.max_package_mb, "the package has", "megabytes", digits=".1f", unit=" MB"
    )


def _latency_ratio(latency: float, champion: float | None, gate: Gate) -> Measure:
    if champion is None:
        return Measure("serve.slower", None, gate=("slower",))
    subject = "latency: ratio to the champion's"
    return ceiling(
        "serve.slower", latency / max(champion, 1e-9), gate.max_latency_ratio, subject, "slower", digits=".2f"
    )


def compute_serving_cost(service: IsolatedService, texts: list[str]) -> ServingCost:
    """Time challenger and champion on the same texts in turns, and add up the bytes of their packages."""
    latency = {role: 1000 * seconds for role, seconds in service.seconds(texts).items()}
    size = {
        role: sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        for role, folder in service.packages.items()
    }
    return ServingCost(latency["challenger"], size["challenger"], latency.get("champion"), size.get("champion"))

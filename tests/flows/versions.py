"""Versions made in a second each: registered as any other, but nobody trained them."""

import pandas as pd

from pipelines import storage
from pipelines.catalog import ModelSpec
from pipelines.evaluation.bootstrap import Interval
from pipelines.evaluation.scorecard import Scorecard, Standing
from pipelines.ingestion import snapshot
from pipelines.ledger import Entry, Event, Ledger
from pipelines.promotion.aligning import align
from pipelines.promotion.evidence import kept
from pipelines.registry.registry import Registry
from pipelines.registry.version import ModelVersion
from pipelines.settings import Settings
from pipelines.training.challenger import Challenger
from pipelines.training.cost import NOTHING
from pipelines.training.loop import Curve
from tests.pipelines.serving.conftest import write_package

EVEN = Interval(0.5, 0.4, 0.6)
CARD = Scorecard(
    rows=2,
    labels=("baggage", "delay", "praise"),
    challenger=Standing(EVEN, EVEN),
    champion=None,
    majority=Standing(EVEN, EVEN),
    tfidf=Standing(EVEN, EVEN),
    against=None,
    lead=EVEN,
    per_label={},
    confusion=(),
)


def registered(spec: ModelSpec, settings: Settings, number: int) -> ModelVersion:
    """A version whose package, weights and train snapshot hold its number."""
    folder = settings.home / "work" / f"made-{number}"
    write_package(folder / "package", labels=spec.labels)
    (folder / "package" / "number.txt").write_text(str(number))
    (folder / "weights").mkdir()
    (folder / "weights" / "model.safetensors").write_bytes(bytes(1000 + number))
    (folder / "curves.png").write_bytes(b"a picture")
    rows = {"key": str(number), "text": f"text {number}", "label": "delay", "validation": False, "origin": "feedback"}
    train = snapshot.write(pd.DataFrame([rows]), f"{settings.storage}/snapshots/{spec.name}")
    challenger = Challenger(folder, 1, NOTHING, Curve(), 1)
    return Registry(settings).register(challenger, spec, train, f"key {number}", feedback=0)


def judged(version: ModelVersion, event: Event, settings: Settings) -> Entry:
    """A decision about it, with evidence, and MLflow aligned with the ledger."""
    texts = pd.DataFrame({"key": ["a"], "text": ["late"], "label": ["delay"]})
    test = snapshot.write(texts, f"{settings.storage}/snapshots/{version.name}")
    folder = f"{settings.storage}/evidence/{version.name}"
    answers = pd.DataFrame({"key": ["a"], "label": ["delay"], "challenger": [f"answer {version.version}"]})
    facts = {"model": version.name, "version": version.version, "location": version.location}
    champion = Ledger(settings.ledger).champion(version.name)
    entry = Entry(
        event=event,
        **facts,
        digest=version.digest,
        data=version.snapshot,
        gate="",
        reasons=("told so",),
        champion=champion.version if champion else None,
        evidence=kept(CARD, answers, (test,), folder),
    )
    written = Ledger(settings.ledger).append(entry)
    align(version.name, settings)
    return written


def artefacts(version: ModelVersion, settings: Settings) -> list[str]:
    """What is left of a version: its package, its weights, its train snapshot."""
    own = f"{settings.storage}/snapshots/{version.name}/{version.snapshot}.parquet"
    return [uri for uri in (version.location, version.weights, own) if storage.exists(uri)]

"""Versions made in a second each: registered like all others, but without training."""

import pandas as pd

from pipelines.catalog.gate import Gate
from pipelines.catalog.spec import ModelSpec
from pipelines.evaluation.scorecard import build_scorecard
from pipelines.ingestion import snapshot
from pipelines.kinds.classification.evaluation.label_quality import contestant_measures, floor_measures
from pipelines.kinds.classification.evaluation.label_scores import Scores, ScoreTable
from pipelines.ledger.entry import EVENT_CLASSES, Entry
from pipelines.ledger.events import Tag
from pipelines.ledger.ledger import Ledger
from pipelines.promotion.decision_event import subject
from pipelines.promotion.evidence import save_evidence
from pipelines.promotion.registry_sync import sync_aliases
from pipelines.registry.version import ModelVersion
from pipelines.statistics.bootstrap import Interval
from pipelines.storage import blobs
from pipelines.store import test_set_uses
from pipelines.store.database import open_database, writing
from pipelines.training.challenger import Challenger
from pipelines.training.optimisation.cost import ZERO_COST
from pipelines.training.optimisation.training_loop import Curve
from pipelines.workspace.settings import Settings
from tests.pipelines.serving.conftest import write_package

EVEN = Interval(0.5, 0.4, 0.6)
GATE = Gate(min_macro_f1=0, min_accuracy=0, margin=0.02, min_gain_over_baseline=0, min_recall=0)
STANDINGS = ScoreTable(
    labels=("baggage", "delay", "praise"),
    challenger=Scores(EVEN, EVEN),
    champion=None,
    majority=Scores(EVEN, EVEN),
    tfidf=Scores(EVEN, EVEN),
    against=None,
    lead=EVEN,
    per_label={},
    confusion=(),
)
MEASURES = (*floor_measures(STANDINGS, GATE), *contestant_measures(STANDINGS))
CARD = build_scorecard(2, GATE, (*MEASURES, *STANDINGS.attachments()))


def registered(spec: ModelSpec, settings: Settings, number: int) -> ModelVersion:
    """A version whose package, weights and train snapshot hold its number."""
    folder = settings.home / "work" / f"made-{number}"
    write_package(folder / "package", labels=spec.target.names)
    (folder / "package" / "number.txt").write_text(str(number))
    (folder / "weights").mkdir()
    (folder / "weights" / "model.safetensors").write_bytes(bytes(1000 + number))
    (folder / "curves.png").write_bytes(b"a picture")
    rows = {"key": str(number), "text": f"text {number}", "label": "delay", "validation": False, "origin": "feedback"}
    train = snapshot.write(pd.DataFrame([rows]), f"{settings.storage}/snapshots/{spec.name}")
    challenger = Challenger(folder, 1, ZERO_COST, Curve(), 1)
    return settings.workspace.registry.register(challenger, spec, train, f"key {number}", feedback=0)


def record_decision(version: ModelVersion, tag: Tag, settings: Settings) -> Entry:
    """A decision about a version, with evidence; MLflow is aligned with the ledger."""
    texts = pd.DataFrame({"key": ["a"], "text": ["late"], "label": ["delay"]})
    test = snapshot.write(texts, f"{settings.storage}/snapshots/{version.name}")
    with writing(open_database(settings.database)) as connection:  # before the decision, as in an evaluation
        test_set_uses.record(connection, test.digest, version.name, f"version {version.version}")
    folder = f"{settings.storage}/evidence/{version.name}"
    answers = pd.DataFrame({"key": ["a"], "label": ["delay"], "challenger": [f"answer {version.version}"]})
    champion = Ledger(settings.files.ledger).champion(version.name)
    evidence = save_evidence(CARD, (answers,), (test,), folder)
    event = EVENT_CLASSES[tag](subject(version, ""), ("told so",), champion.version if champion else None, evidence)
    written = Ledger(settings.files.ledger).append(event)
    sync_aliases(version.name, settings.workspace)
    return written


def decide(spec: ModelSpec, settings: Settings, *tags: Tag) -> list[ModelVersion]:
    """One version for each decision, numbered from 1."""
    versions = [registered(spec, settings, number) for number in range(1, len(tags) + 1)]
    for version, tag in zip(versions, tags, strict=True):
        record_decision(version, tag, settings)
    return versions


def artefacts(version: ModelVersion, settings: Settings) -> list[str]:
    """The remaining artefacts of a version: its package, its weights, its train snapshot."""
    own = f"{settings.storage}/snapshots/{version.name}/{version.snapshot}.parquet"
    return [uri for uri in (version.location, version.weights, own) if blobs.exists(uri)]

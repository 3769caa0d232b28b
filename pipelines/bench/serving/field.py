"""The contestants: Needloop, and common servers with MLflow, FastAPI, transformers and LitServe."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification, BertModel

from pipelines.bench.machine import machine
from pipelines.bench.serving.contestant import Contestant
from pipelines.bench.serving.exported import export_int8
from pipelines.inference.artefact import open_package
from pipelines.ledger.events import Promotion, Subject
from pipelines.ledger.ledger import Ledger
from pipelines.ledger.queries import current_champions
from pipelines.registry.version import ModelVersion
from pipelines.runtime.interpreter import MODULE
from pipelines.workspace.settings import Settings

PEERS = "pipelines.bench.serving.peers"
OURS, PLAIN = "Needloop", "plain"


@dataclass(frozen=True)
class ServedChampion:
    """A champion, and its package on this disk."""

    version: ModelVersion
    package: Path


def build_contestants(champions: Sequence[ServedChampion], work: Path) -> list[Contestant]:
    """Needloop first, with every champion; the others with the first champion only, in plain int8.

    Their files are written below `work`.
    """
    version, package, module = champions[0].version, champions[0].package, MODULE
    checkpoint = _checkpoint(version, work)
    plain = export_int8(checkpoint, package, work / PLAIN)
    cores = str(machine().cores)
    registered = f"models:/{version.name}/{version.version}"
    return [
        our_contestant(OURS, champions, work / "home"),
        our_contestant(f"{OURS}, a process a core", champions, work / "together", NEEDLOOP_WORKERS=cores),
        Contestant(
            "mlflow models serve",
            (*module, "mlflow", "models", "serve", "-m", registered, "--env-manager", "local", "--port", "{port}"),
            "/invocations",
            _records,
        ),
        Contestant(
            "FastAPI + transformers.pipeline",
            (*module, f"{PEERS}.pipeline", str(checkpoint), "{port}"),
            "/predict",
            _texts,
        ),
        Contestant("LitServe + int8", (*module, f"{PEERS}.lit", str(plain), "{port}"), "/predict", _texts),
        Contestant("FastAPI + int8", (*module, f"{PEERS}.plain", str(plain), "{port}"), "/predict", _texts),
        Contestant("FastAPI + our package", (*module, f"{PEERS}.plain", str(package), "{port}"), "/predict", _texts),
    ]


def our_contestant(name: str, champions: Sequence[ServedChampion], home: Path, **options: str) -> Contestant:
    """The service in a home of its own, without the prediction cache and the rate limit for each address."""
    for champion in champions:
        package = Subject(
            champion.version.name, champion.version.version, str(champion.package), champion.version.digest, "", gate=""
        )
        Ledger(home / "ledger.jsonl").append(Promotion(package, ("measured",), champion=None))
    settings = {"NEEDLOOP_HOME": str(home), "NEEDLOOP_CACHE": "0", "NEEDLOOP_RATE": "0", "PREFECT_API_URL": ""}
    settings |= {"NEEDLOOP_DATABASE_URL": f"sqlite:///{home / 'needloop.db'}"}
    settings |= {"NEEDLOOP_WORKERS": "1"} | options
    command = (*MODULE, "pipelines.serving", "--port", "{port}")
    return Contestant(name, command, f"/v1/models/{champions[0].version.name}/predict", _texts, settings)


def _texts(texts: Sequence[str]) -> object:
    return {"texts": list(texts)}


def _records(texts: Sequence[str]) -> object:
    return {"dataframe_records": [{"text": text} for text in texts]}


def _checkpoint(version: ModelVersion, work: Path) -> Path:
    """The encoder under the head that `transformers.pipeline` knows: as expensive as ours, with meaningless labels."""
    weights, folder = Path(version.weights), work / "checkpoint"
    if not folder.exists():
        config = BertConfig.from_pretrained(weights, num_labels=len(version.target.names))
        model = BertForSequenceClassification(config)
        model.bert = BertModel.from_pretrained(weights)
        model.save_pretrained(folder)
        AutoTokenizer.from_pretrained(weights).save_pretrained(folder)
    return folder


class ChampionMissing(LookupError):
    """No model has a champion yet."""


def home_champions(settings: Settings) -> list[ServedChampion]:
    """Every champion of the home, first the one to be loaded."""
    champions = current_champions(settings.workspace.ledger.entries())
    if not champions:
        raise ChampionMissing("nothing is promoted in this home: needloop run, then measure again")
    cache, registry = settings.files.packages, settings.workspace.registry
    order = sorted(champions.values(), key=lambda entry: entry.model != "sentiment")
    return [
        ServedChampion(registry.version(entry.model, entry.version), open_package(entry.package, entry.digest, cache))
        for entry in order
    ]

"""Paths of a home's files, and addresses in its store."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Files:
    """Paths below `home`, and addresses (texts) below `storage`, which is a folder or `s3://bucket/prefix`."""

    home: Path
    storage: str

    @property
    def ledger(self) -> Path:
        """The append-only record of decisions that the service trusts."""
        return self.home / "ledger.jsonl"

    @property
    def scorecards(self) -> Path:
        """Pictures and tables of evaluations, by model and version."""
        return self.home / "scorecards"

    @property
    def audit(self) -> Path:
        """The result of the last scheduled audit, as JSON: its time and the differences."""
        return self.home / "audit.json"

    @property
    def cards(self) -> Path:
        """The model cards, by model and version, as Markdown and HTML."""
        return self.home / "cards"

    @property
    def validations(self) -> Path:
        """The validation results of train snapshots, by model and digest."""
        return self.home / "validation"

    @property
    def tunings(self) -> Path:
        """The last tuning of each model: its trials, its choice and the reason."""
        return self.home / "tuning"

    @property
    def trials(self) -> Path:
        """The database of all tuning trials, from which a killed tuning continues."""
        return self.home / "tuning.db"

    @property
    def logs(self) -> Path:
        """The logs of all processes."""
        return self.home / "logs"

    @property
    def cache(self) -> Path:
        """Files that can be made again: packages and weights by digest, corpora, the tools' own caches."""
        return self.home / "cache"

    @property
    def packages(self) -> Path:
        """Copies of packages, by digest."""
        return self.cache / "packages"

    @property
    def weights(self) -> Path:
        """Copies of weights, by the digest of their version's package."""
        return self.cache / "weights"

    def quarantine(self, name: str) -> Path:
        """The rows of a model's source that could not be read."""
        return self.home / "quarantine" / name

    def work(self, model: str) -> Path:
        """The working folder of a training until its version is registered."""
        return self.home / "work" / model

    def snapshots(self, name: str) -> str:
        """The address of a model's train and test snapshots."""
        return f"{self.storage}/snapshots/{name}"

    def evidence(self, model: str) -> str:
        """The address of the evidence of decisions about a model."""
        return f"{self.storage}/evidence/{model}"

    @property
    def artifacts(self) -> str:
        """The address of MLflow's artifacts."""
        return f"{self.storage}/artifacts"

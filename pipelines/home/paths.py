"""Where the files of a home lie, and those of its store."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Files:
    """Paths below `home`; addresses below `storage`, which is a folder or `s3://bucket/prefix`, are texts."""

    home: Path
    storage: str

    @property
    def ledger(self) -> Path:
        """The append-only record of promotions that the server trusts."""
        return self.home / "ledger.jsonl"

    @property
    def scorecards(self) -> Path:
        """Pictures and tables of what was judged, by model and version."""
        return self.home / "scorecards"

    @property
    def audit(self) -> Path:
        """What the last scheduled audit found, as JSON: when, and what differed."""
        return self.home / "audit.json"

    @property
    def cards(self) -> Path:
        """What each version is and was shown to do, by model and version, as Markdown and HTML."""
        return self.home / "cards"

    @property
    def validations(self) -> Path:
        """What each train snapshot was found to be, by model and digest."""
        return self.home / "validation"

    @property
    def tunings(self) -> Path:
        """The last tuning of each model: what was tried, what was chosen and why."""
        return self.home / "tuning"

    @property
    def trials(self) -> Path:
        """Every trial of every tuning, from which a killed one is taken up again."""
        return self.home / "tuning.db"

    @property
    def logs(self) -> Path:
        """What each process says."""
        return self.home / "logs"

    @property
    def cache(self) -> Path:
        """What can be made again: packages and weights by digest, corpora, the tools' own caches."""
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
        """Rows of a model's source that could not be read."""
        return self.home / "quarantine" / name

    def work(self, model: str) -> Path:
        """Where a training writes until its version is registered."""
        return self.home / "work" / model

    def snapshots(self, name: str) -> str:
        """The address of what a model learns from and is judged by."""
        return f"{self.storage}/snapshots/{name}"

    def evidence(self, model: str) -> str:
        """The address of what decisions about a model rest on."""
        return f"{self.storage}/evidence/{model}"

    @property
    def artifacts(self) -> str:
        """The address of what MLflow keeps as files."""
        return f"{self.storage}/artifacts"

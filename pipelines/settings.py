"""The environment, read once at the edges: where state lives and which servers stand in for the embedded defaults."""

import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)


class Settings(BaseSettings):
    """`NEEDLOOP_*` from the environment, then `.env`, then the `[settings]`-free TOML file `needloop.toml`."""

    model_config = SettingsConfigDict(
        env_prefix="NEEDLOOP_", env_file=".env", toml_file="needloop.toml", frozen=True, extra="ignore"
    )

    home: Path = Path("mlruns")
    catalog: Path | None = None
    database_url: str | None = None
    store: str | None = None
    url: str = "http://127.0.0.1:8000"
    api_key: str | None = None
    default_model: str | None = Field(None, description="answers where a protocol names none; else the only champion")
    hosts: Annotated[tuple[str, ...], NoDecode] = Field((), description="names the service answers to, comma-separated")
    cache: int = Field(10_000, ge=0, description="answers that are remembered for each model; 0: none")
    deadline: float = Field(0.14, ge=0, description="seconds that a question may wait before it is refused; 0: any")
    workers: int = Field(1, ge=1, description="processes of the service that share its port; each has its own cores")
    rate: float | None = Field(None, ge=0, description="requests a second for each key or address; 0: any number")
    prefect_page: str | None = Field(None, description="where the console sends people who look for runs")
    mlflow_page: str | None = Field(None, description="where it sends those who look for versions")
    processes: int = Field(1, ge=1, description="that train one network together, on one machine; a GPU each")
    sharding: Literal["ddp", "fsdp"] = Field("ddp", description="what they share: the batches, or the weights too")

    @field_validator("hosts", mode="before")
    @classmethod
    def _names(cls, value: object) -> object:
        return tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value

    @field_validator("home", "catalog")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        return value and value.expanduser().absolute()

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], *sources: PydanticBaseSettingsSource, **named: PydanticBaseSettingsSource
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment first, then files: a variable set for one command always wins."""
        return (*sources, *named.values(), TomlConfigSettingsSource(settings_cls))

    @property
    def catalog_file(self) -> Path:
        """The user's own declarations, TOML or Python; need not exist."""
        return self.catalog or self.home / "catalog.toml"

    @property
    def database(self) -> str:
        """SQLAlchemy address of predictions, feedback and leases."""
        return self.database_url or f"sqlite:///{self.home / 'needloop.db'}"

    @property
    def storage(self) -> str:
        """Where snapshots and MLflow artifacts go: a folder, or `s3://bucket/prefix`."""
        return (self.store or str(self.home)).rstrip("/")

    @property
    def tracking_uri(self) -> str:
        """MLflow's own variable wins; without it a SQLite file under the home."""
        return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{self.home / 'mlflow.db'}"

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
    def authorization(self) -> dict[str, str]:
        """The header by which a client of ours shows its key, if it has one."""
        return {"Authorization": f"Bearer {self.api_key}"} if self.api_key else {}

    def environment(self) -> dict[str, str]:
        """What child processes inherit: this state, every cache under it, telemetry off unless turned on."""
        home = self.home
        ours = {
            "NEEDLOOP_HOME": str(home),
            "NEEDLOOP_CATALOG": str(self.catalog_file),
            "MLFLOW_TRACKING_URI": self.tracking_uri,
            "PREFECT_HOME": str(home / "prefect"),
            "HF_HOME": str(home / "cache" / "huggingface"),
            "MPLCONFIGDIR": str(home / "cache" / "matplotlib"),
        }
        quiet = {
            "DO_NOT_TRACK": "1",
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "GX_ANALYTICS_ENABLED": "false",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "MLFLOW_ENABLE_ASYNC_LOGGING": "false",
            "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
            "GIT_PYTHON_REFRESH": "quiet",
            "TOKENIZERS_PARALLELISM": "false",
            # In memory, a lease dies with its server while its slot stays taken in the database, for good.
            "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
            "PREFECT_LOGGING_LEVEL": "INFO",
            "PREFECT_LOGGING_EXTRA_LOGGERS": "flows,tasks,expectations,pipelines",
            # Logs go to Prefect's UI; the terminal shows bars, tables and one sentence where something fails.
            "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
            "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
        }
        return {**quiet, **{name: os.environ[name] for name in quiet if name in os.environ}, **ours}

    def activate(self) -> "Settings":
        """Set the tools' own variables in this process, before any of them is imported; makes the home."""
        self.home.mkdir(parents=True, exist_ok=True)
        os.environ.update(self.environment())
        return self

"""The environment, read once at the edges: where state lives and which servers stand in for the embedded defaults."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from pipelines.home.location import settle
from pipelines.home.paths import Files
from pipelines.home.soundness import require_sound
from pipelines.home.swapping import repair
from pipelines.runtime.file_modes import make_private
from pipelines.runtime.prefect_state import state

if TYPE_CHECKING:  # who only names a page or a port need not wait for the ledger
    from pipelines.home.workspace import Workspace


class Settings(BaseSettings):
    """`NEEDLOOP_*` from the environment, then `.env`, then the `[settings]`-free TOML file `needloop.toml`."""

    model_config = SettingsConfigDict(
        env_prefix="NEEDLOOP_", env_file=".env", toml_file="needloop.toml", frozen=True, extra="ignore"
    )

    home: Path = Field(Path("mlruns"), description="the state folder; a relative path counts from the current folder")
    catalog: Path | None = Field(None, description="your declarations, `.toml` or `.py`; else `<home>/catalog.toml`")
    database_url: str | None = Field(
        None,
        description="SQLAlchemy address of answers and feedback; else `<home>/needloop.db`; PostgreSQL needs a driver",
    )
    store: str | None = Field(
        None, description="a folder or `s3://bucket/prefix` for snapshots, artifacts and evidence; else the home"
    )
    url: str = Field("http://127.0.0.1:8000", description="the service that `predict` and `feedback` ask")
    api_key: str | None = Field(None, description="the key that the command line and the client send")
    default_model: str | None = Field(
        None, description="the model that answers MLflow's `/invocations`; else the only champion"
    )
    hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="names, comma-separated, of the service and the pages of `up`; with one, keys are asked for",
    )
    cache: int = Field(
        10_000,
        ge=0,
        description="answers that are remembered for each model, by the digest of the masked text; 0: none",
    )
    deadline: float = Field(
        0.14, ge=0, description="seconds that a request may wait for its turn; beyond that it gets 429; 0: any"
    )
    workers: int = Field(
        1, ge=1, description="processes of the service that share its port (Linux); each has its own cores and cache"
    )
    rate: float | None = Field(
        None,
        ge=0,
        description="requests a second of each key, or each address; 0: any; none: 0 on the loopback, else 200",
    )
    prefect_page: str | None = Field(
        None, description="the page of Prefect that the console links; `needloop up` sets it"
    )
    mlflow_page: str | None = Field(
        None, description="the page of MLflow that the console links; `needloop up` sets it"
    )
    processes: int = Field(1, ge=1, description="processes that train one network together, on one machine; a GPU each")
    sharding: Literal["ddp", "fsdp"] = Field(
        "ddp", description="what they share: `ddp` the batches, `fsdp` the weights too"
    )

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
    def files(self) -> Files:
        """Where everything lies in the home and in its store."""
        return Files(self.home, self.storage)

    @property
    def workspace(self) -> "Workspace":
        """The home as one value, for what is below the edges."""
        from pipelines.home.workspace import Workspace

        return Workspace(self.files, self.database, self.tracking_uri, self.catalog_file, self.processes, self.sharding)

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
            # Prefect would copy its pages into its own package, which an installation for many users cannot write.
            "PREFECT_SERVER_UI_STATIC_DIRECTORY": str(home / "cache" / "prefect-pages"),
            # Nothing in the current folder is imported: not by children, nor by the uvicorn that MLflow starts, which
            # would look there first, nor what a `.env` there gives Prefect for the configuration of its logs.
            "PYTHONSAFEPATH": "1",
            "UVICORN_APP_DIR": str(home / "logs"),
        }
        quiet = {
            "DO_NOT_TRACK": "1",
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",  # of the server and of its pages
            "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "GX_ANALYTICS_ENABLED": "false",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "ORT_DISABLE_TELEMETRY": "1",
            # Seven idle processes of 175 MB for jobs that nothing here starts.
            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
            "MLFLOW_ENABLE_ASYNC_LOGGING": "false",
            "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
            "GIT_PYTHON_REFRESH": "quiet",
            "TOKENIZERS_PARALLELISM": "false",
            # In memory, a lease dies with its server while its slot stays taken in the database, for good.
            "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
            "PREFECT_LOGGING_LEVEL": "INFO",
            "PREFECT_LOGGING_EXTRA_LOGGERS": "flows,tasks,expectations,pipelines",
            # Those take the root's level, which Prefect leaves at WARNING: what a flow says at INFO would be lost.
            "PREFECT_LOGGING_ROOT_LEVEL": "INFO",
            "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
            # Logs go to Prefect's UI; the terminal shows bars, tables and one sentence where something fails.
            "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
            "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
            "PREFECT_LOGGING_CONFIG_PATH": str(home / "prefect" / "logging.yml"),
            # Whoever persists a result: no pickle lies in the home.
            "PREFECT_RESULTS_DEFAULT_SERIALIZER": "json",
        }
        given = {name: os.environ[name] for name in quiet if name in os.environ}
        return {**quiet, **given, **state(home / "prefect", os.environ), **ours}

    def activate(self, sound: bool = True) -> "Settings":
        """Set the tools' own variables in this process, before any is imported; makes, closes or settles the home.

        Raises UnsoundHome and BrokenKey where the home is damaged, but for a command that looks after that itself.
        """
        make_private(self.home)
        repair(self.home)
        if sound:
            require_sound(self.home)
        settle(self.home)
        os.environ.update(self.environment())
        return self

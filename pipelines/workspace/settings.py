"""Settings of the environment, read once at the edges: the state folder, and servers instead of embedded defaults."""

import os
from pathlib import Path
from tomllib import TOMLDecodeError
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from pipelines.home.location import update_location
from pipelines.home.paths import Files
from pipelines.home.soundness import require_sound
from pipelines.home.swapping import repair
from pipelines.runtime.file_modes import make_private
from pipelines.workspace.prefect_state import prefect_variables
from pipelines.workspace.settings_errors import InvalidSettings, explain_settings

if TYPE_CHECKING:  # a command that needs only settings does not wait for the ledger
    from pipelines.workspace.workspace import Workspace

# Past FastAPI's router and dependencies; past the scheduler; past SQLAlchemy, for predictions and for API keys.
Shortcut = Literal["fast-path", "cpu-pinning", "fast-recording", "open-keyring"]
SHORTCUTS: tuple[Shortcut, ...] = get_args(Shortcut)


class Settings(BaseSettings):
    """`NEEDLOOP_*` from the environment, then `.env`, then the TOML file `needloop.toml`, which has no sections."""

    model_config = SettingsConfigDict(
        env_prefix="NEEDLOOP_", env_file=".env", toml_file="needloop.toml", frozen=True, extra="ignore"
    )

    home: Path = Field(Path("mlruns"), description="the state folder; a relative path counts from the current folder")
    catalog: Path | None = Field(None, description="your declarations, `.toml` or `.py`; else `<home>/catalog.toml`")
    database_url: str | None = Field(
        None,
        description="SQLAlchemy address of the database; else `<home>/needloop.db`; PostgreSQL needs a driver",
    )
    store: str | None = Field(
        None, description="a folder or `s3://bucket/prefix` for snapshots, artifacts and evidence; else the home"
    )
    url: str = Field("http://127.0.0.1:8000", description="address of the service for `predict` and `feedback`")
    api_key: str | None = Field(None, description="the key that the command line and the client send")
    default_model: str | None = Field(
        None, description="the model that answers MLflow's `/invocations`; else the only champion"
    )
    hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="host names, comma-separated, of the service and the pages of `up`; with any, keys are required",
    )
    cache: int = Field(
        10_000,
        ge=0,
        description="cached answers of each model, by the digest of the masked text; 0: none",
    )
    deadline: float = Field(
        0.14, ge=0, description="seconds that a request may wait; a longer wait is answered with 429; 0: no limit"
    )
    shortcuts: Annotated[tuple[Shortcut, ...], NoDecode] = Field(
        SHORTCUTS,
        description="shortcuts of the serving path, comma-separated, or empty; `needloop bench shortcuts` times each",
    )
    workers: int = Field(
        1, ge=1, description="processes of the service that share its port (Linux); each has its own cores and cache"
    )
    rate: float | None = Field(
        None,
        ge=0,
        description="requests per second of each key, or each address; 0: no limit; none: 0 on the loopback, else 200",
    )
    prefect_page: str | None = Field(
        None, description="the page of Prefect for the console's link; `needloop up` sets it"
    )
    mlflow_page: str | None = Field(
        None, description="the page of MLflow for the console's link; `needloop up` sets it"
    )
    processes: int = Field(1, ge=1, description="processes that train a network together, on one machine; a GPU each")
    sharding: Literal["ddp", "fsdp"] = Field(
        "ddp", description="division of the work of `processes`: `ddp` of the batches, `fsdp` of the weights too"
    )

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except (ValidationError, UnicodeDecodeError, TOMLDecodeError) as error:
            raise InvalidSettings(explain_settings(error)) from error

    @field_validator("hosts", "shortcuts", mode="before")
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
        """The sources by priority: the environment first, so that a variable of one command always wins."""
        return (*sources, *named.values(), TomlConfigSettingsSource(settings_cls))

    @property
    def catalog_file(self) -> Path:
        """The user's own declarations, TOML or Python; the file may be missing."""
        return self.catalog or self.home / "catalog.toml"

    @property
    def database(self) -> str:
        """SQLAlchemy address of predictions, feedback and leases."""
        return self.database_url or f"sqlite:///{self.home / 'needloop.db'}"

    @property
    def storage(self) -> str:
        """The address of snapshots and MLflow artifacts: a folder, or `s3://bucket/prefix`."""
        return (self.store or str(self.home)).rstrip("/")

    @property
    def tracking_uri(self) -> str:
        """MLflow's own variable, or else a SQLite file in the home."""
        return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{self.home / 'mlflow.db'}"

    @property
    def files(self) -> Files:
        """The paths of the home and the addresses in its store."""
        return Files(self.home, self.storage)

    @property
    def workspace(self) -> "Workspace":
        """The home as one value, for the code below the edges."""
        from pipelines.workspace.workspace import Workspace

        return Workspace(self.files, self.database, self.tracking_uri, self.catalog_file, self.processes, self.sharding)

    @property
    def authorization(self) -> dict[str, str]:
        """The header with the API key for Needloop's own clients; empty without a key."""
        return {"Authorization": f"Bearer {self.api_key}"} if self.api_key else {}

    def environment(self) -> dict[str, str]:
        """The variables for child processes: this home, all caches in it, telemetry off unless turned on."""
        home = self.home
        fixed = {
            "NEEDLOOP_HOME": str(home),
            "NEEDLOOP_CATALOG": str(self.catalog_file),
            "MLFLOW_TRACKING_URI": self.tracking_uri,
            "PREFECT_HOME": str(home / "prefect"),
            "HF_HOME": str(home / "cache" / "huggingface"),
            "MPLCONFIGDIR": str(home / "cache" / "matplotlib"),
            # Prefect would copy its pages into its own package, which may be read-only.
            "PREFECT_SERVER_UI_STATIC_DIRECTORY": str(home / "cache" / "prefect-pages"),
            # No module of the current folder is imported: not by children, not by the uvicorn that MLflow starts, which
            # would look there first, and not by a log configuration that a `.env` there gives Prefect.
            "PYTHONSAFEPATH": "1",
            "UVICORN_APP_DIR": str(home / "logs"),
        }
        defaults = {
            "DO_NOT_TRACK": "1",
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",  # of the server and of its pages
            "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "GX_ANALYTICS_ENABLED": "false",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "ORT_DISABLE_TELEMETRY": "1",
            # Saves seven idle processes of 175 MB for jobs that Needloop does not use.
            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
            "MLFLOW_ENABLE_ASYNC_LOGGING": "false",
            "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
            "GIT_PYTHON_REFRESH": "quiet",
            "TOKENIZERS_PARALLELISM": "false",
            # A lease in memory is lost with its server, while its slot stays taken in the database for ever.
            "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
            "PREFECT_LOGGING_LEVEL": "INFO",
            "PREFECT_LOGGING_EXTRA_LOGGERS": "flows,tasks,expectations,pipelines",
            # These loggers take the root's level, WARNING in Prefect's default: messages at INFO would be lost.
            "PREFECT_LOGGING_ROOT_LEVEL": "INFO",
            "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
            # Logs go to Prefect's UI; the terminal shows bars, tables and one sentence for a failure.
            "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
            "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
            "PREFECT_LOGGING_CONFIG_PATH": str(home / "prefect" / "logging.yml"),
            # Persisted results are JSON, so that no pickle lies in the home.
            "PREFECT_RESULTS_DEFAULT_SERIALIZER": "json",
        }
        set_by_user = {name: os.environ[name] for name in defaults if name in os.environ}
        return {**defaults, **set_by_user, **prefect_variables(home / "prefect", os.environ), **fixed}

    def activate(self, sound: bool = True) -> "Settings":
        """Set the variables of Prefect, MLflow and others before their import; make, restrict and update the home.

        Raises UnsoundHome and BrokenKey for a damaged home, unless `sound` is false: the command checks it itself.
        """
        make_private(self.home)
        repair(self.home)
        if sound:
            require_sound(self.home)
        update_location(self.home)
        os.environ.update(self.environment())
        return self

"""Prefect's settings for state and plugins, set as variables so that no file of the current folder sets them.

Prefect reads `.env`, `prefect.toml` and `pyproject.toml` of the current folder after the environment.
"""

from collections.abc import Mapping
from pathlib import Path

DATABASE = "PREFECT_SERVER_DATABASE_CONNECTION_URL"
# Other variables by which a user sets the same: older names, and the parts of a database's address.
ALTERNATIVES = {
    DATABASE: tuple(
        f"PREFECT_{part}_DATABASE_{name}"
        for part in ("SERVER", "API")
        for name in ("CONNECTION_URL", "DRIVER", "HOST", "PORT", "USER", "NAME", "PASSWORD")
    ),
    "PREFECT_SERVER_EVENTS_MESSAGING_BROKER": ("PREFECT_MESSAGING_BROKER",),
    "PREFECT_SERVER_EVENTS_MESSAGING_CACHE": ("PREFECT_MESSAGING_CACHE",),
    "PREFECT_SERVER_MEMO_STORE_PATH": ("PREFECT_MEMO_STORE_PATH",),
    "PREFECT_RESULTS_LOCAL_STORAGE_PATH": ("PREFECT_LOCAL_STORAGE_PATH",),
    "PREFECT_PLUGINS_ENABLED": ("PREFECT_EXPERIMENTS_PLUGINS_ENABLED",),
}


def prefect_variables(home: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """The variables of a Prefect home, without those set by the user in `environ`; another home's are replaced."""
    inherited = _defaults(Path(environ["PREFECT_HOME"])) if "PREFECT_HOME" in environ else {}
    set_by_user = {name for name, value in environ.items() if value != inherited.get(name)}
    return {
        name: value
        for name, value in _defaults(home).items()
        if set_by_user.isdisjoint((name, *ALTERNATIVES.get(name, ())))
    }


def _defaults(home: Path) -> dict[str, str]:
    """The values that Prefect itself would use."""
    return {
        DATABASE: f"sqlite+aiosqlite:///{home / 'prefect.db'}",
        "PREFECT_PROFILES_PATH": str(home / "profiles.toml"),
        "PREFECT_RESULTS_LOCAL_STORAGE_PATH": str(home / "storage"),
        "PREFECT_SERVER_MEMO_STORE_PATH": str(home / "memo_store.toml"),
        "PREFECT_SERVER_DOCKET_URL": "memory://",
        "PREFECT_SERVER_EVENTS_MESSAGING_BROKER": "prefect.server.utilities.messaging.memory",
        "PREFECT_SERVER_EVENTS_MESSAGING_CACHE": "prefect.server.utilities.messaging.memory",
        "PREFECT_SERVER_EVENTS_CAUSAL_ORDERING": "prefect.server.events.ordering.memory",
        "PREFECT_SERVER_WORKER_CHANNEL_CLEANUP_QUEUE_STORAGE": (
            "prefect.server.worker_communication.cleanup_queue.memory"
        ),
        "PREFECT_PLUGINS_ENABLED": "false",
        "PREFECT_RUNNER_AUTO_INSTALL_DEPENDENCIES": "false",
    }

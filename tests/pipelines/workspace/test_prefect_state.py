"""The home and the environment decide the place of Prefect's state, files of the current folder do not."""

import json
import subprocess
from pathlib import Path

import pytest

from pipelines.runtime.interpreter import MODULE
from pipelines.workspace.prefect_state import DATABASE, prefect_variables
from tests.flows.environments import environment

BROKER = "PREFECT_SERVER_EVENTS_MESSAGING_BROKER"
FOREIGN = {
    ".env": f"{DATABASE}=sqlite+aiosqlite:////tmp/theirs.db\n{BROKER}=theirs\nPREFECT_SERVER_DOCKET_URL=redis://evil\n",
    "prefect.toml": '[server.database]\nconnection_url = "sqlite+aiosqlite:////tmp/theirs.db"\n'
    '[server.events]\nmessaging_broker = "theirs"\nmessaging_cache = "theirs"\ncausal_ordering = "theirs"\n'
    '[results]\nlocal_storage_path = "/tmp/theirs"\n[plugins]\nenabled = true\n',
    "pyproject.toml": '[tool.prefect.server.database]\nconnection_url = "sqlite+aiosqlite:////tmp/theirs.db"\n'
    '[tool.prefect.server]\nmemo_store_path = "/tmp/theirs"\n'
    '[tool.prefect.server.worker_channel]\ncleanup_queue_storage = "theirs"\n',
}
SHOW = """
import json
from pipelines.workspace.settings import Settings
Settings().activate()
from prefect.settings import get_current_settings
found = get_current_settings()
print(json.dumps([found.server.database.connection_url.get_secret_value(), found.model_dump_json()]))
"""


@pytest.mark.parametrize("name", FOREIGN)
def test_a_file_of_the_current_folder_moves_no_state_and_loads_no_module(name, settings, tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / name).write_text(FOREIGN[name])
    inherited = {one: value for one, value in environment(settings).items() if not one.startswith("PREFECT_")}
    done = subprocess.run(
        [*MODULE[:2], "-c", SHOW], cwd=folder, env=inherited, capture_output=True, text=True, check=True
    )
    database, shown = json.loads(done.stdout)
    assert database == f"sqlite+aiosqlite:///{settings.home}/prefect/prefect.db"
    assert "theirs" not in shown
    assert "evil" not in shown


def test_the_environment_decides_under_each_of_a_settings_names(tmp_path):
    assert prefect_variables(tmp_path, {})[DATABASE] == f"sqlite+aiosqlite:///{tmp_path}/prefect.db"
    for name in (DATABASE, "PREFECT_API_DATABASE_CONNECTION_URL", "PREFECT_SERVER_DATABASE_HOST"):
        assert DATABASE not in prefect_variables(tmp_path, {name: "postgresql+asyncpg://db/prefect"})
    assert BROKER not in prefect_variables(tmp_path, {"PREFECT_MESSAGING_BROKER": "prefect_redis.messaging"})


def test_what_was_set_for_one_home_is_set_anew_for_another(tmp_path):
    first, second = Path(tmp_path / "first"), Path(tmp_path / "second")
    inherited = {"PREFECT_HOME": str(first), **prefect_variables(first, {})}
    assert prefect_variables(second, inherited)[DATABASE] == f"sqlite+aiosqlite:///{second}/prefect.db"
    chosen = {**inherited, DATABASE: "postgresql+asyncpg://db/prefect"}
    assert DATABASE not in prefect_variables(second, chosen)

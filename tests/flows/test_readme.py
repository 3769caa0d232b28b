"""The commands of the README, run as they stand there."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import free_port, small_rows
from tests.flows.environments import environment

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.timeout(400)


def block(file):
    """The bash block that begins with `# four commands`."""
    return re.search(r"```bash\n(# four commands\n.*?)```", (ROOT / file).read_text(encoding="utf-8"), re.DOTALL)[1]


@pytest.mark.slow
def test_four_commands_lead_from_a_strangers_csv_to_an_answer(settings, tmp_path, prefect_url, needloop):
    rows = [f'"{text}",{label}' for text, label in small_rows(90)]
    (tmp_path / "FILE.csv").write_text("\n".join(["utterance,intent", *rows]) + "\n", encoding="utf-8")
    port = str(free_port())
    script = block("README.md").replace("8000", port)
    done = subprocess.run(
        ["bash", "-euc", f"trap 'kill %1' EXIT\n{script}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=350,
        env=environment(settings, prefect_url)
        | {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "NEEDLOOP_URL": f"http://127.0.0.1:{port}",
        },
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"label":"baggage"' in done.stdout
    assert "saved: " in done.stdout
    (row,) = [row for row in json.loads(needloop("models", "--json").stdout) if row["model"] == "topics"]
    assert row["champion"] == 1
    taken = needloop(
        "add", "topics", "--data", str(tmp_path / "FILE.csv"), "--text", "utterance", "--label", "intent", status=1
    )
    assert "already declared" in taken.stderr


def test_our_packages_are_ours():
    import expectations
    import flows
    import pipelines
    import tasks

    for package in (flows, tasks, expectations, pipelines):
        assert Path(package.__file__).is_relative_to(ROOT)

"""The commands of the README, as they stand there."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from flows.services import free_port
from tests.conftest import small_rows
from tests.flows.conftest import environment

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.timeout(400)


def block(file):
    """The bash block that begins with `# four commands`."""
    return re.search(r"```bash\n(# four commands\n.*?)```", (ROOT / file).read_text(encoding="utf-8"), re.DOTALL)[1]


@pytest.mark.slow
def test_four_commands_lead_from_a_strangers_csv_to_an_answer(settings, tmp_path, prefect_url, needloop):
    rows = [f'"{text}",{label}' for text, label in small_rows(300)]
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
    assert "kept" in done.stdout
    (row,) = [row for row in json.loads(needloop("models", "--json").stdout) if row["model"] == "topics"]
    assert row["champion"] == 1
    taken = needloop(
        "add", "topics", "--data", str(tmp_path / "FILE.csv"), "--text", "utterance", "--label", "intent", status=1
    )
    assert "already declared" in taken.stderr


def commands(file):
    """Every command line of every bash block, without remarks."""
    blocks = re.findall(r"```bash\n(.*?)```", (ROOT / file).read_text(encoding="utf-8"), re.DOTALL)
    lines = [line.split(" #")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def test_both_readmes_show_the_same_commands():
    def first_words(file):
        return [" ".join(line.split()[:3]) for line in commands(file)]

    assert len(commands("README.md")) > 8
    assert first_words("README.zh.md") == first_words("README.md")


@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_every_link_leads_somewhere(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    paths = [path for path in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in path]
    assert paths
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_our_packages_are_ours():
    import expectations
    import flows
    import pipelines
    import tasks

    for package in (flows, tasks, expectations, pipelines):
        assert Path(package.__file__).is_relative_to(ROOT)

"""The commands of the guides, run as they stand; a block that is not run carries a comment with the reason."""

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.commands.app import app
from pipelines.masking.identity import customer_hash, secret_key
from pipelines.store.feedback_rows import Feedback, Origin
from pipelines.store.predictions import Prediction
from pipelines.store.store import Store

ROOT = Path(__file__).parents[2]
PAGES = [page for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))] if ".zh" not in page.name]
BLOCK = re.compile(r"(<!-- not run in a test: [^>]+-->\n+)?```(bash)\n(.*?)```", re.DOTALL)
RUN = ("access", "backup-and-move", "console", "deploy", "feedback", "promote-and-roll-back", "shadow-and-canary")


def commands(name):
    """The `needloop` commands of a page, as words; comments and other programs are left out."""
    page = next(page for page in PAGES if page.stem == name and page.parent.name in ("guides", "start"))
    lines = [line for _, _, code in BLOCK.findall(page.read_text(encoding="utf-8")) for line in code.splitlines()]
    said = [match[1] for line in lines if (match := re.search(r"(?:^|[ (])needloop ([^)]*)", line.split("  #")[0]))]
    return [shlex.split(line.partition(" #")[0]) for line in said]


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_every_block_of_commands_is_run_or_says_why_not(page):
    for remark, _, code in BLOCK.findall(page.read_text(encoding="utf-8")):
        run_as_shown = page.stem in RUN and all("needloop " in line for line in code.splitlines() if line.strip())
        elsewhere = code.startswith(("# four commands", "make run"))  # by test_readme, and by CI
        assert remark or run_as_shown or elsewhere, code


def as_shown(name, needloop):
    """Run the commands of a page, for the small model of the tests."""
    for words in commands(name):
        needloop(*(word.replace("sentiment", "topics") for word in words))


@pytest.mark.slow
@pytest.mark.timeout(280)
def test_the_commands_of_promotion_do_what_the_guide_says(two, needloop):
    as_shown("promote-and-roll-back", needloop)
    assert two.workspace.ledger.champion("topics").version == 1


@pytest.mark.slow
@pytest.mark.timeout(280)
def test_the_commands_of_shadow_and_canary_do_what_the_guide_says(decided, needloop):
    settings = decided("promote", "hold")
    as_shown("shadow-and-canary", needloop)
    events = [entry.event.tag for entry in settings.workspace.ledger.entries()]
    assert events[-3:] == ["shadow", "canary", "withdraw"]


def invoke(name, **ids):
    """Run the commands of a page in this process, with the ids of rows that exist here."""
    for words in commands(name):
        done = CliRunner().invoke(app, [ids.get(f"row{word}", word) for word in words])
        assert done.exit_code == 0, (words, done.output)


def test_the_commands_of_keys_and_feedback_do_what_the_guides_say(settings):
    store = Store(settings.database)
    for name in ("access", "console", "deploy"):
        invoke(name)
    keys = {key.name: key.id for key in store.list_keys()}
    assert set(keys) == {"web", "mei", "root", "shop", "prometheus"}
    customer = customer_hash("c-1042", secret_key(settings.home))
    rows = []
    for number in (17, 18):
        answer = Prediction("topics", 1, f"k{number}", f"text {number}", "praise", 0.5, {"praise": 0.5})
        store.record([answer])
        rows.append(store.add(Feedback(answer.id, correct=True, customer=customer), origin=Origin(keys["web"])).id)
    invoke("feedback", row17=str(rows[0]), row18=str(rows[1]))


def test_the_commands_of_a_backup_do_what_the_guides_say(decided, needloop, tmp_path, monkeypatch):
    decided("promote")
    for words in commands("backup-and-move"):
        needloop(
            *(word.replace("/backups/", f"{tmp_path}/").replace("/srv/needloop", f"{tmp_path}/home") for word in words)
        )

"""The examples of docs/extend, executed: each has the effect that its page describes."""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any, Literal, Self

import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

from pipelines.catalog.gate import AnyGate, Gate
from pipelines.ingestion.readers.source_file import SourceFile
from pipelines.kinds.target import Target
from pipelines.ledger.ledger import Ledger
from tests.pipelines.ledger.made import event

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs").rglob("*.md"))
BLOCK = re.compile(r"^( *)```python\n(.*?)^ *```", re.DOTALL | re.MULTILINE)


def blocks(page):
    return [dedent(code) for _, code in BLOCK.findall(page.read_text(encoding="utf-8"))]


def example(name, number=0, **names):
    """The names that a block of a page defines, given the names that the page imports."""
    code = blocks(ROOT / "docs" / "extend" / f"{name}.md")[number]
    exec(compile(code, f"{name}.md", "exec"), names)
    return names


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page)], ids=lambda page: page.name)
def test_every_python_block_is_python(page):
    for code in blocks(page):
        try:
            ast.parse(code)
        except SyntaxError:
            ast.parse("{" + code + "}")  # an entry of a dictionary, or an element of a list


def test_a_source_reads_what_its_page_says(tmp_path):
    (tmp_path / "m.toml").write_text('messages = [{text = "late", label = "delay"}, 7]')
    row, bad = example("a-source")["rows"](SourceFile(str(tmp_path / "m.toml")))
    assert (row.line, row.values) == (1, {"text": "late", "label": "delay"})
    assert type(bad).__name__ == "Rejected"


def test_a_command_lists_what_its_page_says(settings):
    ledger = Ledger(settings.files.ledger)
    ledger.append(event("promote", "intent", 2))
    ledger.append(event("pause", "intent", 2, reasons=("it insults people",)))
    program = typer.Typer()
    program.command()(example("a-command")["history"])
    done = CliRunner().invoke(program, ["intent", "--json"])
    assert [row["event"] for row in json.loads(done.stdout)] == ["promote", "pause"]
    assert "it insults people" in CliRunner().invoke(program, ["intent"]).stdout


def test_a_gate_check_refuses_what_its_page_says():
    class Stricter(Gate):
        min_coverage: float = 0.9

    measure = example("a-gate-check")["coverage_measure"]
    gate = Stricter(min_macro_f1=0, min_accuracy=0, margin=0, min_gain_over_baseline=0)
    assert [measure(share, gate).passes for share in (0.95, 0.5, None)] == [True, False, False]


def test_a_data_check_finds_what_its_page_says():
    alone = example("a-data-check", re=re, pd=pd)["_masks_alone"]
    rows = pd.DataFrame({"text": ["<EMAIL> <PHONE>", "call <PHONE>", None]})
    assert alone(rows).tolist() == ["<EMAIL> <PHONE>", None, None]


def test_a_kind_reads_what_its_page_says():
    names = {"Target": Target, "Literal": Literal, "Any": Any, "Mapping": Mapping, "Self": Self, "UrgencyGate": AnyGate}
    urgency = example("a-kind", **names)["Urgency"]()
    assert [urgency.read(written) for written in ("1", "5", None)] == ["1", None, None]


def test_a_job_and_an_alert_are_what_the_lists_take():
    from prefect import flow

    from flows.scheduling import ScheduledJob
    from pipelines.serving.console.alerts.alert_source import AlertSource, Finding, Situation, Title

    job = example("a-job-or-alert", flow=flow, ScheduledJob=ScheduledJob)["JOB"]
    assert (job.flow.name, job.cron) == ("drift", "0 * * * *")
    names = {"AlertSource": AlertSource, "Finding": Finding, "Situation": Situation, "Title": Title, "json": json}
    assert example("a-job-or-alert", 1, Iterator=Iterator, **names)["SOURCE"].kind == "drift"

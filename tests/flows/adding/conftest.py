"""The command `needloop add` over a small file."""

import json

import pytest
from typer.testing import CliRunner

from flows.commands.app import app


@pytest.fixture
def add(tmp_path, monkeypatch):
    """Run `needloop add topics` over a file of this content; returns its exit code, JSON and error."""
    monkeypatch.setenv("NEEDLOOP_HOME", str(tmp_path / "home"))

    def run(content, name="base.csv", *options):
        file = tmp_path / name
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        result = CliRunner().invoke(app, ["add", "topics", "--data", str(file), "--json", *options])
        document = json.loads(result.stdout) if result.stdout.strip() else {}
        return result.exit_code, document, str(result.exception or "")

    return run

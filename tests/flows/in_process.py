"""The command line run within the process of a test."""

import io
import json
import os
import signal
import sys
from dataclasses import dataclass

import pytest

from flows.commands import app as commands


@dataclass
class Done:
    """Exit code and output of a command."""

    status: int
    out: str
    err: str

    def json(self):
        return json.loads(self.out)


@pytest.fixture
def needloop_here(settings, capsys, monkeypatch):
    """Run a command in this process, with these bytes on standard input."""
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(os, "umask", lambda _mask: 0o022)

    def run(*words, stdin=b"", status=0):
        monkeypatch.setattr(sys, "argv", ["needloop", *map(str, words)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        with pytest.raises(SystemExit) as ended:
            commands.main()
        output = capsys.readouterr()
        assert (ended.value.code or 0) == status, output
        assert "Traceback" not in output.err
        return Done(ended.value.code, output.out, output.err)

    return run

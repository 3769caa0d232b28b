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


class Input(io.TextIOWrapper):
    """Standard input that holds some bytes, typed on a terminal or not."""

    def __init__(self, content, terminal):
        super().__init__(io.BytesIO(content), encoding="utf-8")
        self.terminal = terminal

    def isatty(self):
        return self.terminal


@pytest.fixture
def needloop_here(settings, capsys, monkeypatch):
    """Run a command in this process, with these bytes on standard input."""
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(os, "umask", lambda _mask: 0o022)

    def run(*words, stdin=b"", terminal=False, status=0):
        monkeypatch.setattr(sys, "argv", ["needloop", *map(str, words)])
        monkeypatch.setattr(sys, "stdin", Input(stdin, terminal))
        with pytest.raises(SystemExit) as ended:
            commands.main()
        output = capsys.readouterr()
        assert (ended.value.code or 0) == status, output
        assert "Traceback" not in output.err
        return Done(ended.value.code, output.out, output.err)

    return run

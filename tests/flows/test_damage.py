"""After any damage, every command prints one sentence that names the file, and writes nothing."""

import errno
import os
import signal
import sys

import pytest
import typer

from flows.commands import app as commands
from pipelines.store.store import Store

# Each command with its arguments; commands without a home fail because no service answers.
WORDS = {
    "run": [],
    "train": ["sentiment"],
    "retrain": ["sentiment"],
    "tune": ["sentiment"],
    "promote": ["sentiment", "--version", "1"],
    "rollback": ["sentiment", "--reason", "r"],
    "audit": [],
    "shadow": ["sentiment", "--version", "1", "--reason", "r"],
    "canary": ["sentiment", "--version", "1", "--reason", "r"],
    "withdraw": ["sentiment", "--reason", "r"],
    "pause": ["sentiment"],
    "resume": ["sentiment"],
    "explain": ["sentiment"],
    "prune": [],
    "backup": ["home.tar"],
    "up": [],
    "serve": [],
    "add": ["mine", "--data", "DATA"],
    "remove": ["mine", "--yes"],
    "export": ["messages", "--model", "sentiment", "--out", "rows.csv"],
    "models": [],
    "keys create": ["desk"],
    "keys list": [],
    "keys rotate": ["desk"],
    "keys revoke": ["desk"],
    "labels list": [],
    "labels undo": ["1"],
    "labels set-aside": ["1"],
    "labels restore": ["1"],
    "bench adaptation": [],
    "bench gate": [],
    "bench reading": [],
    "bench serving": [],
    "bench shortcuts": [],
}
ELSEWHERE = {"mask", "predict", "feedback", "doctor", "restore"}


def named():
    """The names of all commands of the program."""
    found = typer.main.get_command(commands.app)
    for name, command in found.commands.items():
        yield from (f"{name} {sub}" for sub in command.commands) if hasattr(command, "commands") else (name,)


@pytest.fixture
def error_of(capsys, monkeypatch):
    """Run a command in this process; returns its standard error. The command must fail with exit code 1."""
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(os, "umask", lambda _mask: 0o022)

    def error_of(name):
        monkeypatch.setattr(sys, "argv", ["needloop", *name.split(), *WORDS[name]])
        with pytest.raises(SystemExit) as ended:
            commands.main()
        told = capsys.readouterr()
        assert ended.value.code == 1, told
        assert told.out == ""
        return told.err

    return error_of


@pytest.fixture
def home(settings):
    """A home with a database, a key and a ledger."""
    Store(settings.database)
    (settings.home / "secret.key").write_bytes(b"k" * 32)
    (settings.home / "ledger.jsonl").touch()
    return settings.home


def damage(home, name, content):
    if content is None:
        (home / name).unlink()
    else:
        (home / name).write_bytes(content)


DAMAGES = {
    "a database of 14 bytes": ("needloop.db", b"not a database", "cannot be used, it is not a database"),
    "a registry of 14 bytes": ("mlflow.db", b"not a database", "cannot be used, it is not a database"),
    "a key of 5 bytes": ("secret.key", b"short", "holds 5 bytes instead of 32: restore it from a backup"),
    "a lost key": ("secret.key", None, "is missing: restore it from a backup"),
}


def test_no_command_is_forgotten_here():
    assert {*named()} == {*WORDS, *ELSEWHERE}


@pytest.mark.parametrize("kind", DAMAGES)
def test_every_command_names_the_damaged_file_and_says_what_to_do(kind, home, error_of):
    name, content, told = DAMAGES[kind]
    damage(home, name, content)
    before = sorted(file.name for file in home.iterdir())
    for command in WORDS:
        sentence = error_of(command)
        assert f"{home / name} {told}" in sentence, command
        assert sentence.startswith("needloop: "), command
        assert sentence.count("\n") == 1, command
    # Imported libraries may make their folders; nothing else may exist.
    assert {file.name for file in home.iterdir()} - {*before} <= {"logs", "cache", "prefect"}
    assert (home / name).read_bytes() == content if content else not (home / name).exists()


def test_every_command_says_that_the_disk_is_full_though_not_even_the_error_can_be_logged(home, error_of, monkeypatch):
    def full(path, *_arguments, **_more):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    monkeypatch.setattr("pipelines.workspace.settings.make_private", full)
    monkeypatch.setattr("pathlib.Path.write_text", full)
    for command in WORDS:
        told = f"needloop: {home} cannot be used, the disk is full: free some space, then try again\n"
        assert error_of(command) == told, command


def test_a_home_that_cannot_be_written_is_named(home, error_of, monkeypatch):
    monkeypatch.setattr("pipelines.home.soundness.os.access", lambda _path, _mode: False)
    assert error_of("pause").startswith(
        f"needloop: {home} cannot be used, it is read-only or belongs to another user: give"
    )


def test_settings_that_are_wrong_are_said_too(error_of, monkeypatch):
    monkeypatch.setenv("NEEDLOOP_CACHE", "many")
    sentence = error_of("models")
    assert "NEEDLOOP_CACHE must be a whole number" in sentence
    assert sentence.count("\n") == 1


def test_the_doctor_tells_the_damage_among_its_checks(home, capsys, monkeypatch):
    damage(home, "needloop.db", b"not a database")
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(sys, "argv", ["needloop", "doctor", "--json"])
    with pytest.raises(SystemExit) as ended:
        commands.main()
    assert ended.value.code == 1
    told = capsys.readouterr().out
    assert f"{home}/needloop.db cannot be used, it is not a database" in told
    assert "restore it from a backup" in told

"""The program `needloop` with all its commands. Heavy modules are imported by a command, so --help answers at once."""

import os
import signal
import sys
import traceback
from contextlib import suppress
from pathlib import Path

import typer
from pydantic import ValidationError

from flows.commands import (
    add,
    backup,
    bench,
    export,
    feedback,
    keys,
    labels,
    mask,
    models,
    pause,
    predict,
    promote,
    remove,
    rollout,
    serve,
    train,
    tune,
    versions,
)
from pipelines.runtime.field_errors import field_sentences
from pipelines.runtime.file_modes import MASK
from pipelines.workspace.settings import Settings

MODULES = (
    train,
    tune,
    promote,
    rollout,
    pause,
    versions,
    backup,
    serve,
    add,
    remove,
    predict,
    feedback,
    export,
    mask,
    models,
)

app = typer.Typer(
    name="needloop",
    help="A closed loop for text models of customer service: train, evaluate, serve, collect feedback, retrain.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
for module in MODULES:
    for command in module.COMMANDS:
        app.command(cls=getattr(module, "COMMAND_CLASS", None))(command)
app.add_typer(bench.bench, name="bench")
app.add_typer(keys.keys, name="keys")
app.add_typer(labels.labels, name="labels")


def main() -> None:
    """Run one command. A failure prints one sentence, logs its traceback to `<home>/logs/error.log`, exits with 1."""
    # For all commands, since a failed command writes its traceback to the home.
    os.umask(MASK)
    # A signal unwinds the stack, so every started process is stopped, even if a shell started this with ctrl-c ignored.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _exit_on_signal)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        app(standalone_mode=True)
    except Exception as error:  # the outermost edge: a person gets one sentence for any failure
        sys.exit(report_error(error))


def _exit_on_signal(signum: int, _frame: object) -> None:
    raise SystemExit(128 + signum)


def report_error(error: Exception) -> int:
    """Print an error as one sentence; return the exit code."""
    from pipelines.home.faults import explain_fault

    home = _home()
    known = explain_fault(error, home) if home else None
    sentence = known or f"{type(error).__name__}: {_words(error)}"
    log = _write_traceback(home) if home else None
    typer.secho(f"needloop: {sentence[:600]}" + (f" (details: {log})" if log else ""), fg="red", err=True)
    return 1


def _words(error: Exception) -> str:
    """The message in one line; of fields that are not valid in our words, without their values."""
    if isinstance(error, ValidationError):
        return field_sentences(error.errors())
    return " ".join(str(error).split()) or "no message"


def _home() -> Path | None:
    """The state folder; None if the settings are invalid."""
    try:
        return Settings().home
    except ValueError:
        return None


def _write_traceback(home: Path) -> Path | None:
    """Write the masked traceback to the error log; return its path, or None if the log cannot be written."""
    from pipelines.masking.mask import mask

    log = home / "logs" / "error.log"
    with suppress(OSError):
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(mask(traceback.format_exc()), encoding="utf-8")  # an error may quote a customer's message
        return log
    return None

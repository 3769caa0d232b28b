"""`needloop`: every command by name. Heavy imports wait until a command runs, so that --help answers at once."""

import os
import signal
import sys
import traceback
from contextlib import suppress
from pathlib import Path

import typer

from flows.commands import (
    add,
    backup,
    bench,
    keys,
    labels,
    models,
    pause,
    predict,
    promote,
    rollout,
    serve,
    train,
    tune,
    versions,
)
from pipelines.runtime.file_modes import MASK
from pipelines.runtime.settings import Settings

app = typer.Typer(
    name="needloop",
    help="A closed loop for the text models of customer service: learn, judge, serve, listen, learn again.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
for module in (train, tune, promote, rollout, pause, versions, backup, serve, add, predict, models):
    for command in module.COMMANDS:
        app.command()(command)
app.add_typer(bench.bench, name="bench")
app.add_typer(keys.keys, name="keys")
app.add_typer(labels.labels, name="labels")


def main() -> None:
    """Run one command; a failure becomes one sentence, its traceback goes to `<home>/logs/error.log`, exit code 1."""
    # Also of those that never ask for the home: what goes wrong is logged there.
    os.umask(MASK)
    # So that everything that was started is stopped, also where a shell started this with ctrl-c ignored.
    for wanted in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(wanted, _stopped)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        app(standalone_mode=True)
    except Exception as error:  # the outermost edge: whatever it was, people get one sentence
        sys.exit(_explained(error))


def _stopped(signum: int, _frame: object) -> None:
    raise SystemExit(128 + signum)


def _explained(error: Exception) -> int:
    from pipelines.home.faults import explained

    home = _home()
    why = explained(error, home) if home else None
    said = why or f"{type(error).__name__}: {' '.join(str(error).split()) or 'no message'}"
    log = _logged(home) if home else None
    typer.secho(f"needloop: {said[:600]}" + (f" (details: {log})" if log else ""), fg="red", err=True)
    return 1


def _home() -> Path | None:
    """None where the settings themselves are what is wrong."""
    try:
        return Settings().home
    except ValueError:
        return None


def _logged(home: Path) -> Path | None:
    """Write the traceback to the error log; its path, or None if the log cannot be written."""
    from pipelines.masking.mask import mask

    log = home / "logs" / "error.log"
    with suppress(OSError):
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(mask(traceback.format_exc()), encoding="utf-8")  # an error may quote what a customer wrote
        return log
    return None

"""`needloop`: every command by name. Heavy imports wait until a command runs, so that --help answers at once."""

import signal
import sys
import traceback

import typer

from flows.commands import (
    asking,
    benching,
    declaring,
    keeping,
    keys,
    learning,
    listing,
    operating,
    pausing,
    promoting,
    trying,
    tuning,
)
from pipelines.settings import Settings

app = typer.Typer(
    name="needloop",
    help="A closed loop for the text models of customer service: learn, judge, serve, listen, learn again.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
for module in (learning, tuning, promoting, trying, pausing, keeping, operating, declaring, asking, listing):
    for command in module.COMMANDS:
        app.command()(command)
app.add_typer(benching.bench, name="bench")
app.add_typer(keys.keys, name="keys")


def main() -> None:
    """Run one command; a failure becomes one sentence, its traceback goes to `<home>/logs/error.log`, exit code 1."""
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
    from pipelines.masking.mask import mask

    log = Settings().home / "logs" / "error.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text(mask(traceback.format_exc()), encoding="utf-8")  # an error may quote what a customer wrote
    said = " ".join(str(error).split()) or "no message"
    typer.secho(f"needloop: {type(error).__name__}: {said[:600]} (details: {log})", fg="red", err=True)
    return 1

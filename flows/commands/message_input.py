"""Messages given to a command: as arguments, or one a line on standard input."""

import re
from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperCommand

from pipelines.ingestion.rows import MAX_TEXT_LENGTH
from pipelines.ingestion.text import normalise
from pipelines.masking.markup import strip_markup
from pipelines.runtime.wording import counted_noun

STANDARD_INPUT = "-"
_OPTION = re.compile(r"(--[a-z][a-z-]*)(=.*)?", re.DOTALL)
_NOT_UTF_8 = re.compile("[\ud800-\udfff\x00]")  # surrogates stand for undecodable bytes; a NUL comes with UTF-16


class UnreadableInput(ValueError):
    """Messages that cannot be sent as they are; the text says what to do."""


class MessageCommand(TyperCommand):
    """A command whose messages may begin with a dash: `-1 star` is a message, `--jsno` a misspelt option."""

    ignore_unknown_options = True

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the arguments. Raises BadParameter for a word before `--` that looks like an option and is none."""
        known = {name for parameter in self.get_params(ctx) for name in (*parameter.opts, *parameter.secondary_opts)}
        for word in args[: args.index("--")] if "--" in args else args:
            option = _OPTION.fullmatch(word)
            if option and option[1] not in known:
                raise typer.BadParameter(f"there is no option {option[1]}; if it is a message, write -- before it", ctx)
        return super().parse_args(ctx, args)


def read_messages(words: Sequence[str]) -> list[str]:
    """The messages of the arguments, or for `-` the lines of standard input. Raises UnreadableInput."""
    if STANDARD_INPUT not in words:
        return [_given(word, number) for number, word in enumerate(words, start=1)]
    if len(words) > 1:
        raise typer.BadParameter("give messages, or - to read them from standard input, but not both")
    return _lines(typer.get_binary_stream("stdin").read())


def _given(word: str, number: int) -> str:
    if _is_empty(word):
        raise UnreadableInput(f"message {number} is empty: leave it out")
    return _readable(word, f"message {number}")


def _lines(content: bytes) -> list[str]:
    text = content.removeprefix(b"\xef\xbb\xbf").splitlines()
    lines = [_readable(line.decode("utf-8", "surrogateescape"), f"line {n}") for n, line in enumerate(text, start=1)]
    messages = [line for line in lines if not _is_empty(line)]
    if not messages:
        raise UnreadableInput("standard input has no message: write one a line, in UTF-8")
    if empty := len(lines) - len(messages):
        typer.echo(f"{counted_noun(empty, 'empty line')} left out", err=True)
    return messages


def _is_empty(text: str) -> bool:
    """True if nothing is left without tags and invisible characters: the service refuses such a text."""
    return not strip_markup(normalise(text))


def _readable(text: str, place: str) -> str:
    """The text without space around it. Raises UnreadableInput for a text that the service would refuse."""
    text = text.strip()
    if _NOT_UTF_8.search(text):
        raise UnreadableInput(f"{place} is not UTF-8; convert it first, for example with: iconv -f LATIN1 -t UTF-8")
    if len(text) > MAX_TEXT_LENGTH:
        limit = f"{MAX_TEXT_LENGTH:,} at most"
        raise UnreadableInput(f"{place} has {len(text):,} characters; a message may have {limit}: shorten it")
    return text

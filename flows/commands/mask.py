"""The command that masks lines of text as the service would: mask."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands.message_input import STANDARD_INPUT, UnreadableInput
from flows.commands.report import Json
from pipelines.workspace.settings import Settings

if TYPE_CHECKING:
    from pipelines.masking.rules import MaskingRules


def mask(
    source: Annotated[
        str, typer.Argument(metavar="FILE", help="A text file in UTF-8, one message a line; - reads standard input.")
    ] = STANDARD_INPUT,
    model: Annotated[
        str | None,
        typer.Option(help="Mask by the rules of this model's champion, or of its declaration; without it, by default."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Mask personal data in lines of text, as the service would. With --json, each line has the places found."""
    from pipelines.masking.rules import MaskingRules

    rules = _rules(model) if model else MaskingRules()
    write = _json_line if as_json else _masked
    for text in _lines(source):
        typer.echo(write(text, rules))


def _rules(model: str) -> "MaskingRules":
    """The rules in the champion's package, which the service masks by; of the declaration without a champion."""
    from pipelines.catalog.catalog_file import find, load
    from pipelines.inference.artefact import open_package, read_package_metadata
    from pipelines.masking.rules import MaskingRules

    workspace = Settings().activate().workspace
    spec = find(model, load(workspace.catalog_file))
    champion = workspace.ledger.champion(model)
    if champion is None:
        return spec.source.masking
    folder = open_package(champion.package, champion.digest, workspace.home / "cache" / "packages")
    return MaskingRules.of_card(read_package_metadata(folder))


def _lines(source: str) -> Iterator[str]:
    """The lines without their ends. Raises UnreadableInput for a missing file and for bytes that are not UTF-8."""
    if source == STANDARD_INPUT:
        yield from _decoded(typer.get_binary_stream("stdin"), "standard input")
        return
    if not Path(source).is_file():
        raise UnreadableInput(f"there is no file {source}: give the path of a text file, or - for standard input")
    with Path(source).open("rb") as stream:
        yield from _decoded(stream, source)


def _decoded(stream: Iterable[bytes], place: str) -> Iterator[str]:
    for number, line in enumerate(stream, start=1):
        content = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
        try:
            text = content.rstrip(b"\r\n").decode()
        except UnicodeDecodeError:
            text = "\0"
        if "\0" in text:  # as in UTF-16
            advice = "convert it first, for example with: iconv -f LATIN1 -t UTF-8"
            raise UnreadableInput(f"line {number} of {place} is not UTF-8; {advice}")
        yield text


def _masked(text: str, rules: "MaskingRules") -> str:
    from pipelines.ingestion.text import normalise
    from pipelines.masking.mask import mask

    return mask(normalise(text), rules)


def _json_line(text: str, rules: "MaskingRules") -> str:
    """The masked text, and the places of personal data in the normalised text without markup."""
    from pipelines.ingestion.text import normalise
    from pipelines.masking.markup import strip_markup
    from pipelines.masking.mask import find_personal_data, mask

    plain = strip_markup(normalise(text))
    spans = [match._asdict() for match in find_personal_data(plain, rules)]
    return json.dumps({"text": mask(plain, rules), "spans": spans}, ensure_ascii=False)


COMMANDS = (mask,)

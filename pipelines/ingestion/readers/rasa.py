"""Training files of Rasa NLU in YAML: intents with their examples, entities without their markup."""

import re
from collections.abc import Iterator
from typing import Any

import yaml

from pipelines.ingestion.rows import MALFORMED, Note, Rejected, SourceRow, UnusableSource

# `[Berlin](city)` and `[Berlin]{"entity": "city"}`: only the text of the entity was said.
_ENTITY = re.compile(r"\[([^\[\]\n]*)\](?:\([^()\n]*\)|\{[^{}\n]*\})")
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # all scalars are text: `yes` is an intent, not true
_DEPTH = 50


def parse_yaml(text: str) -> Any:
    """A YAML document of plain maps, lists and texts. Raises UnusableSource, for tags and aliases too."""
    depth = 0
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            if isinstance(event, yaml.AliasEvent) or getattr(event, "tag", None):
                raise UnusableSource("it uses tags or aliases of YAML; write plain maps, lists and texts")
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEPTH:
                raise UnusableSource("its YAML is nested too deeply")
        return yaml.load(text, Loader=_LOADER)  # noqa: S506  the base loader makes texts, lists and maps only
    except yaml.MarkedYAMLError as error:
        line = f", in line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise UnusableSource(f"it is no valid YAML{line}; check its indentation and quotes") from None
    except yaml.YAMLError:
        raise UnusableSource("it is no valid YAML; it has characters that YAML does not allow") from None


def is_training(document: Any) -> bool:
    """True for a map with a list `nlu`."""
    return isinstance(document, dict) and isinstance(document.get("nlu"), list)


def rows(document: dict[str, Any]) -> Iterator[SourceRow | Rejected | Note]:
    """Every example with its intent as label; synonyms, lookup tables and regular expressions are no messages."""
    yield Note("recognised as training data of Rasa NLU: the intent is the label, entities are read without markup")
    number = 0
    for entry in document["nlu"]:
        if not isinstance(entry, dict) or "intent" not in entry:
            continue
        for example in _examples(entry.get("examples")):
            number += 1
            if example is None:
                yield Rejected(number, MALFORMED, "")
            else:
                intent = str(entry["intent"])
                yield SourceRow(number, {"text": plain_text(example), "label": intent, "intent": intent})


def plain_text(example: str) -> str:
    """An example without the markup of its entities."""
    return _ENTITY.sub(r"\1", example)


def _examples(written: Any) -> Iterator[str | None]:
    """Examples in a block of lines `- text`, or in a list of texts or of maps with `text`; None for another one."""
    if isinstance(written, str):
        for line in written.splitlines():
            if line.strip():
                yield line.strip().removeprefix("-").strip()
    elif isinstance(written, list):
        for item in written:
            text = item.get("text") if isinstance(item, dict) else item
            yield text.strip() if isinstance(text, str) else None

"""Errors of validated fields (pydantic's, by their types) in plain words; no value is repeated."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

Error = Mapping[str, Any]  # type, loc, msg, ctx
WORDS = {
    "missing": "is missing",
    "extra_forbidden": "is unknown here",
    "none_required": "must be empty",
    "string_type": "must be a text",
    "string_unicode": "is not valid Unicode: it holds bytes that are not UTF-8, or half of a surrogate pair",
    "string_too_short": "must have {min_length} characters or more",
    "string_too_long": "has too many characters: {max_length} at most",
    "string_pattern_mismatch": "does not have the form {pattern}",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "is too large a number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "multiple_of": "must be a multiple of {multiple_of}",
    "greater_than": "must be over {gt}",
    "greater_than_equal": "must be {ge} or more",
    "less_than": "must be under {lt}",
    "less_than_equal": "must be {le} or less",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "set_type": "must be a list",
    "dict_type": "must be an object with named fields",
    "mapping_type": "must be an object with named fields",
    "model_type": "must be an object with named fields",
    "model_attributes_type": "must be an object with named fields",
    "too_short": "must have {min_length} entries or more",
    "too_long": "has too many entries: {max_length} at most",
    "literal_error": "must be {expected}",
    "enum": "must be {expected}",
    "union_tag_invalid": "must be one of {expected_tags}",
    "union_tag_not_found": "is missing",
    "value_error": "{error}",
    "assertion_error": "{error}",
    "json_invalid": "is no valid JSON",
    "json_type": "is no valid JSON",
    "path_type": "must be a path",
    "is_instance_of": "must be of the type {class}",
    "url_parsing": "must be an address",
}
SENTENCES = ("value_error", "assertion_error")  # of our own validators
EMPTY = {"string_too_short": "is empty", "too_short": "is empty"}  # where one is the least
UNKNOWN = "is not valid"


def field_words(error: Error) -> str:
    """The fault of a field, as the end of a sentence that begins with its name."""
    kind = error["type"]
    values = {name: f"{value:g}" if isinstance(value, float) else value for name, value in error.get("ctx", {}).items()}
    if kind in EMPTY and error["ctx"]["min_length"] == 1:
        return EMPTY[kind]
    return WORDS.get(kind, UNKNOWN).format_map(values)


def field_name(error: Error) -> str:
    """The place of a field, such as `recipe.epochs`; without the steps that only pydantic names."""
    return ".".join(str(step) for step in error["loc"] if not _is_internal(step))


def field_sentences(errors: Iterable[Error], name: Callable[[str], str] = str) -> str:
    """All errors in one line: `epochs must be a whole number; rate is missing`.

    What one field may be is joined by "or"; `name` gives the name that people know from a field's place.
    """
    words: dict[str, dict[str, None]] = {}
    for error in errors:
        place = name(field_name(error))
        place = f"{place}:" if place and error["type"] in SENTENCES else place
        words.setdefault(place, {})[field_words(error)] = None
    return "; ".join(f"{place} {' or '.join(wrong)}".strip() for place, wrong in words.items())


def _is_internal(step: object) -> bool:
    """True for a branch of a union, such as `list[str]` or `function-after[...]`."""
    return isinstance(step, str) and "[" in step

"""Settings that are not valid, in plain words."""

from tomllib import TOMLDecodeError

from pydantic import ValidationError

from pipelines.runtime.field_errors import field_sentences

PLACES = "the environment, .env or needloop.toml"


class InvalidSettings(ValueError):
    """Settings that cannot be read; the message names the variable or the file."""


def explain_settings(error: ValidationError | TOMLDecodeError | UnicodeDecodeError) -> str:
    """The sentence for an error of the settings; it repeats no value."""
    if isinstance(error, TOMLDecodeError):
        return f"needloop.toml is no TOML: {error}"
    if isinstance(error, UnicodeDecodeError):
        return ".env or needloop.toml is not UTF-8: save it as UTF-8"
    return f"{field_sentences(error.errors(), _variable)}; it is set in {PLACES}"


def _variable(field: str) -> str:
    """The environment variable of a field, without the position in a list."""
    return f"NEEDLOOP_{field.partition('.')[0].upper()}"

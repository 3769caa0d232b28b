"""Names of models: the rule, its words, and a valid example for a wrong name."""

import re
from unicodedata import normalize

PATTERN = r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"
MAX_LENGTH = 40
EXAMPLE = "my-topics"


class InvalidName(ValueError):
    """A name that no model can have; the message has the rule and an example."""


def require_name(name: str) -> None:
    """Raise InvalidName unless `name` can be the name of a model."""
    if len(name) > MAX_LENGTH:
        raise InvalidName(f"a name has at most {MAX_LENGTH} characters; for example {valid_name(name)}")
    if not re.fullmatch(PATTERN, name):
        raise InvalidName(f"a name has lowercase letters, digits and dashes; for example {valid_name(name)}")


def valid_name(name: str) -> str:
    """The valid name that is most like `name`: `My_Topics` becomes `my-topics`."""
    letters = normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:MAX_LENGTH].strip("-") or EXAMPLE

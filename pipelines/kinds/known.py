"""The registered kinds of models, one line each."""

from collections.abc import Mapping
from typing import Any

from pipelines.kinds.kind import Kind
from pipelines.kinds.target import Target

KINDS = {
    kind.name: kind
    for kind in (
        Kind("classification", "pipelines.kinds.classification"),
        Kind("multilabel", "pipelines.kinds.multilabel"),
    )
}
DEFAULT = "classification"  # of declarations, tags and packages that name no kind


class UnknownKind(LookupError):
    """A kind that is not registered."""


def find_kind(name: str) -> Kind:
    """Return the kind of that name. Raises UnknownKind."""
    try:
        return KINDS[name]
    except KeyError:
        raise UnknownKind(f"there is no kind {name!r}; choose from {', '.join(KINDS)}") from None


def target_of(identity: Any) -> Target:
    """Return the target with a stored identity: a list of labels, or a mapping that names its kind."""
    card = identity if isinstance(identity, dict) else {"kind": DEFAULT, "labels": identity}
    return target_of_card(card)


def target_of_card(card: Mapping[str, Any]) -> Target:
    """Return the target of a package with this metadata."""
    return find_kind(card["kind"]).target.of_card(card)


def register(kind: Kind) -> None:
    """Add a kind in this process; the service of the gate is another process and has only the kinds of KINDS."""
    KINDS[kind.name] = kind

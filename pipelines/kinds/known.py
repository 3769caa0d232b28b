"""The kinds of models there are: one line each."""

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
    """A kind that nobody has written."""


def find(name: str) -> Kind:
    """The kind of that name; raises UnknownKind."""
    try:
        return KINDS[name]
    except KeyError:
        raise UnknownKind(f"there is no kind {name!r}; choose from {', '.join(KINDS)}") from None


def target_of(identity: Any) -> Target:
    """The target with an identity, as a registry keeps it: a list of labels, or a mapping that names its kind."""
    card = identity if isinstance(identity, dict) else {"kind": DEFAULT, "labels": identity}
    return target_of_card(card)


def target_of_card(card: Mapping[str, Any]) -> Target:
    """The target of a package with this card."""
    return find(card["kind"]).target.of_card(card)


def register(kind: Kind) -> None:
    """Add a kind in this process; the gate's service is another one and knows only those of KINDS."""
    KINDS[kind.name] = kind

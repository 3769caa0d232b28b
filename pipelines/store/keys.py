"""API keys with their scopes. Secrets are stored as hashes; a secret is shown once, when it is made."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from secrets import token_hex, token_urlsafe

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from pipelines.store.key_scopes import SCOPES
from pipelines.store.tables import KEYS

NAME = re.compile(r"[\w.-]{1,60}")
VALID = KEYS.c.revoked.is_(None)


class UnknownKey(LookupError):
    """An error: no valid key has this name."""


class RefusedKey(ValueError):
    """An error: a new key cannot have this name or scope."""


@dataclass(frozen=True)
class Key:
    """The public fields of a key. Its secret begins with `nl_` and the id; it is valid until it is `revoked`."""

    id: str
    name: str
    scopes: tuple[str, ...]
    created: datetime
    revoked: datetime | None


def create(connection: Connection, name: str, scopes: Sequence[str]) -> str:
    """Make a key; returns its secret. Raises RefusedKey."""
    _check(name, scopes)
    id = token_hex(6)
    secret = f"nl_{id}_{token_urlsafe(32)}"
    values = {"id": id, "name": name, "scopes": " ".join(scopes), "digest": digest(secret), "created": _now()}
    try:
        connection.execute(insert(KEYS).values(values))
    except IntegrityError:
        raise RefusedKey(f"there is a key {name!r}: needloop keys rotate {name}, or choose another name") from None
    return secret


def list_keys(connection: Connection) -> list[Key]:
    """All keys, the revoked ones too, the newest last."""
    columns = select(KEYS.c.id, KEYS.c.name, KEYS.c.scopes, KEYS.c.created, KEYS.c.revoked)
    rows = connection.execute(columns.order_by(KEYS.c.created, KEYS.c.id))
    return [Key(row.id, row.name, tuple(row.scopes.split()), row.created, row.revoked) for row in rows]


def rotate(connection: Connection, name: str) -> str:
    """Make a new secret with the scopes of the old one, which is revoked. Raises UnknownKey."""
    return create(connection, name, revoke(connection, name))


def revoke(connection: Connection, name: str) -> Sequence[str]:
    """Revoke a key; returns its scopes. Raises UnknownKey."""
    valid = (KEYS.c.name == name) & VALID
    scopes = connection.scalar(update(KEYS).where(valid).values(revoked=_now()).returning(KEYS.c.scopes))
    if scopes is None:
        names = connection.scalars(select(KEYS.c.name).where(VALID).order_by(KEYS.c.name)).all()
        raise UnknownKey(f"no valid key {name!r}; there is {', '.join(names) or 'none'}")
    return str(scopes).split()


def digest(secret: str) -> str:
    """SHA-256 in 64 hexadecimal digits; 256 random bits need no slower hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _check(name: str, scopes: Sequence[str]) -> None:
    if not NAME.fullmatch(name):
        raise RefusedKey(f"the name {name!r} is not made of 1 to 60 letters, digits, dots, dashes and underscores")
    if not scopes or set(scopes) - set(SCOPES):
        raise RefusedKey(f"scopes {', '.join(scopes) or 'none'}: choose from {', '.join(SCOPES)}")


def _now() -> datetime:
    return datetime.now(UTC)

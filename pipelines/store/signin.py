"""The sign-in secret of a home: it permits everything in the service, as an admin's key does."""

import hmac
import re
from pathlib import Path
from secrets import token_urlsafe

from pipelines.store.key_scopes import SCOPES
from pipelines.store.keyring import Caller
from pipelines.web.credentials import write_once

FILE, PREFIX = "signin.key", "nl_signin_"
SECRET = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}")
# The name of a key cannot contain a space.
SIGNED_IN = Caller("signin", "sign-in link", frozenset(SCOPES))


def link(home: Path, address: str) -> str:
    """A link that signs a browser in to the console at `address`; the secret is made on first use.

    The secret follows `#`: browsers do not send that part, so it reaches no log and no `Referer`.
    """
    return f"{address.rstrip('/')}/#token={_secret(home)}"


def reachable_address(address: str) -> str:
    """The address on this machine of a service that listens at `address`, which may be every interface."""
    return address.replace("://0.0.0.0:", "://127.0.0.1:").replace("://[::]:", "://[::1]:")


def find(home: Path, secret: str) -> Caller | None:
    """The caller with this sign-in secret; None for another secret, or if the home has none."""
    expected = _read(home / FILE) if secret.startswith(PREFIX) else None
    return SIGNED_IN if expected and hmac.compare_digest(expected.encode(), secret.encode()) else None


def _secret(home: Path) -> str:
    """The secret in `home/signin.key`, which only its owner may read; made anew if missing or invalid."""
    file = home / FILE
    if _read(file) is None:
        file.unlink(missing_ok=True)
        write_once(file, f"{PREFIX}{token_urlsafe(32)}\n".encode())
    file.chmod(0o600)
    secret = _read(file)
    if secret is None:
        raise OSError(f"another process changed {file} while it was written: delete it and start again")
    return secret


def _read(file: Path) -> str | None:
    try:
        secret = file.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return None
    return secret if SECRET.fullmatch(secret) else None

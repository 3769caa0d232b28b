"""The sign-in secret of a home: whoever holds it may do everything in the service, as with an admin's key."""

import hmac
import re
from pathlib import Path
from secrets import token_urlsafe

from pipelines.store.key_scopes import SCOPES
from pipelines.store.keyring import Caller
from pipelines.web.credentials import write_once

FILE, PREFIX = "signin.key", "nl_signin_"
SECRET = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}")
# No key can have a name with a space.
SIGNED_IN = Caller("signin", "sign-in link", frozenset(SCOPES))


def link(home: Path, address: str) -> str:
    """A link that signs its opener in to the console at `address`; the secret is made on first use.

    The secret stands behind `#`: browsers send that part to nobody, so it reaches no log and no `Referer`.
    """
    return f"{address.rstrip('/')}/#token={_secret(home)}"


def reached(address: str) -> str:
    """The address by which this machine reaches a service that listens at `address`, which may mean every interface."""
    return address.replace("://0.0.0.0:", "://127.0.0.1:").replace("://[::]:", "://[::1]:")


def find(home: Path, secret: str) -> Caller | None:
    """The caller who signed in with this secret; None for any other, and where the home has none."""
    known = _read(home / FILE) if secret.startswith(PREFIX) else None
    return SIGNED_IN if known and hmac.compare_digest(known.encode(), secret.encode()) else None


def _secret(home: Path) -> str:
    """Of `home/signin.key`, readable by its owner only; made where there is none or the file holds something else."""
    file = home / FILE
    if _read(file) is None:
        file.unlink(missing_ok=True)
        write_once(file, f"{PREFIX}{token_urlsafe(32)}\n".encode())
    file.chmod(0o600)
    secret = _read(file)
    if secret is None:
        raise OSError(f"{file} was altered while it was made: delete it and start again")
    return secret


def _read(file: Path) -> str | None:
    try:
        found = file.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return None
    return found if SECRET.fullmatch(found) else None

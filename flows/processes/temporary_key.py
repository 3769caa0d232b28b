"""The key by which a run asks its own service: made for the run, where there are keys, and revoked at its end."""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from secrets import token_hex

from pipelines.runtime.settings import Settings
from pipelines.store import keymark
from pipelines.store.keys import UnknownKey
from pipelines.store.lease import LeaseHeld, lease
from pipelines.store.store import Store

NAME = re.compile(r"needloop-run-[0-9a-f]{12}")


@contextmanager
def temporary_key(settings: Settings) -> Iterator[Settings]:
    """Settings whose key may predict and give feedback while the block runs.

    They are as they were where there never was a key: the first one would close a service that is open.
    """
    store = Store(settings.database)
    if not keymark.marked(settings.home) and not store.keyring().used():
        yield settings
        return
    _revoke_leftovers(store, settings)
    name = f"needloop-run-{token_hex(6)}"
    with lease(settings.database, name):
        try:
            yield settings.model_copy(update={"api_key": store.create_key(name, ("predict", "feedback"))})
        finally:
            _revoke(store, name)


def _revoke_leftovers(store: Store, settings: Settings) -> None:
    """Whoever was killed left a key and holds its lease no more."""
    for key in store.issued():
        if key.revoked is None and NAME.fullmatch(key.name):
            with suppress(LeaseHeld), lease(settings.database, key.name):
                _revoke(store, key.name)


def _revoke(store: Store, name: str) -> None:
    with suppress(UnknownKey):  # somebody was faster
        store.revoke_key(name)

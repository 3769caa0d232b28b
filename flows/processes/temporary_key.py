"""A temporary API key for a run's own service: made at its start if the home has keys, and revoked at its end."""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from secrets import token_hex

from pipelines.store import keyring
from pipelines.store.keys import UnknownKey
from pipelines.store.lease import LeaseHeld, lease
from pipelines.store.store import Store
from pipelines.workspace.settings import Settings

NAME = re.compile(r"needloop-run-[0-9a-f]{12}")


@contextmanager
def temporary_key(settings: Settings) -> Iterator[Settings]:
    """Settings with an API key for predict and feedback, valid while the context runs.

    If the home never had a key, the settings stay as they are: a first key would end anonymous access.
    """
    store = Store(settings.database)
    if not keyring.is_marked(settings.home) and not store.keyring().has_keys():
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
    """Revoke the keys of killed runs, whose leases are free."""
    for key in store.list_keys():
        if key.revoked is None and NAME.fullmatch(key.name):
            with suppress(LeaseHeld), lease(settings.database, key.name):
                _revoke(store, key.name)


def _revoke(store: Store, name: str) -> None:
    with suppress(UnknownKey):  # another process revoked it first
        store.revoke_key(name)

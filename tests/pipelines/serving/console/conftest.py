"""A service over a home with messages and versions to show."""

from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from pipelines.store.key_scopes import SCOPES
from tests.pipelines.serving.conftest import Running, running
from tests.pipelines.serving.console.furniture import furnished


@dataclass
class ConsoleService:
    """A service, the ids of its messages, and a key for each scope."""

    service: Running
    ids: list[str]
    keys: dict[str, str]

    def ask(self, method, path, *scopes, **more):
        """Send a request with the key of a scope; without a scope, with the admin's."""
        secret = self.keys[scopes[0] if scopes else "admin"]
        return self.service.http.request(method, path, headers={"Authorization": f"Bearer {secret}"}, **more)

    def get(self, path, **more):
        return self.ask("GET", path, **more).raise_for_status().json()


@contextmanager
def signed_in(home, *options, own=False, **more):
    """A service whose client opened the sign-in link."""
    with running(home, *options, own=own, **more) as service:
        yield service.sign_in()


@pytest.fixture(scope="session")
def start():
    return signed_in


@pytest.fixture(scope="module")
def console(tmp_path_factory):
    home = tmp_path_factory.mktemp("shown")
    ids = furnished(home)
    with running(home) as service:
        keys = {scope: service.store.create_key(scope, [scope]) for scope in SCOPES}
        yield ConsoleService(service, ids, keys)

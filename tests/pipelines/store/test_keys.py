import asyncio
import hashlib
import sqlite3
from pathlib import Path

import pytest

from pipelines.serving.middleware.authentication import Authenticator
from pipelines.store.database import open_database
from pipelines.store.key_scopes import SCOPES
from pipelines.store.keyring import Keyring
from pipelines.store.keys import RefusedKey, UnknownKey
from pipelines.store.store import Store


@pytest.fixture
def store(tmp_path):
    return Store(f"sqlite:///{tmp_path / 'needloop.db'}")


def test_a_secret_tells_who_holds_it(store):
    caller = store.keyring().find(store.create_key("web", ["predict", "feedback"]))
    assert caller.name == "web"
    assert caller.scopes == {"predict", "feedback"}


def test_only_a_hash_of_a_secret_is_kept(store, tmp_path):
    secret = store.create_key("web", ["predict"])
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert secret.encode() not in kept
    assert secret.split("_", 2)[2].encode() not in kept
    assert hashlib.sha256(secret.encode()).hexdigest().encode() in kept


def test_secrets_are_long_and_never_the_same(store):
    secrets = {store.create_key(f"key-{number}", ["predict"]) for number in range(20)}
    assert len({secret.split("_", 2)[2] for secret in secrets}) == 20
    assert all(len(secret.split("_", 2)[2]) == 43 for secret in secrets)


@pytest.mark.parametrize("change", [str.upper, lambda secret: secret[:-1], lambda secret: secret + "A", lambda _: ""])
def test_a_secret_that_is_nearly_right_is_nobodys(store, change):
    assert store.keyring().find(change(store.create_key("web", ["predict"]))) is None


def test_the_shown_part_alone_opens_nothing(store):
    secret = store.create_key("web", ["predict"])
    assert store.keyring().find(f"{secret[:16]}{'A' * 43}") is None


@pytest.mark.parametrize("secret", ["nl_", "nl_\x00_", "nl_' OR 1=1 --", "é" * 59, "nl_" + "0" * 10_000])
def test_what_is_no_secret_is_nobodys(store, secret):
    assert store.keyring().find(secret) is None


def test_a_revoked_key_is_refused_by_a_keyring_that_has_seen_it(store, tmp_path):
    secret, keyring = store.create_key("web", ["predict"]), store.keyring()
    assert keyring.find(secret)
    Store(f"sqlite:///{tmp_path / 'needloop.db'}").revoke_key("web")
    assert keyring.find(secret) is None
    assert keyring.has_keys()


def test_a_keyring_over_a_network_finds_the_same_from_other_threads(store, tmp_path):
    async def authenticate(secret):
        door = Authenticator(keyring, local=True, home=tmp_path)
        return await door.anonymous_allowed(), await door.authenticate(secret)

    keyring = Keyring(open_database(f"sqlite:///{tmp_path / 'needloop.db'}"), None)
    assert keyring.is_remote
    assert asyncio.run(authenticate("")) == (True, None)
    secret = store.create_key("web", ["predict"])
    is_open, caller = asyncio.run(authenticate(secret))
    assert not is_open
    assert caller == store.keyring().find(secret)


def test_a_rotated_key_keeps_its_scopes_and_not_its_secret(store):
    old = store.create_key("web", ["review", "predict"])
    new = store.rotate_key("web")
    assert store.keyring().find(old) is None
    assert store.keyring().find(new).scopes == {"review", "predict"}
    assert [key.revoked is None for key in store.list_keys()] == [False, True]


def test_a_name_is_free_again_once_its_key_is_revoked(store):
    store.create_key("web", ["predict"])
    with pytest.raises(RefusedKey, match="rotate web"):
        store.create_key("web", ["predict"])
    store.revoke_key("web")
    assert store.create_key("web", ["admin"])


@pytest.mark.parametrize("act", [Store.rotate_key, Store.revoke_key])
def test_a_name_that_no_key_has_is_told_those_there_are(store, act):
    store.create_key("web", ["predict"])
    with pytest.raises(UnknownKey, match=r"'shop'.*web"):
        act(store, "shop")


@pytest.mark.parametrize("name", ["", "two words", "<b>", "a\nb", "x" * 61])
def test_a_name_that_would_spoil_a_log_is_refused(store, name):
    with pytest.raises(RefusedKey):
        store.create_key(name, ["predict"])


@pytest.mark.parametrize("scopes", [[], ["everything"], ["predict", "root"]])
def test_unknown_scopes_are_refused_and_the_known_ones_named(store, scopes):
    with pytest.raises(RefusedKey, match="predict, feedback, review, admin"):
        store.create_key("web", scopes)


def test_admin_includes_every_scope_and_no_other_does(store):
    held = {scope: store.keyring().find(store.create_key(scope, [scope])) for scope in SCOPES}
    assert all(held["admin"].may([scope]) for scope in SCOPES)
    assert [(who, scope) for who in SCOPES[:3] for scope in SCOPES if held[who].may([scope])] == [
        (scope, scope) for scope in SCOPES[:3]
    ]


def test_a_database_from_before_there_were_keys_gets_the_table(tmp_path):
    file = tmp_path / "needloop.db"
    before = Path(__file__).with_name("databases") / "5f045c1.sqlite.sql"
    with sqlite3.connect(file) as database:
        database.executescript(before.read_text(encoding="utf-8") + "DROP TABLE keys;")
    assert not Store(f"sqlite:///{file}").keyring().has_keys()

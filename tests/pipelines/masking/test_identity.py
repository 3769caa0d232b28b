"""A keyed hash identifies a customer; the first caller makes the key, and only its owner reads it."""

import multiprocessing
import stat
from pathlib import Path

import pytest

from pipelines.masking.identity import BrokenKey, customer_hash, secret_key


def test_one_customer_has_one_hash_under_one_key() -> None:
    assert customer_hash("jane@x.com", b"k" * 32) == customer_hash("jane@x.com", b"k" * 32)
    assert customer_hash("jane@x.com", b"k" * 32) != customer_hash("john@x.com", b"k" * 32)
    assert customer_hash("jane@x.com", b"k" * 32) != customer_hash("jane@x.com", b"l" * 32)


def test_the_hash_is_hmac_sha256() -> None:
    """Test case 2 of RFC 4231."""
    expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert customer_hash("what do ya want for nothing?", b"Jefe") == expected


def test_the_key_is_made_once_and_read_after(tmp_path: Path) -> None:
    home = tmp_path / "new" / "home"
    key = secret_key(home)
    assert len(key) == 32
    assert secret_key(home) == key
    assert [each.name for each in home.iterdir()] == ["secret.key"]
    assert secret_key(tmp_path / "other") != key


def test_only_the_owner_reads_the_key(tmp_path: Path) -> None:
    secret_key(tmp_path)
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600


def test_processes_that_race_get_the_same_key(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        keys = pool.map(secret_key, [tmp_path] * 32, chunksize=1)
    assert len(set(keys)) == 1
    assert [each.name for each in tmp_path.iterdir()] == ["secret.key"]


def test_who_comes_second_takes_the_first_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = secret_key(tmp_path)
    monkeypatch.setattr(Path, "exists", lambda path: False)
    assert secret_key(tmp_path) == first


def test_a_damaged_key_is_refused_rather_than_replaced(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_bytes(b"short")
    with pytest.raises(
        BrokenKey, match=f"^{tmp_path}/secret.key holds 5 bytes instead of 32: restore it from a backup"
    ):
        secret_key(tmp_path)
    assert (tmp_path / "secret.key").read_bytes() == b"short"


@pytest.mark.parametrize("name", ["ledger.jsonl", "ledger.head"])
def test_no_key_is_made_where_a_ledger_was_signed_with_another(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"signed")
    with pytest.raises(BrokenKey, match=f"^{tmp_path}/secret.key is missing: restore it from a backup"):
        secret_key(tmp_path)
    assert not (tmp_path / "secret.key").exists()


def test_no_key_is_made_where_what_is_kept_elsewhere_needs_the_old_one(tmp_path: Path) -> None:
    with pytest.raises(BrokenKey, match="is missing"):
        secret_key(tmp_path, lambda: True)
    key = secret_key(tmp_path, lambda: False)
    assert secret_key(tmp_path, lambda: True) == key

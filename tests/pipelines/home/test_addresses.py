"""Addresses are stored relative to the home, and old absolute ones are resolved in its present place."""

import json

import pytest

from pipelines.home.addresses import relative_address, resolve_address
from pipelines.home.location import HomeLocation, write_location


@pytest.fixture
def home(tmp_path):
    """A home with one package, formerly at `/old/home` and `/old/home/deeper`."""
    folder = tmp_path / "home"
    (folder / "artifacts" / "topics" / "package").mkdir(parents=True)
    write_location(folder, HomeLocation(str(folder), ("/old/home", "/old/home/deeper")))
    return folder


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("{home}/artifacts/topics", "artifacts/topics"),
        ("artifacts/topics", "artifacts/topics"),
        ("/old/home/evidence/a.json", "evidence/a.json"),
        ("/old/home/deeper/evidence/a.json", "evidence/a.json"),
        ("/old/homes/evidence/a.json", "/old/homes/evidence/a.json"),
        ("s3://bucket/prefix/a.json", "s3://bucket/prefix/a.json"),
        ("/elsewhere/artifacts/topics/package", "artifacts/topics/package"),
        ("/elsewhere/topics/unheard/of", "/elsewhere/topics/unheard/of"),
        ("", ""),
    ],
)
def test_what_is_kept_leads_to_the_same_file(address, kept, home):
    address = address.format(home=home)
    assert relative_address(address, home) == kept
    assert resolve_address(kept, home) == resolve_address(address, home)


def test_below_a_former_root_only_this_home_is_looked_at(home, tmp_path):
    """The former root may be another home now: files that are missing here are not taken from there."""
    original = tmp_path / "original"
    (original / "evidence").mkdir(parents=True)
    (original / "evidence" / "a.json").write_text("{}")
    write_location(home, HomeLocation(str(home), (str(original),)))
    assert resolve_address(f"{original}/evidence/a.json", home) == f"{home}/evidence/a.json"


def test_a_declared_store_stays_where_it_is(home, tmp_path):
    store = tmp_path / "store" / "topics" / "package"
    store.mkdir(parents=True)
    assert resolve_address(str(store), home) == relative_address(str(store), home) == str(store)


def test_by_a_link_to_the_home_an_address_is_the_homes_own(home, tmp_path):
    (tmp_path / "link").symlink_to(home)
    assert relative_address(str(home / "artifacts" / "topics"), tmp_path / "link") == "artifacts/topics"
    assert relative_address(str(tmp_path / "link" / "artifacts" / "topics"), home) == "artifacts/topics"


def test_a_home_knows_where_it_lay(home):
    assert json.loads((home / "home.json").read_text())["former"] == ["/old/home", "/old/home/deeper"]

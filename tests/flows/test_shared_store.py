"""A store outside the home, which a copy of the home names, too: only its owner may delete there."""

import json
import os
import shutil
import subprocess
from dataclasses import replace

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings
from typer.testing import CliRunner

from flows.auditing import differences
from flows.commands.app import app
from flows.retention import prune
from pipelines.home.addresses import NotOwned, claim_store, require_owner
from pipelines.home.location import MARK, Owner, read_location, write_location
from pipelines.workspace.settings import Settings
from tests.flows.homes import aged, digests, of_today
from tests.flows.versions import decide

pytestmark = pytest.mark.timeout(300)


def record(home, inode):
    """Write this inode into the home's record of its place."""
    known = read_location(home)
    write_location(home, replace(known, owner=replace(known.owner, inode=inode)))


def require_owner_fails(settings, inode):
    record(settings.home, inode)
    with pytest.raises(NotOwned, match="of which this one may be a copy"):
        require_owner(settings.files, settings.tracking_uri)


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.setenv("NEEDLOOP_STORE", str(tmp_path / "store"))
    return Settings(_env_file=None).activate()


@pytest.fixture
def three(declared, settings, prefect_url):
    decide(declared, settings, "promote", "promote", "promote")
    with temporary_settings({PREFECT_API_URL: prefect_url}):
        yield settings


@pytest.mark.parametrize("made", [of_today, aged])
def test_a_copy_deletes_nothing_there_until_it_claims_it(made, three, settings_of, tmp_path):
    made(three)
    settings_of(shutil.copytree(three.home, tmp_path / "copy"))
    before = digests(tmp_path / "store")
    with pytest.raises(NotOwned, match=f"may belong to the home at {three.home}.*needloop prune --claim"):
        prune(["topics"], keep=1)
    assert CliRunner().invoke(app, ["prune", "--dry-run"]).exit_code == 1
    assert digests(tmp_path / "store") == before
    settings_of(three.home)
    assert prune(["topics"], keep=1)[0].plan.pruned == (1,)


def test_a_copy_on_a_volume_of_its_own_is_no_owner_though_path_and_inode_are_the_same(settings, tmp_path):
    """The first folder of every ext4 volume has the same inode number."""
    original = settings.home.rename(tmp_path / "original")
    subprocess.run(["cp", "-a", str(original), str(settings.home)], check=True)
    require_owner_fails(settings, inode=settings.home.stat().st_ino)
    shutil.rmtree(settings.home)
    original.rename(settings.home)
    record(settings.home, inode=settings.home.stat().st_ino)
    require_owner(settings.files, settings.tracking_uri)


def test_what_an_administrator_does_with_modes_and_owners_leaves_the_owner(settings):
    for path in (settings.home, *settings.home.rglob("*")):
        path.chmod(path.stat().st_mode & 0o777)
        os.chown(path, os.getuid(), os.getgid())
    require_owner(settings.files, settings.tracking_uri)


def test_a_home_whose_mark_is_lost_owns_nothing_until_it_claims_it(settings):
    (settings.home / MARK).unlink()
    with pytest.raises(NotOwned):
        require_owner(settings.files, settings.tracking_uri)
    claim_store(settings.home)
    require_owner(settings.files, settings.tracking_uri)


def test_who_claims_it_owns_it(three, settings_of, tmp_path, monkeypatch, prefect_url):
    moved = settings_of(three.home.rename(tmp_path / "moved"))
    monkeypatch.setenv("PREFECT_API_URL", prefect_url)
    done = CliRunner().invoke(app, ["prune", "--keep", "1", "--claim", "--json"], catch_exceptions=False)
    assert json.loads(done.stdout)[0]["pruned"] == [1]
    assert read_location(moved.home).owner == Owner.of(moved.home)
    assert differences(moved.workspace, None) == []

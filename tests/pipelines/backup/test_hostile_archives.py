"""Damaged and hostile archives change nothing and are refused."""

import io
import tarfile
from pathlib import Path

import pytest

from pipelines.backup.archive import CONTENTS, BrokenBackup, Contents, add_contents, add_file, new_archive
from pipelines.backup.restoring import restore_backup
from pipelines.home.swapping import FOLDER
from tests.pipelines.backup.conftest import content_of, save


def hostile(**fields):
    """An archive member that no backup contains."""
    member = tarfile.TarInfo(fields.pop("name"))
    for name, value in fields.items():
        setattr(member, name, value)
    return member


@pytest.mark.parametrize(
    "member",
    [
        hostile(name="../outside"),
        hostile(name="artifacts/../../outside"),
        hostile(name="/tmp/outside"),
        hostile(name="link", type=tarfile.SYMTYPE, linkname="/etc"),
        hostile(name="hard", type=tarfile.LNKTYPE, linkname="ledger.jsonl"),
        hostile(name="device", type=tarfile.CHRTYPE, devmajor=1, devminor=3),
        hostile(name="pipe", type=tarfile.FIFOTYPE),
        hostile(name=f"{FOLDER}/ready.json"),
        hostile(name="logs/x.process.json"),
        hostile(name="prefect.auth"),
        hostile(name="mlflow.auth"),
        hostile(name="ledger.jsonl"),
        hostile(name="ledger.jsonl/below"),
    ],
    ids=lambda member: member.name.replace("/", "_"),
)
def test_an_archive_that_would_write_elsewhere_changes_nothing(member, home, saved, tmp_path):
    with tarfile.open(saved) as good, tarfile.open(tmp_path / "bad.tar", "w") as bad:
        for known in good:
            if known.name == CONTENTS:
                bad.addfile(member, io.BytesIO())
            bad.addfile(known, good.extractfile(known))
    before, names = content_of(home), {path.name for path in tmp_path.iterdir()}
    with pytest.raises(BrokenBackup):
        restore_backup(tmp_path / "bad.tar", home, True, int)
    assert (content_of(home), {path.name for path in tmp_path.iterdir()}) == (before, names)
    assert not Path("/tmp/outside").exists()


def test_names_in_a_damaged_backup_are_shown_as_escapes(home, tmp_path):
    with new_archive(tmp_path / "bad.tar") as archive:
        add_file(archive, "cards/\x1b[2J", home / "needloop.db", int)
        add_contents(archive, Contents("now", str(home), 0, 0, {}))
    with pytest.raises(BrokenBackup, match=r"cards/\\x1b\[2J") as refused:
        restore_backup(tmp_path / "bad.tar", home, True, int)
    assert str(refused.value).isprintable()


@pytest.mark.parametrize(
    "headers",
    [
        {"GNU.sparse.major": "1", "GNU.sparse.minor": "0"},
        {"GNU.sparse.size": "1", "GNU.sparse.map": "no,number"},
        {"GNU.sparse.map": "0,1", "GNU.sparse.size": str(10**7)},
    ],
    ids=["a map that is missing", "a map without numbers", "more than it takes in the archive"],
)
def test_an_archive_of_sparse_files_is_no_backup(headers, home, saved, tmp_path):
    with tarfile.open(tmp_path / "bad.tar", "w", format=tarfile.PAX_FORMAT) as bad:
        member = tarfile.TarInfo("artifacts/model")
        member.size, member.pax_headers = 1024, headers
        bad.addfile(member, io.BytesIO(b"x" * 1024))
    with pytest.raises(BrokenBackup, match=r"cannot be read as a backup|which no backup of needloop has"):
        restore_backup(tmp_path / "bad.tar", home, True, int)


@pytest.mark.parametrize("cut", [0, 1, 100, 2000, -1])
def test_a_file_that_is_cut_or_altered_changes_nothing(cut, home, tmp_path):
    file = save(home, tmp_path / "saved.tar")
    data = bytearray(file.read_bytes())
    for name, bad in (("cut.tar", data[:cut]), ("altered.tar", data.replace(b"\2" * 1000, b"\3" * 1000))):
        (tmp_path / name).write_bytes(bad if cut != -1 or name != "cut.tar" else b"no tar")
        before = content_of(home)
        with pytest.raises(BrokenBackup):
            restore_backup(tmp_path / name, home, True, int)
        assert content_of(home) == before
        assert not (home / FOLDER).exists()

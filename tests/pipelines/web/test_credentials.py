"""The secrets of the servers that we start: made once, readable by their owner alone."""

import subprocess
import sys

import pytest

from pipelines.web.credentials import BrokenCredential, basic_auth_header, read_credential, write_once

IMPORT = "import sys, pathlib; from pipelines.web.credentials import read_credential"
ASK = f"{IMPORT}; print(read_credential(pathlib.Path(sys.argv[1])))"


def test_two_processes_that_start_at_once_agree_on_the_secret(tmp_path):
    file = tmp_path / "home" / "prefect.auth"
    asking = [
        subprocess.Popen([sys.executable, "-c", ASK, str(file)], stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    answers = {process.communicate(timeout=60)[0] for process in asking}
    assert answers == {file.read_text()}
    assert [entry.name for entry in file.parent.iterdir()] == ["prefect.auth"]


def test_the_secret_is_one_line_that_only_its_owner_reads_and_stays(tmp_path):
    file = tmp_path / "prefect.auth"
    line = read_credential(file)
    assert file.read_text() == f"{line}\n"
    user, _, password = line.partition(":")
    assert user == "needloop"
    assert len(password) >= 43, "32 random bytes"
    assert file.stat().st_mode & 0o777 == 0o600
    assert read_credential(file) == line
    assert read_credential(tmp_path / "other.auth") != line


def test_a_secret_that_a_copy_opened_to_others_is_closed_again(tmp_path):
    file = tmp_path / "prefect.auth"
    line = read_credential(file)
    file.chmod(0o644)
    assert read_credential(file) == line
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", ["", "\n", "needloop", "needloop:", ":secret", "needloop:a\nneedloop:b"])
def test_a_damaged_secret_is_refused_with_the_name_of_its_file(content, tmp_path):
    file = tmp_path / "prefect.auth"
    file.write_text(content)
    with pytest.raises(BrokenCredential, match=r"prefect\.auth must contain one line user:password"):
        read_credential(file)


def test_what_is_written_once_is_never_replaced(tmp_path):
    file = tmp_path / "key"
    write_once(file, b"first")
    write_once(file, b"second")
    assert file.read_bytes() == b"first"
    assert [entry.name for entry in tmp_path.iterdir()] == ["key"]


def test_the_header_is_that_of_http_basic_authentication():
    assert basic_auth_header("Aladdin:open sesame") == {"Authorization": "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="}, (
        "RFC 7617, section 2"
    )

"""The command `needloop mask`: lines as the service would mask them."""

import json

import pytest
from typer.testing import CliRunner

from flows.commands.app import app


def masked(content, *words, status=0):
    """The output of the command for some bytes on standard input."""
    done = CliRunner().invoke(app, ["mask", *words], input=content)
    assert done.exit_code == status, (done.output, done.exception)
    return done.stdout if status == 0 else str(done.exception)


def test_each_line_is_masked_and_stays_a_line(tmp_path):
    content = "my password is hunter2\r\n\n微信号wxid_abcd1234\n<p>F6GHK2</p>".encode()
    expected = "my password is <SECRET>\n\n微信号<ACCOUNT>\nF6GHK2\n"
    (tmp_path / "lines.txt").write_bytes(b"\xef\xbb\xbf" + content)
    assert masked(content, "-") == masked(content) == masked(b"", str(tmp_path / "lines.txt")) == expected


def test_json_has_the_places_in_the_normalised_text():
    row = json.loads(masked(b"<p>write  to a@b.com</p>", "-", "--json"))
    assert row == {"text": "write to <EMAIL>", "spans": [{"start": 9, "end": 16, "placeholder": "EMAIL"}]}


def test_a_model_masks_by_its_declaration(settings):
    assert masked(b"F6GHK2 @united @bob", "-", "--model", "sentiment") == "<BOOKING> @united <HANDLE>\n"
    assert "not declared" in masked(b"", "-", "--model", "nobody", status=1)


def test_a_champion_masks_by_its_package_whatever_is_declared_now(decided):
    decided("promote")  # its package was made before there was a choice of trades
    assert masked(b"F6GHK2 @united @bob", "-", "--model", "topics") == "<BOOKING> @united <HANDLE>\n"


@pytest.mark.parametrize("line", ["café".encode("latin-1"), "ok".encode("utf-16")], ids=["latin-1", "utf-16"])
def test_bytes_that_are_not_utf_8_are_a_sentence(line):
    assert masked(b"first\n" + line, "-", status=1).startswith("line 2 of standard input is not UTF-8; convert it")


def test_a_missing_file_is_a_sentence():
    assert "there is no file nowhere.txt" in masked(b"", "nowhere.txt", status=1)

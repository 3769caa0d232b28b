"""`needloop predict`: messages as arguments and on standard input, in any number, against a real service."""

import pytest

from flows.commands import predict as module
from pipelines.runtime.progress import late_progress
from tests.flows.in_process import needloop_here
from tests.pipelines.serving.conftest import service

__all__ = ["needloop_here", "service"]


@pytest.fixture
def ask(needloop_here, service):
    def ask(*words, **more):
        return needloop_here("predict", "sentiment", "--url", service.http.base_url, *words, **more)

    return ask


def test_three_hundred_lines_get_three_hundred_answers_in_their_order(ask):
    lines = [("bad", "good", "so")[number % 3] + f" {number}" for number in range(300)]
    answers = ask("-", "--json", stdin="\n".join(lines).encode()).json()
    labels = [answer["label"] for answer in answers["predictions"]]
    assert labels == ["negative", "positive", "neutral"] * 100
    assert len({answer["id"] for answer in answers["predictions"]}) == 300
    assert (answers["model"], answers["version"]) == ("sentiment", 3)


def test_long_lines_are_sent_in_requests_that_the_service_takes(ask):
    line = "bad " + "\u00fc" * 9_900
    answers = ask("-", "--json", stdin=f"{line}\n".encode() * 250).json()
    assert len(answers["predictions"]) == 250


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-16-le"])
def test_lines_that_are_not_utf_8_are_named_and_nothing_is_sent(ask, service, encoding):
    before = service.store.answered_keys("sentiment")
    failed = ask("-", stdin="so it goes\nm\u00fcde bad\n".encode(encoding), status=1)
    assert "is not UTF-8; convert it first" in failed.err
    assert ("line 2" if encoding == "latin-1" else "line 1") in failed.err
    assert "UnicodeDecodeError" not in failed.err
    assert service.store.answered_keys("sentiment") == before


def test_a_byte_order_mark_and_windows_line_ends_are_no_part_of_a_message(ask):
    answers = ask("-", "--json", stdin=b"\xef\xbb\xbfbad\r\ngood\r\n").json()["predictions"]
    assert [answer["label"] for answer in answers] == ["negative", "positive"]


@pytest.mark.parametrize("content", [b"", b"\n \n", "\u200b\n".encode(), b"<br><p></p>\n"])
def test_an_empty_standard_input_is_a_sentence(ask, content):
    assert "standard input has no message: write one a line" in ask("-", stdin=content, status=1).err


def test_empty_lines_are_counted(ask):
    done = ask("-", "--json", stdin=b"bad\n\n  \ngood\n")
    assert len(done.json()["predictions"]) == 2
    assert "2 empty lines left out" in done.err


def test_a_line_over_the_limit_is_named(ask):
    failed = ask("-", stdin=b"bad\n" + b"x" * 10_001, status=1)
    assert "line 2 has 10,001 characters; a message may have 10,000 at most" in failed.err


@pytest.mark.parametrize("text", ["-1 star", "-1", "--- bad ---", "--json is bad", "-j", "-x=1 bad"])
def test_a_message_may_begin_with_a_dash(ask, text):
    assert len(ask(text, "--json").json()["predictions"]) == 1


def test_a_misspelt_option_is_no_message_unless_two_dashes_say_so(ask):
    failed = ask("bad", "--jsno", status=2)
    assert "there is no option --jsno" in failed.err.replace("\n", " ")
    assert len(ask("--json", "--", "--jsno").json()["predictions"]) == 1


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        ((), "give one or more messages"),
        (("-", "bad"), "but not both"),
        (("bad", "--data", "x.csv"), "but not both"),
        (("--data", "x.csv"), "--data and --out belong together"),
        (("bad", "--out", "x.csv"), "--data and --out belong together"),
        (("--data", "x.csv", "--out", "y.csv", "--explain"), "--explain is for few messages"),
    ],
)
def test_wrong_use_is_told(ask, words, advice):
    assert advice in " ".join(ask(*words, status=2).err.replace("│", " ").split())


@pytest.mark.parametrize(("text", "advice"), [("", "message 1 is empty"), ("caf\udce9", "message 1 is not UTF-8")])
def test_an_argument_that_cannot_be_sent_is_named(ask, text, advice):
    failed = ask(text, "bad", status=1)
    assert advice in failed.err


def test_explanations_come_in_requests_of_eight(ask):
    answers = ask("-", "--explain", "--json", stdin=b"bad flight\n" * 20).json()["predictions"]
    assert [answer["why"][0]["word"] for answer in answers] == ["bad"] * 20


def test_progress_appears_once_a_step_has_lasted(monkeypatch):
    lines = []
    with late_progress(lambda: "3 of 9 messages answered", lines.append, first=0.05, every=10):
        module.late_progress  # noqa: B018  the command uses this one
    assert lines == []
    with late_progress(lambda: "3 of 9 messages answered", lines.append, first=0.01, every=10):
        while not lines:
            pass
    assert lines == ["3 of 9 messages answered, 0 s"]


def test_messages_that_the_model_reads_in_part_are_counted(ask):
    done = ask("-", "--json", stdin=b"bad\n" + b"so " * 60)
    assert [answer["truncated"] for answer in done.json()["predictions"]] == [False, True]
    assert "1 message longer than the model reads: it read a part of each" in done.err

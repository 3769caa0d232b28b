"""Start and stop report their progress, and no part is silent for long."""

import json
import logging
import os
import pty
import re
import select
import sys
import time
from contextlib import contextmanager
from uuid import uuid4

import httpx
import pytest

from flows.processes.progress import with_progress
from pipelines.runtime.progress import EVERY_SECONDS, timed_step
from tasks import progress
from tasks.progress import prefect_progress, progress_display


def test_each_part_tells_its_start_and_its_stop_and_how_long_they_took():
    told = []

    @contextmanager
    def service():
        yield "http://there"
        told.append("(ends)")

    with with_progress("MLflow", service(), told.append) as address:
        assert address == "http://there"
    begin = ["starting MLflow ...", "starting MLflow: done in 0 s"]
    assert told == [*begin, "stopping MLflow ...", "(ends)", "stopping MLflow: done in 0 s"]


def test_what_lasts_says_that_it_goes_on():
    told = []
    with timed_step("starting MLflow", told.append, every=0.02):
        time.sleep(0.2)
    assert len(told) > 3
    assert all(re.fullmatch(r"starting MLflow \.\.\. \d+ s", line) for line in told[1:-1])
    assert 5 <= EVERY_SECONDS <= 15


def test_what_fails_is_not_told_as_done_and_says_nothing_more():
    told = []
    with pytest.raises(OSError), timed_step("starting MLflow", told.append, every=0.02):  # noqa: PT012
        time.sleep(0.03)
        raise OSError
    count = len(told)
    assert "done" not in " ".join(told)
    time.sleep(0.06)
    assert len(told) == count


def test_a_part_is_stopped_also_where_another_fails():
    told = []

    @contextmanager
    def service():
        try:
            yield
        finally:
            told.append("(ends)")

    with pytest.raises(KeyboardInterrupt), with_progress("MLflow", service(), told.append):
        raise KeyboardInterrupt
    assert told[-2:] == ["(ends)", "stopping MLflow: done in 0 s"]


def test_a_command_without_a_terminal_tells_each_step_on_stderr_and_its_answer_alone_on_stdout(
    trained_home, trained, needloop
):
    assert json.loads(trained_home.with_name("stdout").read_text())[0]["model"] == "topics"
    stderr = trained_home.with_name("stderr").read_text()
    begun = [line.removesuffix(" ...") for line in stderr.splitlines() if line.endswith(" ...")]
    steps = ("ingest", "validate", "train", "evaluate", "decide", "write the model card")
    assert [one for one in begun if "Prefect" not in one] == [f"{step} topics" for step in steps]
    assert "starting Prefect: done in" in stderr
    assert re.search(r"^audit: done in", needloop("audit").stderr, re.MULTILINE)


def test_a_training_tells_how_far_it_is_where_nobody_watches_a_bar(capsys):
    with progress_display("train topics", every=0.02) as watch:
        watch(3, 27, 0.5, 0.75)
        watch(4, 27, 0.4, None)
        time.sleep(0.2)
    assert re.search(
        r"train topics \.\.\. 0 s, step 4 of 27, loss 0\.400, validation F1 0\.750", capsys.readouterr().err
    )


def drawn(leader):
    """The whole output of a terminal, without its escape sequences."""
    pieces = b""
    while select.select([leader], [], [], 2)[0]:
        pieces += os.read(leader, 65536)
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", pieces.decode())


def test_at_a_terminal_a_bar_shows_the_step_the_loss_and_the_newest_score(monkeypatch):
    leader, follower = pty.openpty()
    with os.fdopen(follower, "w") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        monkeypatch.setenv("COLUMNS", "120")
        with progress_display("train topics", every=0.02) as watch:
            watch(3, 27, 0.5, 0.75)
            watch(27, 27, 0.4, None)
        terminal.flush()
        shown = drawn(leader)
    os.close(leader)
    assert "train topics" in shown
    assert re.search(r"27/27.*loss 0\.400  validation F1 0\.750", shown)


def test_a_training_goes_on_where_prefect_cannot_be_told_how_far_it_is(monkeypatch, caplog):
    def unreachable(*_):
        raise httpx.ConnectError("nobody there")

    monkeypatch.setattr(progress, "create_progress_artifact", lambda *_, **__: uuid4())
    monkeypatch.setattr(progress, "update_progress_artifact", unreachable)
    seen = []
    with (
        caplog.at_level(logging.WARNING),
        prefect_progress("topics", lambda *told: seen.append(told), "macro-F1") as watch,
    ):
        watch(9, 9, 0.5, 0.75)
    assert seen == [(9, 9, 0.5, 0.75)]
    assert "the progress artifact in Prefect was not updated: nobody there" in caplog.text

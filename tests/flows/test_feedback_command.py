"""`needloop feedback` against a real service: "none of these" is stored from every door."""

import sqlite3

import pytest

from pipelines.client.blocking import Client
from tests.flows.in_process import needloop_here
from tests.pipelines.serving.conftest import service

__all__ = ["needloop_here", "service"]


def newest_feedback(service):
    with sqlite3.connect(service.home / "needloop.db") as database:
        rows = "SELECT label, correct, none_fits, comment FROM feedback ORDER BY id DESC LIMIT 1"
        return database.execute(rows).fetchone()


@pytest.mark.parametrize("words", [["--none"], ["--labels", ""], ["--none", "--incorrect"]], ids=" ".join)
def test_the_command_line_says_that_no_label_fits(needloop_here, service, words):
    done = needloop_here("feedback", service.first()["id"], *words, "--url", service.http.base_url)
    assert done.out.startswith("saved: ")
    assert newest_feedback(service) == (None, 0, 1, None)


@pytest.mark.parametrize("said", [{"none": True}, {"labels": []}, {"none": True, "comment": "-1 star"}], ids=str)
def test_the_client_says_that_no_label_fits(service, said):
    with Client(str(service.http.base_url)) as client:
        client.feedback(client.predict("sentiment", "so what").predictions[0].id, **said)
    assert newest_feedback(service) == (None, 0, 1, said.get("comment"))


def test_a_comment_may_begin_with_a_dash(needloop_here, service):
    words = ("--comment", "-1 star", "--rating", "1", "--url", service.http.base_url)
    needloop_here("feedback", service.first()["id"], *words)
    assert newest_feedback(service)[-1] == "-1 star"

"""Several labels in one message, from a file with `a;b` cells to the model that was retrained with feedback."""

import csv
import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from pipelines.catalog.catalog_file import load
from tests.flows.declarations import write_catalog
from tests.flows.test_multilabel import LENIENT, send_labels, served_by_every_protocol
from tests.pipelines.kinds.multilabel import TARGET, needs, spec_of
from tests.pipelines.serving.conftest import running

pytestmark = [pytest.mark.drill, pytest.mark.timeout(900)]


@pytest.fixture
def added(needloop, settings, tiny_encoder, tmp_path):
    """The declaration that `add` wrote, but with the tiny encoder and a lenient gate."""
    with (tmp_path / "needs.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("message", "needs"), *needs(400)])
    options = ("--text", "message", "--label", "needs", "--separator", ";")
    needloop("add", "needs", "--data", str(tmp_path / "needs.csv"), *options)
    spec = load(settings.catalog_file)["needs"]
    assert spec.target == TARGET
    tiny = spec_of(tiny_encoder)
    retraining = spec.retraining.model_copy(update={"feedback": 3})
    gate = tiny.gate.model_copy(update=LENIENT)
    small = {
        "base_model": tiny.base_model,
        "recipe": tiny.recipe,
        "gate": gate,
        "retraining": retraining,
        "min_language_share": 0.0,
    }
    write_catalog(spec.model_copy(update=small), settings)


def test_several_labels_go_round_the_loop_by_commands_pages_and_protocols(added, needloop, settings, open_page, capsys):
    trained = needloop("train", "needs").stdout
    assert "promoted" in trained
    assert "micro-F1" in trained
    with running(settings.home) as service:
        service.sign_in()
        served_by_every_protocol(service)
        send_labels(service)
        tabs = [open_page(service, page) for page in ("inbox/needs", "tryit", "models/needs/1")]
        labelled_in_the_inbox(tabs[0], service)
        shown_when_it_is_tried(tabs[1])
        judged_in_the_console(tabs[2])
        for tab in tabs:
            tab.close()  # an open page keeps sending requests
    card = needloop("explain", "needs").stdout
    assert "exact sets" in card or "micro-F1" in card
    again = needloop("retrain", "needs").stdout
    assert "promoted" in again, again
    needloop("audit")


def labelled_in_the_inbox(tab, service):
    """Labels are chosen by their number keys, all chosen ones are saved, and no label is an answer too."""
    newest, second = (message["id"] for message in messages(service)[:2])
    line = tab.locator(".messages li[aria-current]")
    buttons = line.locator(".labels button")
    expect(buttons).to_have_count(len(TARGET.labels))
    for at in range(len(TARGET.labels)):
        if buttons.nth(at).get_attribute("aria-pressed") == "true":
            tab.keyboard.press(str(at + 1))
    tab.keyboard.press("1")
    tab.keyboard.press("3")
    expect(line.locator(".labels [aria-pressed=true]")).to_have_count(2)
    tab.screenshot(path=picture("inbox-choosing"))
    with tab.expect_response("**/v1/feedback"):
        tab.keyboard.press("c")
    expect(tab.locator(".messages li").first).to_contain_text(TARGET.labels[2])
    for at in range(len(TARGET.labels)):
        if buttons.nth(at).get_attribute("aria-pressed") == "true":
            tab.keyboard.press(str(at + 1))
    tab.keyboard.press("1")
    tab.keyboard.press("1")
    with tab.expect_response("**/v1/feedback"):
        tab.keyboard.press("c")
    tab.screenshot(path=picture("inbox-kept"))
    said = {message["id"]: message["said"][-1] for message in messages(service)[:2]}
    wanted = {newest: TARGET.cell({TARGET.labels[0], TARGET.labels[2]}), second: TARGET.cell(set())}
    assert {id: one["label"] or one["correct"] for id, one in said.items()} == wanted


def shown_when_it_is_tried(tab):
    tab.fill("#message", "my bag is lost and the flight is late")
    tab.keyboard.press("Enter")
    tab.wait_for_selector(".verdict")
    tab.screenshot(path=picture("tryit"), full_page=True)


def judged_in_the_console(tab):
    expect(tab.get_by_role("columnheader", name="Exact sets")).to_be_visible()
    expect(tab.locator("body")).not_to_contain_text("NaN")
    tab.screenshot(path=picture("version"), full_page=True)


def messages(service):
    return service.http.get("/v1/models/needs/messages").json()["messages"]


def picture(name):
    folder = Path(os.environ.get("NEEDLOOP_SCREENSHOTS", os.environ["NEEDLOOP_HOME"])) / "several-labels"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}.png"

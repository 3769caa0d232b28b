"""The console in a real browser: reading, typing and waiting. Pictures go to NEEDLOOP_SCREENSHOTS."""

import os
import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

from pipelines.store.key_scopes import SCOPES
from tests.pipelines.serving.conftest import running
from tests.pipelines.serving.console.furniture import furnished

pytestmark = [pytest.mark.drill, pytest.mark.timeout(300)]
PAGES = ("inbox", "inbox/sentiment/review", "models", "loop", "tryit")
LOOKS = {
    "en-light": {"locale": "en-US", "color_scheme": "light"},
    "en-dark": {"locale": "en-US", "color_scheme": "dark"},
    "zh-light": {"locale": "zh-CN", "color_scheme": "light"},
    "zh-dark": {"locale": "zh-CN", "color_scheme": "dark"},
    "mobile": {"locale": "en-US", "color_scheme": "light", "viewport": {"width": 390, "height": 844}},
}
UNNAMED = """() => [...document.querySelectorAll("button, a, input, select, textarea, img, [role=img]")]
  .filter((one) => !(one.innerText ?? "").trim() && !one.ariaLabel && !one.alt && !one.labels?.length)
  .map((one) => one.outerHTML)"""


def feedback_by_message(service, path="/v1/models/sentiment/messages"):
    """The feedback about each message, by message id."""
    return {one["id"]: one["said"] for one in service.http.get(path).json()["messages"]}


def test_one_key_says_that_no_label_fits(open_page, console):
    tab, before = open_page(console), feedback_by_message(console)
    first, *_ = before
    tab.keyboard.press("o")
    answer = tab.locator(".messages li").first.locator(".answer")
    expect(answer).to_contain_text("none of these")
    tab.keyboard.press("k")
    expect(tab.get_by_role("button", name="none of these", exact=True)).to_have_attribute("aria-pressed", "true")
    expect(tab.locator(".reactions li").last).to_contain_text("no label fits")
    pictures = Path(os.environ.get("NEEDLOOP_SCREENSHOTS", console.home))
    tab.screenshot(path=pictures / "no-label-fits.png", full_page=True)
    deadline = time.monotonic() + 5
    while len(feedback_by_message(console)[first]) == len(before[first]) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert feedback_by_message(console)[first][-1]["none"] is True
    again = open_page(console)
    expect(again.locator(".messages li").first.locator(".answer")).to_contain_text("none of these")
    tab.keyboard.press("u")
    expect(tab.locator("#toast p")).to_be_visible()
    assert feedback_by_message(console) == before


def chosen(tab):
    return tab.locator(".messages li[aria-current]")


@pytest.mark.parametrize("look", LOOKS)
def test_every_page_shows_itself_in_every_look(open_page, console, look):
    pictures = Path(os.environ.get("NEEDLOOP_SCREENSHOTS", console.home / "screenshots"))
    pictures.mkdir(parents=True, exist_ok=True)
    for page in PAGES:
        tab = open_page(console, page, **LOOKS[look])
        assert tab.locator("html").get_attribute("lang") == ("zh-CN" if look.startswith("zh") else "en")
        if page == "tryit":
            tab.fill("#message", "so good that I cry, but bad food")
            tab.keyboard.press("Enter")
            tab.wait_for_selector(".verdict")
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), page
        tab.screenshot(path=pictures / f"{look}-{page.replace('/', '-')}.png", full_page=True)


def test_labels_are_said_confirmed_and_undone_by_single_keys(open_page, console):
    tab, before = open_page(console), feedback_by_message(console)
    first, _, third, *_ = before
    texts = tab.locator(".messages .text")
    tab.keyboard.press("1")
    expect(chosen(tab).locator(".text")).to_have_text(texts.nth(1).inner_text())
    tab.keyboard.press("j")
    tab.keyboard.press("c")
    expect(tab.locator(".messages li").nth(2).locator(".mark-good")).to_be_visible()
    deadline = time.monotonic() + 5
    while len(feedback_by_message(console)[third]) == len(before[third]) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert (
        feedback_by_message(console)[first][-1]["correct"]
        or feedback_by_message(console)[first][-1]["label"] == "negative"
    )
    assert feedback_by_message(console)[third][-1]["correct"] is True
    for _ in range(2):
        tab.keyboard.press("u")
        expect(tab.locator("#toast p")).to_be_visible()
        tab.wait_for_timeout(300)
    assert feedback_by_message(console) == before
    tab.keyboard.press("u")
    expect(tab.locator("#toast p")).to_have_text("There is nothing to undo.")


def test_the_queue_is_worked_off_without_a_mouse(open_page, console):
    tab = open_page(console, "inbox/sentiment/review")
    waiting = len(feedback_by_message(console, "/v1/models/sentiment/review"))
    for label in ("1", "2", "3"):
        tab.keyboard.press(label)
    expect(tab.locator(".messages li.said")).to_have_count(3)
    tab.wait_for_timeout(300)
    assert len(feedback_by_message(console, "/v1/models/sentiment/review")) in (waiting - 3, 50)
    for _ in range(3):
        tab.keyboard.press("u")
    expect(tab.locator(".messages li.said")).to_have_count(0)


def test_the_last_word_can_be_taken_back_from_anywhere(open_page, console):
    tab, before = open_page(console), feedback_by_message(console)
    tab.keyboard.press("2")
    tab.keyboard.press("v")
    expect(tab.locator(".tools .grow")).not_to_be_empty()
    tab.keyboard.press("u")
    expect(tab.locator("#toast p")).to_have_text("Undone. It will not be learnt from.")
    assert feedback_by_message(console) == before


def test_what_the_service_does_not_keep_is_not_shown_as_said(open_page, console):
    tab = open_page(console)
    tab.route("**/v1/feedback", lambda route: route.fulfill(status=409, json={"detail": "not today"}))
    tab.keyboard.press("3")
    expect(tab.locator("#toast p.bad")).to_have_text("not today")
    expect(chosen(tab).locator(".reactions")).to_have_count(0)
    assert tab.locator(".messages li").first.get_attribute("aria-current") == "true"


def test_pages_are_reached_by_two_keys_and_keys_are_explained_by_one(open_page, console):
    tab = open_page(console)
    for letter, heading in (("m", "Models"), ("l", "Loop"), ("t", "Try it")):
        tab.keyboard.press("g")
        tab.keyboard.press(letter)
        expect(tab.locator("h1")).to_have_text(heading)
    tab.locator("#message").fill("? g i")
    tab.locator("#message").blur()
    tab.keyboard.press("?")
    expect(tab.locator("dialog dl.keys")).to_be_visible()
    tab.keyboard.press("g")
    tab.keyboard.press("i")
    expect(tab.locator("h1")).to_have_text("Try it")
    tab.keyboard.press("Escape")
    tab.keyboard.press("g")
    tab.keyboard.press("i")
    expect(tab.locator("h1")).to_have_text("Inbox")


def test_language_and_colours_are_chosen_and_remembered(open_page, console):
    tab = open_page(console, locale="en-US", color_scheme="light")
    tab.get_by_role("button", name="中文").click()
    expect(tab.locator("h1")).to_have_text("收件箱")
    tab.get_by_role("button", name="浅色或深色").click()
    tab.reload()
    expect(tab.locator("h1")).to_have_text("收件箱")
    assert tab.locator("html").get_attribute("data-theme") == "dark"


def test_headings_stand_over_their_columns(open_page, console):
    tab = open_page(console, "models/sentiment/3", locale="en-US", viewport={"width": 1280, "height": 900})
    tables = tab.locator("table")
    assert tables.count() > 3
    for number in range(tables.count()):
        table = tables.nth(number)
        lefts = [table.locator(f"tr > {cell}").first.bounding_box()["x"] for cell in ("th", "td")]
        assert abs(lefts[0] - lefts[1]) < 2, table.inner_text()


def test_a_model_card_is_saved_as_a_file(open_page, console):
    tab = open_page(console, "models/sentiment/3", locale="en-US")
    with tab.expect_download() as saved:
        tab.get_by_role("button", name="Save the model card").click()
    assert saved.value.suggested_filename == "sentiment-3.html"
    assert Path(saved.value.path()).read_text() == "<h1>sentiment 3</h1>"


def test_what_was_written_by_strangers_stays_text(open_page, console):
    hostile = "<svg/onload=alert(1)> so <y onclick=alert(1)>good</y>"  # known tags would be stripped
    console.http.post("/v1/models/sentiment/predict", json={"texts": [hostile]})
    tab = open_page(console)
    expect(tab.locator(".messages .text").first).to_have_text(hostile)
    assert tab.locator(".messages .text *").count() == 0


def test_every_control_has_a_name_and_the_chosen_message_the_focus(open_page, console):
    for page in PAGES:
        tab = open_page(console, page)
        unnamed = tab.evaluate(UNNAMED)
        assert unnamed == [], page
        if page.startswith("inbox"):
            assert tab.evaluate("document.activeElement.closest('li').getAttribute('aria-current')") == "true"


def test_a_closed_service_asks_for_the_key_and_only_an_admin_may_decide(open_page, tmp_path):
    furnished(tmp_path)
    with running(tmp_path) as service:
        keys = {scope: service.store.create_key(scope, [scope]) for scope in SCOPES}
        tab = open_page(service, "models", signed_in=False)
        for secret in ("nl_wrong", keys["review"]):
            tab.get_by_label("API key").fill(secret)
            tab.keyboard.press("Enter")
            tab.wait_for_timeout(400)
        expect(tab.locator("h1")).to_have_text("Models")
        expect(tab.get_by_role("button", name="Roll back")).to_be_disabled()
        tab.get_by_role("button", name="Sign out").click()
        tab.get_by_label("API key").fill(keys["admin"])
        tab.keyboard.press("Enter")
        expect(tab.get_by_role("button", name="Roll back")).to_be_enabled()
        assert tab.evaluate("Object.keys(localStorage)") == ["needloop.language"]
        assert tab.context.cookies() == []

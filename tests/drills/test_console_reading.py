"""The console in a real browser: reading what is long, coming late, or called wrong."""

import pytest
from playwright.sync_api import expect

from tests.drills.test_console import chosen
from tests.pipelines.serving.conftest import until

pytestmark = [pytest.mark.drill, pytest.mark.timeout(300)]
EN = {"locale": "en-US"}
PHONE = {"width": 390, "height": 844}


def test_only_the_answer_to_the_last_question_is_shown(opened, console):
    tab, held = opened(console, "tryit", **EN), []

    def late(route):
        return held.append(route) if "bad" in route.request.post_data else route.continue_()

    tab.route("**/predict", late)
    for text in ("bad", "good"):
        tab.fill("#message", text)
        tab.keyboard.press("Enter")
    verdict = tab.locator(".card:has(h2:text-is('sentiment')) .verdict b")
    expect(verdict).to_have_text("positive")
    assert held
    for route in held:
        with tab.expect_response("**/predict"):
            route.continue_()
    tab.wait_for_timeout(300)
    expect(verdict).to_have_text("positive")
    assert tab.locator("[aria-busy]").count() == 0


@pytest.mark.parametrize("size", [None, PHONE], ids=["desk", "phone"])
def test_a_long_message_scrolls_in_a_place_of_its_own(opened, console, size):
    console.predict("so good " * 1000)
    tab = opened(console, viewport=size or {"width": 1280, "height": 800}, **EN)
    assert chosen(tab).bounding_box()["height"] < 600
    tab.keyboard.press("Tab")
    whole = chosen(tab).locator(".whole")
    expect(whole).to_be_focused()
    tab.keyboard.press("ArrowDown")
    until(lambda: whole.evaluate("(one) => one.scrollTop") > 0, seconds=5)
    assert chosen(tab).count() == 1
    tab.keyboard.press("j")
    expect(tab.locator(".messages li").nth(1)).to_have_attribute("aria-current", "true")


def test_what_was_called_wrong_without_a_label_is_marked_in_its_line(opened, console):
    one = console.first("so bad", explain=False)
    console.http.post("/v1/feedback", json={"prediction": one["id"], "correct": False})
    line = opened(console, **EN).locator(".messages .line").first
    expect(line.locator(".mark-bad")).to_have_attribute("aria-label", "the prediction is wrong")

"""The console in a real browser: long texts, large lists, slow answers, and a reader without a key."""

import pytest
from playwright.sync_api import expect

from pipelines.store.key_scopes import SCOPES
from tests.drills.test_console import chosen
from tests.pipelines.serving.conftest import promote, running, until, write_package
from tests.pipelines.serving.console.furniture import furnished

pytestmark = [pytest.mark.drill, pytest.mark.timeout(300)]
EN = {"locale": "en-US"}
PHONE = {"width": 390, "height": 844}


@pytest.mark.parametrize("way", ["keys", "link"])
def test_another_page_begins_at_its_top(open_page, console, way):
    tab = open_page(console, "models", viewport={"width": 1000, "height": 500}, **EN)
    tab.evaluate("scrollTo(0, 400)")
    if way == "keys":
        tab.keyboard.press("g")
        tab.keyboard.press("i")
    else:
        tab.locator("#nav a").first.click()
    expect(tab.locator("h1")).to_have_text("Inbox")
    assert tab.evaluate("scrollY") == 0


def test_the_same_page_in_other_words_stays_where_it_was(open_page, console):
    tab = open_page(console, "models", viewport={"width": 1000, "height": 500}, **EN)
    tab.evaluate("scrollTo(0, 400)")
    tab.get_by_role("button", name="中文").click()
    expect(tab.locator("h1")).to_have_text("模型")
    assert tab.evaluate("scrollY") > 0


def test_only_the_answer_to_the_last_question_is_shown(open_page, console):
    tab, held = open_page(console, "tryit", **EN), []

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


@pytest.mark.parametrize("secret", [None, "nl_wrong"], ids=["without a key", "after a wrong one"])
def test_whoever_closes_the_dialog_can_sign_in_all_the_same(open_page, tmp_path, secret):
    furnished(tmp_path)
    with running(tmp_path) as service:
        keys = {scope: service.store.create_key(scope, [scope]) for scope in SCOPES}
        tab = open_page(service, signed_in=False, **EN)
        if secret:
            tab.get_by_label("API key").fill(secret)
            tab.keyboard.press("Enter")
            expect(tab.locator("#notice")).to_contain_text("unknown")
        tab.keyboard.press("Escape")
        expect(tab.locator("dialog")).to_have_count(0)
        expect(tab.get_by_role("button", name="Sign in")).to_be_focused()
        tab.keyboard.press("Enter")
        tab.get_by_label("API key").fill(keys["review"])
        tab.keyboard.press("Enter")
        expect(tab.locator(".messages li").first).to_be_visible()


@pytest.mark.parametrize("size", [None, PHONE], ids=["desk", "phone"])
def test_a_long_message_scrolls_in_a_place_of_its_own(open_page, console, size):
    console.predict("so good " * 1000)
    tab = open_page(console, viewport=size or {"width": 1280, "height": 800}, **EN)
    assert chosen(tab).bounding_box()["height"] < 600
    tab.keyboard.press("Tab")
    whole = chosen(tab).locator(".whole")
    expect(whole).to_be_focused()
    tab.keyboard.press("ArrowDown")
    until(lambda: whole.evaluate("(one) => one.scrollTop") > 0, seconds=5)
    assert chosen(tab).count() == 1
    tab.keyboard.press("j")
    expect(tab.locator(".messages li").nth(1)).to_have_attribute("aria-current", "true")


def test_a_picture_is_opened_at_its_full_size(open_page, console):
    tab = open_page(console, "models/sentiment/3", viewport={"width": 1280, "height": 800}, **EN)
    tab.get_by_role("button", name="Confusion matrix, enlarge").press("Enter")
    image = tab.locator("dialog img")
    expect(image).to_be_visible()
    until(lambda: image.evaluate("(one) => one.complete"), seconds=5)
    shown, natural = tab.evaluate(
        "(({ width, naturalWidth }) => [width, naturalWidth])(document.querySelector('dialog img'))"
    )
    assert shown == natural
    assert shown > tab.locator("main img").first.bounding_box()["width"]
    tab.keyboard.press("Escape")
    expect(tab.locator("dialog")).to_have_count(0)


def test_what_was_called_wrong_without_a_label_is_marked_in_its_line(open_page, console):
    one = console.first("so bad", explain=False)
    console.http.post("/v1/feedback", json={"prediction": one["id"], "correct": False})
    line = open_page(console, **EN).locator(".messages .line").first
    expect(line.locator(".mark-bad")).to_have_attribute("aria-label", "the prediction is wrong")


@pytest.mark.parametrize(
    ("locale", "said"), [("en-US", "under the threshold 99.9990%"), ("zh-CN", "低于阈值 99.9990%")]
)
def test_an_answer_that_was_too_low_is_shown_beside_its_threshold_and_never_as_100_percent(
    open_page, tmp_path, locale, said
):
    promote(tmp_path, 1, write_package(tmp_path / "package", threshold=0.99999))
    with running(tmp_path) as service:
        tab = open_page(service.sign_in(), "tryit", locale=locale)
        tab.fill("#message", "bad bad bad bad")
        tab.keyboard.press("Enter")
        card = tab.locator(".card")
        expect(card).to_contain_text(said)
        assert "100%" not in card.inner_text()
        tab.goto(tab.url.replace("#tryit", "#inbox"))
        line = tab.locator(".messages .line").first
        expect(line).to_contain_text(said)
        assert "99.9988%" in line.inner_text()
        tab.screenshot(path=tmp_path / f"inbox-{locale}.png")

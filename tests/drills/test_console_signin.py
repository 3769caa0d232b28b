"""Signing in to the console in a real browser, by the link that `needloop up` and `needloop serve` print."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from pipelines.store import signin
from tests.drills.browsing import address, secret
from tests.drills.test_console import LOOKS
from tests.pipelines.serving.conftest import running
from tests.pipelines.serving.console.furniture import furnished

pytestmark = [pytest.mark.drill, pytest.mark.timeout(300)]
EN, ZH = LOOKS["en-light"], LOOKS["zh-light"]
STORED = "sessionStorage.getItem('needloop.key')"


@pytest.fixture(scope="module")
def keyless(tmp_path_factory):
    home = tmp_path_factory.mktemp("keyless")
    furnished(home)
    with running(home) as service:
        yield service


def link(service):
    return signin.link(service.home, address(service))


def pictured(tab, name):
    if folder := os.environ.get("NEEDLOOP_SCREENSHOTS"):
        tab.screenshot(path=Path(folder) / f"signin-{name}.png", full_page=True)


@pytest.mark.parametrize("look", ["en-light", "zh-light", "mobile"])
@pytest.mark.parametrize("page", ["inbox", "models", "loop"])
def test_without_the_link_a_page_shows_nothing_and_says_how_to_get_it(open_page, keyless, look, page):
    tab = open_page(keyless, page, ready="dialog.key", signed_in=False, **LOOKS[look])
    dialog = tab.locator("dialog.key")
    for said in ("needloop up", "needloop serve", "signin.key", "needloop keys create"):
        expect(dialog).to_contain_text(said)
    assert tab.locator(".messages, table, .card").count() == 0
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    pictured(tab, f"{look}-{page}")


@pytest.mark.parametrize("look", [EN, ZH], ids=["en", "zh"])
def test_the_link_signs_in_and_leaves_the_address_bar_and_the_history(open_page, keyless, look):
    tab = open_page(keyless, link(keyless).partition("#")[2], ready=".messages li", signed_in=False, **look)
    assert tab.evaluate(STORED) == secret(keyless)
    assert secret(keyless) not in tab.evaluate("location.href")
    assert tab.evaluate("history.length") <= 2
    expect(tab.locator(".who")).to_have_text("signed in by link" if look is EN else "已用链接登录")
    pictured(tab, f"by-link-{look['locale']}")
    tab.reload()
    expect(tab.locator(".messages li").first).to_be_visible()
    for letter, heading in (("m", 1), ("l", 2)):
        tab.keyboard.press("g")
        tab.keyboard.press(letter)
        expect(tab.locator(f"#nav a:nth-child({heading + 1})")).to_have_attribute("aria-current", "page")
    while tab.evaluate("location.hash") != "" and tab.go_back():
        assert secret(keyless) not in tab.evaluate("location.href")
    assert secret(keyless) not in tab.evaluate("location.href")
    assert secret(keyless) not in keyless.log.read_text()
    assert tab.evaluate("Object.keys(localStorage)") == ["needloop.language"]


def test_the_link_works_in_a_tab_that_is_open_already_and_waits_in_the_dialog(open_page, keyless):
    tab = open_page(keyless, "loop", ready="dialog.key", signed_in=False, **EN)
    tab.goto(link(keyless))
    expect(tab.locator(".messages li").first).to_be_visible()
    expect(tab.locator("dialog")).to_have_count(0)


@pytest.mark.parametrize("whole", [True, False], ids=["the link", "its secret"])
def test_what_was_printed_may_be_pasted_into_the_dialog(open_page, keyless, whole):
    tab = open_page(keyless, "models", ready="dialog.key", signed_in=False, **EN)
    tab.locator("#secret").fill(link(keyless) if whole else secret(keyless))
    tab.keyboard.press("Enter")
    expect(tab.locator("h1")).to_have_text("Models")
    expect(tab.get_by_role("button", name="Roll back")).to_be_enabled()


def test_a_wrong_link_says_so_and_asks_again(open_page, keyless):
    tab = open_page(keyless, "token=nl_signin_wrong", ready="dialog.key", signed_in=False, **EN)
    expect(tab.locator("#notice")).to_contain_text("unknown")
    assert tab.evaluate(STORED) is None
    assert "token" not in tab.evaluate("location.href")
    tab.keyboard.press("Escape")
    expect(tab.get_by_role("button", name="Sign in").last).to_be_focused()


@pytest.mark.parametrize("look", [EN, ZH], ids=["en", "zh"])
def test_who_has_not_signed_in_may_try_the_models_and_is_offered_to(open_page, keyless, look):
    tab = open_page(keyless, "tryit", ready="#message", signed_in=False, **look)
    tab.fill("#message", "so good")
    tab.keyboard.press("Enter")
    expect(tab.locator(".verdict")).to_be_visible()
    expect(tab.locator("#notice")).to_contain_text("API key" if look is EN else "API 密钥")
    pictured(tab, f"try-{look['locale']}")
    tab.locator("#tools button").first.click()
    expect(tab.locator("dialog.key")).to_be_visible()


def test_who_signs_out_sees_nothing_any_more(open_page, keyless):
    tab = open_page(keyless, link(keyless).partition("#")[2], ready=".messages li", signed_in=False, **EN)
    tab.get_by_role("button", name="Sign out").click()
    expect(tab.locator("dialog.key")).to_be_visible()
    assert tab.evaluate(STORED) is None
    assert tab.locator(".messages li").count() == 0

"""Chromium, and a service with messages to show in its console."""

import shutil

import pytest
from playwright.sync_api import sync_playwright

from pipelines.store import signin
from tests.pipelines.serving.conftest import promote, running, write_package
from tests.pipelines.serving.console.furniture import furnished

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
NONE = "there is no Chromium for the console's drill: apt-get install chromium"
EXPECTED = {"401", "409"}


@pytest.fixture(scope="module")
def browser():
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.fail(NONE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def console(tmp_path_factory):
    home = tmp_path_factory.mktemp("console")
    furnished(home)
    promote(
        home, 1, write_package(home / "intent", labels=("delay", "refund", "praise"), model="intent"), model="intent"
    )
    with running(home) as service:
        yield service.sign_in()


@pytest.fixture
def open_page(browser):
    """Open a page, signed in, in a fresh browser context; any error that the browser reports fails the test."""
    contexts, complaints = [], []

    def open_page(service, page="inbox", ready="h1, dialog", signed_in=True, **look):
        context = browser.new_context(**look)
        if signed_in:
            context.add_init_script(f"sessionStorage.setItem('needloop.key', '{secret(service)}')")
        contexts.append(context)
        tab = context.new_page()
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("console", lambda message: unexpected(message, service) and complaints.append(message.text))
        tab.on(
            "request", lambda asked: asked.url.startswith(("blob:", address(service))) or complaints.append(asked.url)
        )
        tab.goto(f"{address(service)}/#{page}")
        tab.wait_for_selector(ready)
        return tab

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == [], complaints


def unexpected(message, service):
    """True for a browser error that is no consequence of the service's own end."""
    ended = "net::ERR_" in message.text and service.process.poll() is not None
    return message.type == "error" and not ended and not EXPECTED & set(message.text.split())


def secret(service):
    """The secret in the sign-in link of a service."""
    return signin.link(service.home, "").partition("#token=")[2]


def address(service):
    return str(service.http.base_url).rstrip("/")

"""Speed of the console in a real browser, with few messages and with a hundred thousand."""

import time

import pytest
from playwright.sync_api import expect

from tests.pipelines.serving.conftest import promote, running, write_package
from tests.pipelines.serving.console.furniture import answered

pytestmark = [pytest.mark.drill, pytest.mark.alone, pytest.mark.timeout(300)]
PAGES = ("inbox", "inbox/sentiment/review", "models", "loop", "tryit")
MANY = 100_000


def test_the_first_useful_paint_comes_within_a_second(open_page, console, capsys):
    before = slowness()
    measured = {page: quickest(open_page, console, page) for page in PAGES}
    allowed = max(before, slowness())
    with capsys.disabled():
        told = ", ".join(f"{page} {milliseconds:.0f} ms" for page, milliseconds in measured.items())
        print(f"\nconsole drill: first useful paint, the best of some fresh browsers: {told}; allowed: {allowed:.1f} s")
    assert max(measured.values()) < 1000 * allowed


def slowness():
    """Processor seconds for counting to ten million, at least 1: 0.5 s is usual, 3 s occurred.

    The limits of this file hold for a machine with the value 1; they are multiplied by the value of a slower one.
    """
    begun, total = time.process_time(), 0
    for number in range(10_000_000):
        total += number
    return max(1.0, time.process_time() - begun)


def quickest(open_page, console, page):
    """The shortest time of up to ten fresh browsers: other load on the machine only makes a page slower."""
    times = []
    while len(times) < 3 or (min(times) >= 1000 and len(times) < 10):
        times.append(painted(open_page(console, page)))
    return min(times)


def painted(tab):
    """Milliseconds until the page showed its main content."""
    tab.wait_for_function("performance.getEntriesByName('needloop:shown').length > 0")
    return tab.evaluate("performance.getEntriesByName('needloop:shown')[0].startTime")


@pytest.fixture(scope="module")
def crowded(tmp_path_factory):
    """A service with a hundred thousand messages."""
    home = tmp_path_factory.mktemp("crowded")
    promote(home, 3, write_package(home / "package"))
    for part in range(10):
        answered(home, MANY // 10, seed=part)
    with running(home) as service:
        yield service.sign_in()


def test_a_hundred_thousand_messages_turn_their_pages_in_the_browser(open_page, crowded, capsys):
    tab, turns = open_page(crowded), []
    for _ in range(40):
        begun, before = time.perf_counter(), tab.locator(".pager span").inner_text()
        tab.keyboard.press("n")
        expect(tab.locator(".pager span")).not_to_have_text(before)
        turns.append(time.perf_counter() - begun)
    assert tab.locator(".messages li").count() == 50
    with capsys.disabled():
        print(f"\nconsole drill: of {MANY} messages a page of 50 turns in {median(turns):.0f} ms in the browser")


def test_a_page_at_the_bottom_of_a_hundred_thousand_takes_what_one_at_the_top_does(crowded, capsys):
    older, pages, spent = None, 0, []
    while pages == 0 or older:
        begun = time.perf_counter()
        asked = {"limit": 200} | ({"before": older} if older else {})
        older = crowded.http.get("/v1/models/sentiment/messages", params=asked).raise_for_status().json()["older"]
        spent.append(time.perf_counter() - begun)
        pages += 1
    begun = time.perf_counter()
    crowded.http.get("/v1/models/sentiment/review").raise_for_status()
    queue = time.perf_counter() - begun
    assert pages == MANY // 200 + 1
    top, bottom = median(spent[:50]), median(spent[-51:-1])
    with capsys.disabled():
        told = f"a page of 200 takes {top:.0f} ms at the top and {bottom:.0f} ms at the bottom"
        print(f"\nconsole drill: of {MANY} messages {told}, the queue {queue * 1e3:.0f} ms")


def median(seconds):
    """The median, in milliseconds."""
    return sorted(seconds)[len(seconds) // 2] * 1e3

"""The console in a real browser: running rollouts, aborted rollouts and paused models."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from pipelines.ledger.ledger import Ledger
from pipelines.promotion.pausing import pause
from pipelines.promotion.rollout import abort_rollout
from tests.drills.test_console import LOOKS
from tests.pipelines.serving.conftest import promote, running, until, write_package
from tests.pipelines.serving.rollout.conftest import CANARY, SHADOW, challenge, trial

pytestmark = [pytest.mark.drill, pytest.mark.timeout(300)]
EN = {"locale": "en-US"}


@pytest.fixture
def home(tmp_path):
    promote(tmp_path, 1, write_package(tmp_path / "packages" / "1"))
    return tmp_path


def halt(home, answer=""):
    pause(Ledger(home / "ledger.jsonl"), "sentiment", "it insults people", answer, home / "cache")


@pytest.mark.parametrize("terms", [CANARY, SHADOW], ids=["canary", "shadow"])
def test_a_trial_is_named_on_the_loop_and_beside_its_champion(open_page, home, terms):
    challenge(home, terms)
    with running(home) as service:
        until(lambda: trial(service))
        loop = open_page(service, "loop", **EN)
        card = loop.locator(".card:has(h2:text-is('sentiment'))")
        expect(card).to_contain_text(f"{terms.mode} version 2")
        expect(card).to_contain_text("to see")
        row = (
            open_page(service, "models/sentiment", **EN).locator("tr", has_text="champion").filter(has_text="beside it")
        )
        expect(row.locator(".chip.warn")).to_have_text(f"{terms.mode} beside it: version 2")


def test_a_trial_that_ended_by_itself_is_an_alert_and_looks_bad_in_the_ledger(open_page, home):
    abort_rollout(Ledger(home / "ledger.jsonl"), challenge(home, CANARY), ("errors: 7 of 9 requests failed",))
    with running(home) as service:
        alert = open_page(service, "loop", **EN).locator(".alerts li", has_text="rollout aborted")
        expect(alert).to_contain_text("errors: 7 of 9 requests failed")
        ledger = open_page(service, "models/sentiment", **EN).locator("section", has_text="Ledger").last
        expect(ledger.locator(".chip.bad")).to_have_text("rollout aborted")
        expect(ledger.locator(".chip", has_text="canary started")).to_be_visible()


def test_a_fixed_label_does_not_look_like_confidence(open_page, home):
    halt(home, "neutral")
    with running(home) as service:
        service.first("bad")
        line = open_page(service, **EN).locator(".messages .line").first
        expect(line.locator(".chip.warn")).to_have_text("rule")
        expect(line).to_contain_text("neutral")
        assert line.locator(".bar, .number").count() == 0
        tab = open_page(service, "tryit", **EN)
        tab.fill("#message", "bad")
        tab.keyboard.press("Enter")
        expect(tab.locator(".verdict")).to_have_text("neutralrule")
        expect(tab.locator(".card")).to_contain_text("The model is paused")
        expect(tab.locator(".card")).not_to_contain_text("No single word")
        assert tab.locator(".card .bar").count() == 0


def test_a_paused_model_that_says_nothing_is_called_paused(open_page, home):
    halt(home)
    with running(home) as service:
        service.first("bad")
        expect(open_page(service, **EN).locator(".messages .answer .chip").first).to_have_text("paused")
        tab = open_page(service, "tryit", **EN)
        tab.fill("#message", "bad")
        tab.keyboard.press("Enter")
        expect(tab.locator(".verdict")).to_have_text("paused")


@pytest.mark.parametrize(("answer", "said"), [("neutral", "“neutral”"), ("", "left to people")])
def test_the_champion_and_the_alert_say_what_a_paused_model_does(open_page, home, answer, said):
    halt(home, answer)
    with running(home) as service:
        alert = open_page(service, "loop", **EN).locator(".alerts li", has_text="paused")
        expect(alert).to_contain_text("it insults people")
        expect(alert).to_contain_text(said)
        row = open_page(service, "models/sentiment", **EN).locator("tbody tr").first
        expect(row.locator(".chip.warn")).to_have_text("paused")
        expect(row).to_contain_text("it insults people")
        expect(row).to_contain_text(said)


@pytest.mark.parametrize("look", LOOKS)
def test_every_look_has_room_for_trials_and_pauses(open_page, home, look):
    pictures = Path(os.environ.get("NEEDLOOP_SCREENSHOTS", home / "screenshots"))
    pictures.mkdir(parents=True, exist_ok=True)
    challenge(home, CANARY)
    halt(home, "neutral")
    with running(home) as service:
        until(lambda: trial(service))
        service.first("bad")
        for page in ("inbox", "models/sentiment", "loop"):
            tab = open_page(service, page, **LOOKS[look])
            assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), page
            tab.screenshot(path=pictures / f"{look}-trial-{page.partition('/')[0]}.png", full_page=True)

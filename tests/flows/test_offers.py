"""Deployments follow the catalog while `needloop up` runs, and from one start to the next."""

import asyncio
import json
from contextlib import suppress
from uuid import uuid4

import httpx
import pytest
from prefect.client.orchestration import get_client
from prefect.runner import Runner
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.deployments import deployments
from flows.offers import EVERY_SECONDS, READINGS, DeploymentSync
from flows.pauses import DeploymentPauses, read
from pipelines.catalog.built_in import BUILT_IN
from pipelines.catalog.catalog_file import BrokenCatalog
from tests.flows.declarations import write_catalog
from tests.flows.environments import prefect_header


class Recorder:
    """A runner that only records the deployments added to it."""

    def __init__(self):
        self.given = []

    async def aadd_deployment(self, deployment):
        self.given.append(deployment)
        return uuid4()


@pytest.fixture
def withdrawn():
    """The ids of removed deployments, in order of removal."""
    return []


@pytest.fixture
def runner():
    return Recorder()


def following(offers, change, seconds=0.5):
    """Let the deployments follow the catalog, change it, and wait."""

    async def play():
        task = asyncio.create_task(offers.follow(every=0.01))
        await asyncio.sleep(0.05)
        change()
        await asyncio.sleep(seconds)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    asyncio.run(play())


@pytest.fixture
def synced(settings, withdrawn):
    """Makes deployments that follow the catalog, one set for each start."""
    (settings.home / "logs").mkdir(parents=True, exist_ok=True)

    async def delete(ids):
        withdrawn.append([str(one) for one in ids])
        return [DeploymentPauses() for _ in ids]

    return lambda runner, made: DeploymentSync(runner, settings.workspace, made, delete)


@pytest.fixture
def offers(synced, runner):
    return synced(runner, lambda spec: [spec.name, spec.retraining.cron])


def registered(settings):
    """The ids of each model's deployments, from the file for the next start."""
    return json.loads((settings.home / "logs" / "deployments.json").read_text())


def test_a_model_that_is_added_is_offered_within_a_minute_and_nothing_else_again(
    offers, topics, settings, withdrawn, runner
):
    assert EVERY_SECONDS <= 20, "with the time to register it, a minute at the most"
    asyncio.run(offers.update())
    assert len(runner.given) == 2 * len(BUILT_IN)
    following(offers, lambda: write_catalog(topics, settings))
    assert runner.given[2 * len(BUILT_IN) :] == ["topics", topics.retraining.cron]
    assert withdrawn == []


def test_a_declaration_that_changes_is_offered_anew(offers, topics, settings, withdrawn, runner):
    write_catalog(topics, settings)
    asyncio.run(offers.update())
    runner.given.clear()
    hourly = topics.model_copy(update={"retraining": topics.retraining.model_copy(update={"cron": "0 * * * *"})})
    following(offers, lambda: write_catalog(hourly, settings))
    assert runner.given == ["topics", "0 * * * *"]


def test_a_model_that_is_removed_loses_what_was_offered(offers, topics, settings, withdrawn, synced):
    write_catalog(topics, settings)
    asyncio.run(offers.update())
    ids = registered(settings)["topics"]
    following(offers, lambda: write_catalog(others(topics), settings))
    assert withdrawn == [ids]
    asyncio.run(synced(Recorder(), lambda spec: []).update())
    assert len(withdrawn) == 1, "once is enough"


def others(topics):
    return topics.model_copy(update={"name": "others"})


def test_a_model_that_went_between_two_starts_loses_what_was_offered(offers, topics, settings, withdrawn, synced):
    write_catalog(topics, settings)
    asyncio.run(offers.update())
    ids = registered(settings)["topics"]
    write_catalog(others(topics), settings)
    later = synced(Recorder(), lambda spec: [])
    asyncio.run(later.update())
    assert withdrawn == [], "one look is not enough"
    following(later, lambda: None)
    assert withdrawn == [ids]


@pytest.mark.parametrize("said", [None, "", " \n"], ids=["no file", "an empty file", "blanks"])
def test_an_empty_or_missing_catalog_withdraws_nothing_however_long(said, offers, topics, settings, withdrawn, runner):
    write_catalog(topics, settings)
    asyncio.run(offers.update())
    runner.given.clear()
    following(
        offers, lambda: settings.catalog_file.unlink() if said is None else settings.catalog_file.write_text(said)
    )
    following(offers, lambda: write_catalog(topics, settings))
    assert runner.given == withdrawn == []
    asyncio.run(offers.update())
    assert "topics" in registered(settings)


def test_a_model_must_be_missing_for_a_minute(offers, topics, settings, withdrawn):
    assert (READINGS - 1) * EVERY_SECONDS >= 60
    write_catalog(topics, settings)
    asyncio.run(offers.update())
    for _ in range(2):
        write_catalog(others(topics), settings)
        for _ in range(READINGS - 1):
            asyncio.run(offers.update())
        write_catalog(topics, settings, others(topics))
        asyncio.run(offers.update())
    assert withdrawn == [], "each time it was back before"
    write_catalog(others(topics), settings)
    for _ in range(READINGS):
        asyncio.run(offers.update())
    assert len(withdrawn) == 1


def test_a_catalog_that_cannot_be_read_changes_nothing_until_it_can(offers, topics, settings, withdrawn, capfd, runner):
    write_catalog(topics, settings)
    asyncio.run(offers.update())
    runner.given.clear()
    following(offers, lambda: settings.catalog_file.write_text("[[model]\n"))
    assert runner.given == withdrawn == []
    assert capfd.readouterr().err.count("is no catalog") == 1, "told once, not every few seconds"
    with pytest.raises(BrokenCatalog):
        asyncio.run(offers.update())
    following(offers, lambda: write_catalog(topics.model_copy(update={"name": "others"}), settings))
    assert runner.given[0] == "others"
    assert len(withdrawn) == 1


def test_what_prefect_did_not_take_is_tried_again(offers, topics, settings, withdrawn, capfd, runner):
    asyncio.run(offers.update())
    runner.given.clear()
    add, failures = runner.aadd_deployment, [OSError("away"), OSError("away")]

    async def unsteady(deployment):
        if failures:
            raise failures.pop()
        return await add(deployment)

    runner.aadd_deployment = unsteady
    following(offers, lambda: write_catalog(topics, settings))
    assert runner.given == ["topics", topics.retraining.cron]
    assert capfd.readouterr().err.count("trying again in 0.01 s: OSError: away") == 2


@pytest.mark.slow
def test_in_prefect_a_model_comes_with_its_automation_and_goes_with_it(topics, settings, prefect_url, monkeypatch):
    monkeypatch.setattr("pipelines.catalog.built_in.BUILT_IN", ())
    (settings.home / "logs").mkdir(parents=True, exist_ok=True)
    write_catalog(topics, settings)

    def names(kind):
        found = httpx.post(f"{prefect_url}/{kind}/filter", json={}, headers=prefect_header(), timeout=30)
        return [one["name"] for one in found.raise_for_status().json() if "topics" in one["name"]]

    with temporary_settings({PREFECT_API_URL: prefect_url}):
        offers = DeploymentSync(Runner(pause_on_shutdown=False), settings.workspace, deployments)
        asyncio.run(offers.update())
        assert names("deployments") == ["topics", "topics", "topics"]
        assert names("automations") == ["retrain topics after 50 labels"]
        write_catalog(others(topics), settings)
        for _ in range(READINGS):
            asyncio.run(offers.update())
        assert names("deployments") == names("automations") == []


@pytest.mark.slow
def test_what_a_person_paused_is_paused_when_the_model_comes_back(topics, settings, prefect_url, monkeypatch):
    monkeypatch.setattr("pipelines.catalog.built_in.BUILT_IN", ())
    (settings.home / "logs").mkdir(parents=True, exist_ok=True)
    write_catalog(topics, settings)

    async def play():
        offers = DeploymentSync(Runner(pause_on_shutdown=False), settings.workspace, deployments)
        await offers.update()
        async with get_client() as client:
            again, train, _ = registered(settings)["topics"]
            await client.pause_deployment(train)
            (schedule,) = (await client.read_deployment(again)).schedules
            await client.update_deployment_schedule(again, schedule.id, active=False)
            (automation,) = await client.read_resource_related_automations(f"prefect.deployment.{again}")
            await client.pause_automation(automation.id)
            write_catalog(others(topics), settings)
            for _ in range(READINGS):
                await offers.update()
            write_catalog(topics, settings)
            later = DeploymentSync(Runner(pause_on_shutdown=False), settings.workspace, deployments)
            await later.update()
            found = [await read(client, one) for one in registered(settings)["topics"]]
            write_catalog(others(topics), settings)
            for _ in range(READINGS):
                await later.update()
        return found

    with temporary_settings({PREFECT_API_URL: prefect_url}):
        again, train, ingest = asyncio.run(play())
    assert again == DeploymentPauses(schedules=("declared",), automations=("retrain topics after 50 labels",))
    assert train == DeploymentPauses(deployment=True)
    assert ingest == DeploymentPauses()

"""Fields of a rollout in `GET /v1/models`: today's names, and for one release the old names beside them."""

import pytest

from pipelines.promotion.rollout_status import status
from pipelines.serving.rollout.rollout_schemas import Rollout
from tests.pipelines.ledger.made import entry

CANARY = entry("canary", "mood", 2, champion=1, time="2026-03-01T10:00:00.000+00:00", share=0.5, hours=1)
OLD = {
    "Rollout": {"way": "mode"},
    "GuardStatus": {"worse_at_least": "difference_low", "worse_at_most": "difference_high"},
    "GuardCounts": {"tries": "trials", "hits": "successes"},
}


@pytest.fixture(scope="module")
def response():
    counts = {("errors", "challenger"): (30, 29), ("errors", "champion"): (30, 0)}
    return Rollout.model_validate(status(CANARY, counts)).model_dump(exclude_none=True)


def test_a_canary_is_described_under_the_new_names_and_the_old_ones_agree(response):
    guard = response["guards"][0]
    parts = {"Rollout": response, "GuardStatus": guard, "GuardCounts": guard["challenger"]}
    assert (response["mode"], guard["guard"]) == ("canary", "errors")
    assert 0.5 < guard["difference_low"] < 29 / 30 < guard["difference_high"] <= 1
    assert (guard["challenger"]["trials"], guard["challenger"]["successes"]) == (30, 29)
    for part, names in OLD.items():
        for old, new in names.items():
            assert parts[part][old] == parts[part][new], old


@pytest.mark.parametrize("part", OLD)
def test_old_names_are_deprecated_in_the_description_and_new_ones_are_not(part):
    schema = Rollout.model_json_schema(mode="serialization")
    fields = (schema if part == "Rollout" else schema["$defs"][part])["properties"]
    for old, new in OLD[part].items():
        assert fields[old]["deprecated"] is True
        assert new in fields[old]["description"]
        assert "deprecated" not in fields[new]

"""Recorded answers of a package are compared with new ones: equal ones pass, random ones do not."""

import json

import pytest

from pipelines.inference.artefact import (
    MAX_TEXTS,
    BrokenPackage,
    ReferenceAnswer,
    load_reference_answers,
    require_agreement,
)


@pytest.mark.parametrize(("rows", "asked"), [(0, 0), (1, 1), (64, 64), (65, 64), (100, 64), (500, 64)])
def test_the_texts_that_are_asked_are_spread_over_the_recorded_ones(tmp_path, rows, asked):
    said = [{"text": str(row), "label": "good"} for row in range(rows)]
    (tmp_path / "recorded.json").write_text(json.dumps(said))
    found = [int(one.text) for one in load_reference_answers(tmp_path)]
    assert len(set(found)) == asked
    assert found == sorted(found)
    assert not found or max(found) > rows - 1 - rows / MAX_TEXTS


def test_a_package_that_came_without_answers_is_not_asked(tmp_path):
    assert load_reference_answers(tmp_path) == []
    require_agreement([], [], 0.05)


@pytest.mark.parametrize(
    ("differ", "most", "believed"),
    [(0, 0.0, True), (1, 0.0, False), (3, 0.05, True), (9, 0.05, True), (12, 0.05, False), (42, 0.1, False)],
    ids=["as recorded", "none may", "as declared", "chance", "no chance", "a random head"],
)
def test_it_is_believed_unless_more_than_is_declared_is_shown_to_differ(differ, most, believed):
    known = [ReferenceAnswer(str(place), "good") for place in range(64)]
    labels = ["bad"] * differ + ["good"] * (64 - differ)
    if believed:
        require_agreement(known, labels, most)
    else:
        with pytest.raises(BrokenPackage, match=f"{differ} of 64 recorded texts"):
            require_agreement(known, labels, most)

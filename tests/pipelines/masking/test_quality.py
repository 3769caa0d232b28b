"""Precision and recall on the labelled sentences, and the page with their tables."""

from pathlib import Path

import pytest

from tests.bench.masking_quality import FRESH, quality, sentences, tables

PAGE = Path(__file__).parents[3] / "docs" / "results" / "masking.md"


def test_there_are_four_hundred_sentences_half_of_them_without_personal_data():
    rows = sentences()
    assert {name: sum(one.language == name for one in rows) for name in ("en", "zh")} == {"en": 200, "zh": 200}
    assert sum(not one.details for one in rows) == 200


@pytest.mark.parametrize("language", ["en", "zh"])
def test_nearly_all_details_are_found_and_nearly_nothing_else(language):
    rows = [one for one in (*sentences(), *sentences(FRESH)) if one.language == language]
    counts = quality(rows)
    assert counts.found / counts.marked > 0.97
    assert counts.found / counts.made > 0.97


def test_the_page_has_the_tables_of_today():
    assert all(table in PAGE.read_text(encoding="utf-8") for table in tables().split("\n\n"))

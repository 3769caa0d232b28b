"""The card's page is a single file without references, for light and dark screens."""

import re

from pipelines.card.card import card
from pipelines.card.card_page import page

PNG = b"\x89PNG\r\n\x1a\n"


def test_the_pictures_lie_inside_and_nothing_is_remote(lineage):
    told = page(card(lineage), {"Confusion matrix": PNG})
    assert '<img alt="Confusion matrix" src="data:image/png;base64,iVBORw0KGgo="' in told
    assert re.findall(r"(?:src|href)=\"(?!data:)([^\"]*)", told) == ["../../docs/validations/sentiment/page.html"]
    assert "http" not in told.replace("http-equiv", "")
    assert "<script" not in told


def test_browsers_know_its_language_and_its_characters(lineage):
    told = page(card(lineage), {})
    assert told.startswith('<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">')
    assert "<title>sentiment version 3</title>" in told
    assert "color-scheme: light dark" in told
    assert "default-src 'none'" in told
    assert told.count("<table>") == card(lineage).count("| --- |\n")

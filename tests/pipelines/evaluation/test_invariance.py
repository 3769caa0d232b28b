import re
from random import Random

import pytest

from pipelines.evaluation.behaviour.invariance import CHANGES, changed_cases
from pipelines.masking.rules import MaskingRules

AIRLINE = MaskingRules(trades=("booking",))
HARD = "@united Call <PHONE> or see https://T.co/Ab12Cd about flight 1482 from gate 27, please"


def changed(name, text, language="en"):
    """The results of one change of a text with twenty seeds."""
    return {CHANGES[name](text, language, Random(seed)) for seed in range(20)}


@pytest.mark.parametrize("name", CHANGES)
def test_placeholders_handles_and_addresses_stay_as_they_are(name):
    for text in changed(name, HARD):
        assert all(part in text for part in ("@united", "<PHONE>", "https://T.co/Ab12Cd"))


def test_cases_are_of_one_size_all_over():
    assert changed("case", HARD) == {
        "@united call <PHONE> or see https://T.co/Ab12Cd about flight 1482 from gate 27, please",
        "@united CALL <PHONE> OR SEE https://T.co/Ab12Cd ABOUT FLIGHT 1482 FROM GATE 27, PLEASE",
    }
    assert changed("case", "already small") == {"ALREADY SMALL"}
    assert changed("case", "航班晚点了") == {"航班晚点了"}


def test_numbers_become_others_as_long():
    for text in changed("numbers", HARD):
        flight, gate = re.search(r"flight (\d+) from gate (\d+),", text).groups()
        assert (len(flight), len(gate)) == (4, 2)
        assert (flight, gate) != ("1482", "27")
        assert flight[0] != "0"


@pytest.mark.parametrize("text", ["1 star", "a 10/10 crew", "#1 for me", "100% sure", "at 10:30am", "11am", "on 2-24"])
def test_numbers_that_say_something_stay(text):
    assert all(text in one and re.search(r"(?:Order|Message) \d{5}", one) for one in changed("numbers", text))


def test_only_latin_letters_are_misspelt():
    assert changed("typos", "航班晚点了") == {"航班晚点了"}
    assert "departure" not in changed("typos", "departure")


def test_each_text_is_changed_in_the_same_way_whatever_the_others_are():
    alone = changed_cases(["where is my suitcase"], "en", MaskingRules())
    among = changed_cases(["thanks a lot", "where is my suitcase"], "en", MaskingRules())
    assert {name: cases[0].text for name, cases in alone.items()} == {
        name: next(case.text for case in cases if case.base_index == 1) for name, cases in among.items()
    }


def test_a_change_that_reads_like_personal_data_is_no_case():
    """Small letters are no booking reference; the same letters in capitals are."""
    assert changed_cases(["seat q7xk2b for me"], "en", AIRLINE)["emoji"]
    assert changed_cases(["seat q7xk2b for me"], "en", AIRLINE)["case"] == []


def test_what_a_capability_cannot_change_is_no_case_of_it():
    found = changed_cases(["航班晚点了", "no 5"], "fr", MaskingRules())
    assert {name: [case.base_index for case in cases] for name, cases in found.items()} == {
        "typos": [],
        "case": [1],
        "emoji": [0, 1],
        "names": [],
        "numbers": [],
        "code-switching": [],
    }

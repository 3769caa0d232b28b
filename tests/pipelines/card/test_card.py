"""The content of a model card, and its sentences about missing parts."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from pipelines.card.card import card
from pipelines.card.markdown import plain
from pipelines.card.origin import VERDICTS
from pipelines.evaluation.scorecard import Scorecard
from pipelines.ledger.entry import EVENT_CLASSES
from tests.pipelines.ledger.made import entry as made

TOLD = {
    "what it is": ("# sentiment version 3", "- **base**: minilm", "negative, neutral, positive"),
    "decision": ("**Promoted**. On 2026-03-01", "by jo@host", "the champion was version 2", "- no worse than"),
    "data": (f"**train snapshot**: {'5' * 64}", "- **source**: airline:", "2522, up to feedback 1310"),
    "expectations": ("25 expectations, none failed: [Data Docs](../../docs/validations/sentiment/page.html).",),
    "contestants": ("| challenger | 0.800 \\[0.790, 0.810\\] |", "| champion | 0.790", "| TF-IDF | 0.720"),
    "labels": ("| neutral | 0.660 | 0.640 | 0.651 | 590 |",),
    "calibration": ("| expected calibration error | 0.031 | 0.042 |", "| Brier score | 0.270 | 0.280 |"),
    "scope": ("0.612", "300 texts", "74.0%", "AUROC 0.880"),
    "agreement": ("3 of 500 answers differ (0.6%)",),
    "burden": ("| median for one text over HTTP | 9.500 ms | 9.100 ms |", "| package | 23.0 MB | 22.9 MB |"),
    "slices": ("| airline united | 700 | 0.800 | 0.793 |", "| language es | 4 | insufficient | – |"),
    "behaviour": ("| typos | invariance | 60 | 9 | 15.0% |",),
    "fairness": ("four-fifths ratio 0.910, lowest for the label neutral", "| names men | 80 | 4 | 5.0% |"),
    "flips": ("31 of 2,850 texts were right and are wrong now", "| my bag is late 9 | negative | neutral |"),
    "doubts": ("123 labels look like errors", "0 train texts are nearly held-out", "64 of 80 right (80.0%)"),
    "uses": ("looks at this test split so far: 7",),
    "cost": ("| CPU seconds | 101.0 |", "| peak memory | 2.1 GB |", "| package | 23.0 MB |"),
    "recipe": ("| epochs | 3 |", "| head\\_rate | 0.01 |"),
    "weak": (
        "- label neutral: F1 0.651 on 590 texts",
        "- slice airline united: accuracy 0.800 on 700 texts",
        "- capability typos: 9 of 60 cases failed (15.0%)",
        "- too few texts to say: positive, slice language es",
    ),
    "evidence": (f"e.json, SHA-256 {'e' * 64}", "All of it is as it was."),
}


@pytest.mark.parametrize("said", TOLD.values(), ids=TOLD.keys())
def test_a_card_says(said, lineage):
    told = card(lineage)
    assert [part for part in said if part not in told] == []


def test_it_ends_with_the_hash_of_the_ledger_entry(lineage, entry):
    assert card(lineage).endswith(f"Ledger entry `{entry.hash()}`\n")


def test_a_version_that_was_never_judged_says_so(unjudged):
    told = card(unjudged)
    assert "It was never judged" in told
    assert "Not known: there is no scorecard." in told
    assert "Contestants" not in told
    assert "| epochs | 3 |" in told


def test_evidence_that_is_gone_is_named_and_nothing_else_is_lost(lineage):
    told = card(replace(lineage, scorecard=None, faults=("/home/evidence/sentiment/e.json is gone",)))
    assert "**No longer whole:**\n\n- /home/evidence/sentiment/e.json is gone" in told
    assert "**Promoted**" in told


def test_what_was_promoted_by_a_person_says_why(lineage, entry):
    told = card(replace(lineage, entries=(replace(entry, event=replace(entry.event, override="the campaign starts")),)))
    assert "**Promoted** against the gate, because: the campaign starts." in told


def test_what_came_after_the_decision_is_its_history(lineage, entry):
    pruned = made("prune", "sentiment", 3, reasons=("kept are 4, 5, 6",), by="jo@host", time="2026-04-01")
    told = card(replace(lineage, entries=(entry, pruned)))
    assert "**Promoted**" in told
    assert "**It was pruned on 2026-04-01**" in told
    assert "| 2026-04-01 | pruned | jo@host | kept are 4, 5, 6 |" in told


def test_a_pause_is_history_and_no_decision(lineage, entry):
    paused, resumed = (made(tag, "sentiment", 3, reasons=(f"{tag} it",), by="jo@host") for tag in ("pause", "resume"))
    told = card(replace(lineage, entries=(entry, paused, resumed)))
    assert "**Promoted**" in told
    assert "| paused | jo@host | pause it |" in told
    assert "| resumed | jo@host | resume it |" in told


def test_whatever_a_ledger_says_the_card_has_a_word_for_it():
    assert set(VERDICTS) == set(EVENT_CLASSES.values())


OPTIONAL = ("agreement", "trust", "scope", "burden", "slices", "behaviour", "fairness", "doubts", "recent", "against")


@pytest.mark.parametrize("name", OPTIONAL)
def test_what_was_not_measured_is_no_gap_in_the_card(name, lineage, scorecard):
    shown = scorecard.attachments | {name: None}
    assert "##" in card(replace(lineage, scorecard=replace(scorecard, attachments=shown)))


def test_what_is_attached_is_in_the_card_or_left_out_knowingly(scorecard):
    """A new attachment must be added here; the measures of a new check are listed without a change."""
    drawn = {"confusion", "labels", "known", "gate"}  # the picture, the version's identity, and the limits
    told = {"challenger", "champion", "majority", "tfidf", "lead", "per_label", "harmful", *OPTIONAL}
    assert scorecard.attachments.keys() == drawn | told


def test_every_measure_is_listed_with_what_was_asked(lineage, scorecard):
    told = card(lineage)
    listed = [measure for measure in scorecard.measures if measure.direction]
    assert [measure.name for measure in listed if f"| {plain(measure.name)} |" not in told] == []
    assert "| test.macro\\_f1 | 0.800 \\[0.790, 0.810\\] | at least 0.750 | yes |" in told
    assert "| doubts.leaks | 0 | at most 0 | yes |" in told
    assert "| doubts.suspects | 123 | – | – |" in told


def test_an_old_run_without_parameters_has_a_card(lineage):
    told = card(replace(lineage, parameters={}, figures={}, run="", checked=None, flips=None))
    assert told.count("not recorded") + told.count("Not recorded") > 5
    assert "flips.csv is gone" in told


def test_groups_that_could_not_be_compared_are_no_perfect_ratio(lineage, scorecard):
    even = scorecard.attachments["fairness"] | {"ratio": 1.0, "label": ""}
    scored = replace(scorecard, attachments=scorecard.attachments | {"fairness": even})
    assert "four-fifths rule: insufficient" in card(replace(lineage, scorecard=scored))


def test_a_card_that_is_read_outside_the_home_names_the_page_instead_of_linking_it(lineage):
    told = card(lineage.without_home_links())
    assert (
        "25 expectations, none failed. Data Docs: `docs/validations/sentiment/page.html` in the home of Needloop."
        in told
    )
    assert "](" not in told


OLDER = Path(__file__).parent / "older"  # a scorecard of named fields and its card, as commit 5f045c1 stored them


def test_the_card_of_an_older_scorecard_is_what_it_was(lineage):
    found = Scorecard.of(json.loads((OLDER / "scorecard.json").read_text(encoding="utf-8")))
    assert card(replace(lineage, scorecard=found)) == (OLDER / "card.md").read_text(encoding="utf-8")


def test_an_older_scorecard_is_shown_field_by_field_as_it_was_kept():
    kept = json.loads((OLDER / "scorecard.json").read_text(encoding="utf-8"))
    shown = Scorecard.of(kept).document()
    assert {name: shown[name] for name in kept} == kept
    assert [measure["name"] for measure in shown["measures"]] == ["test.macro_f1", "test.accuracy"]

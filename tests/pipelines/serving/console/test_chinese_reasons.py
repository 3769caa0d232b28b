"""Every English sentence that the service writes has a Chinese pattern in the console."""

import re

import pytest

from pipelines.evaluation.behaviour.capability import OFF_TOPIC
from pipelines.evaluation.behaviour.invariance import CHANGES
from pipelines.evaluation.identities import swaps
from pipelines.evaluation.slices import PREDICATES
from pipelines.inference import artefact
from pipelines.ledger import chain, witness
from pipelines.promotion import audit, evidence, preconditions, rollback, version_cleanup
from pipelines.promotion.pausing import NO_REASON
from pipelines.serving.console import background_commands, decisions, history
from pipelines.serving.console.static_files import STATIC
from pipelines.serving.rollout import rollouts
from tests.pipelines.serving.console.decision_sentences import executed, makers, sentences, templates

SCRIPT = (STATIC / "reasons-zh.js").read_text(encoding="utf-8")
CHINESE = re.compile("[\u4e00-\u9fff（）]")
MODULES = (
    *(artefact, audit, chain, evidence, preconditions, rollback, rollouts, version_cleanup),
    *(background_commands, decisions, history),
)
RAISED = ("BrokenLedger", "BrokenPackage", "TamperedEvidence", "ChampionChanged", "NoSuchVersion", "Busy")
MORE = (
    NO_REASON,
    "the canary of version 4 could not be loaded: gone",
    "version 3: it is being loaded",
    "5 of 9 recorded texts are answered differently from the trained network; 5% may differ",
    *(text.format(*"7777") for text in (witness._OLDER, witness._NEW, witness._FORKED)),
)


def pairs(name):
    """The pairs of English and Chinese of one table."""
    (table,) = re.findall(rf"const {name} = \[\n(.*?)\n\];", SCRIPT, re.DOTALL)
    return re.findall(r'\["([^"]*)", "([^"]*)"\]', table)


def names():
    (table,) = re.findall(r"const NAMES = \{\n(.*?)\n\};", SCRIPT, re.DOTALL)
    return dict(re.findall(r'"([^"]*)": "([^"]*)"', table))


def pattern(english):
    """The script's regular expression: `{what}` is a known name or one word, `{value}` a word."""
    values = {"{what}": "|".join([*map(re.escape, names()), r"[\w.-]+"]), "{value}": r"\S+"}
    parts = re.split(r"(\{\w+\})", english)
    written = [f"(?:{values.get(part, '.+?')})" if number % 2 else re.escape(part) for number, part in enumerate(parts)]
    return re.compile("".join(written), re.DOTALL)


PATTERNS = [pattern(english) for english, _ in pairs("SENTENCES")]


def untranslated(found):
    return [sentence for sentence in found if not any(one.fullmatch(sentence) for one in PATTERNS)]


def test_every_reason_of_a_decision_has_a_chinese_pattern(tmp_path):
    found = sentences(tmp_path)
    assert len(found) > 60
    assert untranslated(found) == []


def test_every_place_that_makes_a_reason_is_reached_by_the_evidence_of_these_tests(tmp_path):
    lines = executed(lambda: sentences(tmp_path))
    unreached = [
        f"{file}:{first}"
        for file, first, last in makers()
        if not any((file, number) in lines for number in range(first, last + 1))
    ]
    assert unreached == [], "add evidence for these to decision_sentences.py, and a pattern to reasons-zh.js"


@pytest.mark.parametrize("sentence", ["a new thing 5%, at most 3% is allowed", "so far nobody has thought of this"])
def test_a_sentence_of_a_new_form_is_found(sentence):
    assert untranslated([sentence]) == [sentence]


def test_every_other_sentence_of_the_ledger_of_alerts_and_of_refusals_has_one():
    found = [sentence for module in MODULES for sentence in templates(module, *RAISED)]
    assert len(found) > 10
    assert untranslated([*found, *MORE]) == []


@pytest.mark.parametrize("table", ["SENTENCES", "FRAGMENTS"])
def test_a_translation_is_chinese_and_uses_only_placeholders_of_its_pattern(table):
    for english, chinese in pairs(table):
        assert CHINESE.search(chinese), english
        known = set(re.findall(r"\{(\w+)\}", english)) or set()
        known |= {str(number) for number in range(1, 1 + english.count("{n}"))}
        assert set(re.findall(r"\{(\w+)\}", chinese)) <= known, english


def test_names_of_capabilities_groups_and_slices_are_translated():
    known = names()
    capabilities = {"plain", "declared", "negation", "agreement", OFF_TOPIC, *CHANGES}
    groups = {group for language in ("en", "zh") for swap in swaps(language) for group in swap.groups}
    assert {name for name in capabilities | groups if name not in known and not CHINESE.search(name)} == set()
    starts = [english.split(" ")[0] for english, _ in pairs("FRAGMENTS")]
    assert set(PREDICATES) - set(starts) == set()
    assert all(CHINESE.search(chinese) for chinese in known.values())

"""Old field names of a catalog still work, and one line names the new ones."""

import hashlib
import logging

import pytest

from pipelines.catalog.built_in import BUILT_IN
from pipelines.catalog.catalog_file import BrokenCatalog, declared_in
from pipelines.catalog.gate import Gate
from pipelines.catalog.renamed_fields import log_renames
from pipelines.promotion.decision import gate_digest

PINNED = "a37a0f9cc46fbd17494c842e625c6752426ca824e99df4f1ccbc9ff1a136f95d"  # of `intent`, as commit 5f045c1 has it
OLD = """
[[model]]
name = "topics"
labels = ["a", "b"]
base = "minilm"
traffic = 0.1
source = {uri = "topics.csv", outside = "others.csv"}
gate = {macro_f1 = 0.5, accuracy = 0.4, margin = 0.02, lead = 0.1, claim = "better", recall = 0.0}
retraining = {hold = true}
recipe = {again_rate = 2e-4, adapter = {kind = "lora"}}
[[model.slices]]
by = "length"
value = "short"
least = 7
floor = 0.3
"""
NEW = (
    OLD.replace("base =", "base_model =").replace("traffic", "replay_share").replace("outside", "out_of_scope")
    .replace("{macro_f1", "{min_macro_f1").replace("accuracy", "min_accuracy").replace("lead", "min_gain_over_baseline")
    .replace('claim = "better"', 'hypothesis = "superior"').replace("recall", "min_recall")
    .replace("hold", "require_approval").replace("again_rate", "continued_rate").replace("least", "min_texts")
    .replace("floor", "min_accuracy")
)  # fmt: skip


@pytest.fixture(autouse=True)
def unsaid():
    log_renames.cache_clear()


def in_file(folder, text, name="catalog.toml"):
    file = folder / name
    file.write_text(text)
    (spec,) = declared_in(file)
    return spec


def test_old_names_mean_the_same_and_have_the_same_digest(tmp_path):
    old, new = in_file(tmp_path, OLD), in_file(tmp_path, NEW)
    assert old == new
    assert gate_digest(old) == gate_digest(new)
    assert (new.gate.hypothesis, new.slices[0].min_texts, new.retraining.require_approval) == ("superior", 7, True)
    assert new.recipe.continued_rate == 2e-4


def test_one_line_says_the_new_names_once(tmp_path, caplog):
    caplog.set_level(logging.WARNING)
    for _ in range(2):
        in_file(tmp_path, OLD)
    (line,) = caplog.messages
    assert line.startswith(f"{tmp_path}/catalog.toml: ")
    renamed = (
        *("ModelSpec.base is now base_model", "ModelSpec.traffic is now replay_share"),
        *("Source.outside is now out_of_scope", "Gate.lead is now min_gain_over_baseline"),
        *("Slice.least is now min_texts", "Retraining.hold is now require_approval"),
    )
    assert [one for one in renamed if one not in line] == []


def test_new_names_say_nothing(tmp_path, caplog):
    caplog.set_level(logging.WARNING)
    in_file(tmp_path, NEW)
    assert not caplog.messages


def test_a_python_catalog_may_have_old_names_too(tmp_path, caplog):
    caplog.set_level(logging.WARNING)
    code = """
from pipelines.catalog import Gate, ModelSpec, Source

MODELS = [
    ModelSpec(
        name="topics",
        labels=("a", "b"),
        source=Source(uri="topics.csv"),
        gate=Gate(macro_f1=0.5, accuracy=0.4, margin=0.02, lead=0.1),
    )
]
"""
    assert in_file(tmp_path, code, "catalog.py").gate == Gate(
        min_macro_f1=0.5, min_accuracy=0.4, margin=0.02, min_gain_over_baseline=0.1
    )
    (line,) = caplog.messages
    assert "Gate.lead is now min_gain_over_baseline" in line


def test_a_mistake_is_said_under_the_new_name(tmp_path):
    with pytest.raises(ValueError, match=r"gate\.min_gain_over_baseline"):
        in_file(tmp_path, OLD.replace("lead = 0.1", 'lead = "much"'))


def test_what_is_stored_keeps_the_old_names(tmp_path):
    gate = BUILT_IN[0].gate.model_dump(mode="json")
    assert {"macro_f1", "lead", "claim", "recall", "slower"} <= gate.keys()
    assert gate["claim"] == "no worse"
    assert BUILT_IN[0].gate.model_dump(by_alias=False)["hypothesis"] == "non-inferior"


def test_a_copy_takes_both_names_and_refuses_others():
    gate = BUILT_IN[0].gate
    assert gate.model_copy(update={"lead": 0.3}) == gate.model_copy(update={"min_gain_over_baseline": 0.3}) != gate
    with pytest.raises(ValueError, match="Gate has no field leed"):
        gate.model_copy(update={"leed": 0.3})


def test_old_values_are_translated_also_in_a_copy():
    gate = BUILT_IN[0].gate.model_copy(update={"claim": "better"})
    assert gate.hypothesis == "superior"
    assert gate.model_dump()["claim"] == "better"


def test_a_field_with_both_names_is_refused(tmp_path):
    with pytest.raises(BrokenCatalog, match="lead and min_gain_over_baseline are one field"):
        in_file(tmp_path, OLD.replace("lead = 0.1", "lead = 0.1, min_gain_over_baseline = 0.2"))


@pytest.mark.parametrize("kind", ['"nope"', "7"])
def test_an_unknown_kind_is_a_broken_catalog(tmp_path, kind):
    with pytest.raises(BrokenCatalog):
        in_file(tmp_path, OLD.replace("labels =", f"kind = {kind}\nlabels ="))


@pytest.mark.parametrize(
    "code",
    [
        "import pipelines.catalog as c\nGATE = c.Gate(macro_f1=0.5, accuracy=0.4, margin=0.02, lead=0.1)",
        "GATE = dict(macro_f1=0.5, accuracy=0.4, margin=0.02, lead=0.1)",
        "from pipelines.catalog.built_in import BUILT_IN\nGATE = BUILT_IN[0].gate.model_copy(update={'lead': 0.1})",
    ],
    ids=["through a module", "a dictionary", "a copy"],
)
def test_old_names_are_seen_however_python_gives_them(tmp_path, caplog, code):
    caplog.set_level(logging.WARNING)
    spec = "dict(name='topics', labels=('a', 'b'), source=dict(uri='x.csv'), gate=GATE)"
    assert in_file(tmp_path, f"{code}\nMODELS = [{spec}]\n", "catalog.py").gate.min_gain_over_baseline == 0.1
    assert "Gate.lead is now min_gain_over_baseline" in caplog.text


def test_digests_are_those_of_before():
    parts = [BUILT_IN[1].gate, *BUILT_IN[1].slices, BUILT_IN[1].recipe, BUILT_IN[1].retraining]
    document = "".join(part.model_dump_json() for part in parts)
    assert hashlib.sha256(document.encode()).hexdigest() == PINNED

"""The answers that a target allows: cells of one label and of several, and invalid cells."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from pipelines.catalog.recipe import Recipe
from pipelines.catalog.spec import ModelSpec
from pipelines.kinds.classification.target import Labels
from pipelines.kinds.known import UnknownKind, find_kind, target_of, target_of_card
from pipelines.kinds.multilabel.target import LabelSets
from pipelines.kinds.wire import NamedLabels, UnfitLabel

NEEDS = LabelSets(labels=("delay", "staff", "refund"))
COMMON = {"name": "needs", "source": {"uri": "a.csv"}, "gate": {"macro_f1": 0, "accuracy": 0, "margin": 0, "lead": 0}}


@pytest.mark.parametrize(
    ("written", "cell"),
    [
        ("delay", "delay"),
        ("staff;delay", "delay;staff"),
        (" refund ; delay;delay ", "delay;refund"),
        (";", ";"),
        ("", None),
        ("  ", None),
        (None, None),
        ("delay;queue", None),
        ("Delay; STAFF\u200b", "delay;staff"),
    ],
    ids=[
        "one",
        "any order",
        "spaces and twice",
        "none of them",
        "empty",
        "blank",
        "nothing",
        "unknown",
        "other spellings",
    ],
)
def test_a_cell_is_the_labels_in_their_order(written, cell):
    assert NEEDS.read(written) == cell


@given(st.sets(st.sampled_from(NEEDS.labels)))
def test_a_set_survives_its_cell(labels):
    cell = NEEDS.cell(labels)
    assert NEEDS.set_of(cell) == labels
    assert NEEDS.read(cell) == cell
    assert NEEDS.matrix([cell]).sum() == len(labels)


@pytest.mark.parametrize("separator", [";", "|", "--", "\u3001"])
@given(st.sets(st.text("a;|-x ,", min_size=1, max_size=5), min_size=1, max_size=4), st.sets(st.integers(0, 3)))
def test_what_is_accepted_is_found_again_in_its_cell(separator, names, places):
    try:
        target = LabelSets(labels=tuple(sorted(names)), separator=separator)
    except ValidationError:
        return
    labels = {label for place, label in enumerate(target.labels) if place in places}
    assert set(target.ordered_labels(target.cell(labels))) == labels
    assert target.read(target.cell(labels).strip()) == target.cell(labels)


def test_the_labels_of_a_cell_are_those_declared():
    assert NEEDS.labels_in("delay;refund") == ["delay", "refund"]
    assert NEEDS.labels_in(";") == NEEDS.labels_in(None) == Labels(labels=("a", "b")).labels_in("c") == []


@pytest.mark.parametrize(
    ("row", "cell"),
    [
        ({"delay": "x", "staff": "", "refund": None}, "delay"),
        ({"delay": 1, "staff": "0.0", "refund": float("nan")}, "delay"),
        ({"delay": "no", "staff": "", "refund": ""}, ";"),
        ({"delay": "", "staff": None, "refund": float("nan")}, None),
        ({"delay": "yes", "staff": "perhaps", "refund": ""}, None),
    ],
    ids=["blank is no beside a yes", "numbers", "blank is no beside a no", "all blank", "neither"],
)
def test_columns_that_are_all_blank_say_nothing(row, cell):
    assert NEEDS.cell_of_row(row) == cell


def test_the_parts_of_a_cell_are_its_labels():
    assert NEEDS.parts("delay;refund") == ["delay", "refund"]
    assert NEEDS.parts(";") == [";"]
    assert Labels(labels=("a", "b")).parts("a") == ("a",)


@pytest.mark.parametrize(
    ("labels", "separator"),
    [(("a;b", "c"), ";"), ((" a", "b"), ";"), (("a", "a"), ";"), ((), ";"), (("a;", "b"), ";;"), (("a",), " | ")],
    ids=["separator", "space", "twice", "no", "half a separator", "space around it"],
)
def test_labels_that_a_cell_cannot_hold_are_refused(labels, separator):
    with pytest.raises(ValidationError):
        LabelSets(labels=labels, separator=separator)


@pytest.mark.parametrize("target", [NEEDS, Labels(labels=("a", "b"))], ids=["several", "one"])
def test_a_target_comes_back_from_a_card_and_from_a_registry(target):
    assert target_of_card({"kind": target.kind, "model": "needs", **target.card()}) == target
    assert target_of(target.identity) == target


def test_the_identity_of_one_label_is_the_list_that_registries_have():
    assert Labels(labels=("a", "b")).identity == ("a", "b")
    assert target_of(["a", "b"]) == Labels(labels=("a", "b"))


def test_one_label_and_several_of_the_same_names_do_not_answer_alike():
    assert Labels(labels=("a", "b")).is_compatible_with(Labels(labels=("b", "a")))
    assert not Labels(labels=("a", "b")).is_compatible_with(LabelSets(labels=("a", "b")))
    assert not LabelSets(labels=("a", "b")).is_compatible_with(LabelSets(labels=("a", "b"), separator="|"))


@pytest.mark.parametrize(
    "written",
    [
        {"labels": ("a", "b")},
        {"kind": "classification", "labels": ("a", "b")},
        {"target": {"kind": "classification", "labels": ("a", "b")}},
    ],
    ids=["labels alone", "kind and labels", "target"],
)
def test_a_declaration_of_before_still_says_the_same(written):
    spec = ModelSpec.model_validate({**COMMON, **written})
    assert spec.target == Labels(labels=("a", "b"))
    assert ModelSpec.model_validate(spec.model_dump(mode="json")) == spec


def test_a_kind_is_declared_beside_the_name():
    spec = ModelSpec.model_validate(
        {**COMMON, "kind": "multilabel", "labels": ["a", "b"], "target": {"separator": "|"}}
    )
    assert spec.target == LabelSets(labels=("a", "b"), separator="|")
    assert spec.kind == "multilabel"


def test_an_unknown_kind_is_named_with_those_there_are():
    with pytest.raises(UnknownKind, match="'seq2seq'; choose from classification, multilabel"):
        find_kind("seq2seq")
    with pytest.raises(ValidationError, match="there is no kind 'seq2seq'"):
        ModelSpec.model_validate({**COMMON, "kind": "seq2seq", "labels": ["a", "b"]})


@pytest.mark.parametrize("recipe", [{"contrast": 1}, {"balanced": True}], ids=["contrast", "balanced"])
def test_a_recipe_for_one_label_is_refused_for_several(recipe):
    with pytest.raises(ValidationError, match="does not fit multilabel"):
        ModelSpec.model_validate({**COMMON, "target": NEEDS, "recipe": Recipe(**recipe)})


def test_one_label_and_several_may_not_contradict_each_other_and_a_refusal_repeats_nothing():
    wire = find_kind("multilabel").wire
    assert wire.to_cell(NamedLabels("delay", ["delay"]), NEEDS) == "delay"
    with pytest.raises(UnfitLabel, match="send one of them"):
        wire.to_cell(NamedLabels("delay", []), NEEDS)
    with pytest.raises(UnfitLabel, match="choose from delay, staff, refund") as refused:
        wire.to_cell(NamedLabels(None, ["delay", "jane.roe@example.com"]), NEEDS)
    assert "jane.roe" not in str(refused.value)

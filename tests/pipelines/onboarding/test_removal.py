"""A declaration is removed or renamed in the catalog; every other byte stays, and so do ledger and feedback."""

import tomllib

import pytest

from pipelines.catalog.catalog_file import declared_in
from pipelines.catalog.names import InvalidName
from pipelines.kinds.declaring import NotDeclarable
from pipelines.onboarding.removal import Stored, remove, rename, stored, without_model
from pipelines.store.feedback_rows import Feedback
from pipelines.store.predictions import Prediction
from tests.pipelines.ledger.made import event

GATE = "min_macro_f1 = 0.5\nmin_accuracy = 0.5\nmargin = 0.02\nmin_gain_over_baseline = 0\n"
HEAD = "# my catalog: [[model]] tables\n\n# about a\n"


def block(name, more=""):
    source = f'[model.source]\nuri = "{name}.csv"  # its file\n'
    return f'[[model]]\nname = "{name}"  # the name\nlabels = ["x", "y"]\n{source}{more}[model.gate]\n{GATE}'


A, B, C = block("a"), block("b", '[[model.slices]]\nby = "channel"\nvalue = "[[model]] #"\n'), block("c")
ABOUT_B, ABOUT_C, END = "# tail of a\n\n# about b\n", "\n\n# about c\n", "# the end\n"


@pytest.fixture
def workspace(settings):
    settings.catalog_file.write_text(HEAD + A + ABOUT_B + B + ABOUT_C + C + END, encoding="utf-8", newline="")
    settings.catalog_file.chmod(0o640)
    return settings.workspace


@pytest.mark.parametrize(
    ("model", "rest"),
    [
        ("a", HEAD + ABOUT_B + B + ABOUT_C + C + END),
        ("b", HEAD + A + ABOUT_B + ABOUT_C + C + END),
        ("c", HEAD + A + ABOUT_B + B + ABOUT_C + END),
    ],
)
def test_every_other_byte_and_every_comment_stays(workspace, model, rest):
    done = remove(model, workspace)
    assert workspace.catalog_file.read_text(encoding="utf-8") == rest
    assert (done.paused, done.built_in, done.stored) == (None, False, Stored(0, 0, 0))
    assert workspace.catalog_file.stat().st_mode & 0o777 == 0o640
    assert {spec.name for spec in declared_in(workspace.catalog_file)} == {"a", "b", "c"} - {model}


def test_windows_line_ends_stay_and_the_last_model_can_be_removed(workspace):
    content = (A + ABOUT_B + B).replace("\n", "\r\n")
    workspace.catalog_file.write_text(content, encoding="utf-8", newline="")
    remove("a", workspace)
    assert workspace.catalog_file.read_bytes().decode() == (ABOUT_B + B).replace("\n", "\r\n")
    remove("b", workspace)
    assert declared_in(workspace.catalog_file) == ()


def test_a_header_within_a_text_is_not_cut(tmp_path):
    text = f'[[model]]\nname = "a"\nnote = """\n[[model]]\nname = "b"\n"""\n{B}'
    with pytest.raises(NotDeclarable, match="cannot be cut out: remove it by hand"):
        without_model(text, "a", tmp_path)
    with pytest.raises(NotDeclarable, match="remove it by hand"):
        without_model('model = [{name = "a"}, {name = "b"}]', "a", tmp_path)


def test_the_champion_is_paused_and_its_rollout_withdrawn(workspace):
    for made in (event("promote", "b", 3), event("refuse", "b", 4), event("shadow", "b", 4, champion=3)):
        workspace.ledger.append(made)
    done = remove("b", workspace)
    assert (done.paused, done.stored.versions) == (3, 2)
    withdrawn, paused = workspace.ledger.entries()[-2:]
    assert (withdrawn.event.tag, paused.event.tag, paused.version, paused.event.answer) == ("withdraw", "pause", 3, "")
    assert paused.reasons == ("its declaration was removed from the catalog",)


@pytest.mark.parametrize(("answer", "pauses"), [("", 1), ("x", 2)])
def test_a_pause_with_a_fixed_answer_becomes_one_without(workspace, answer, pauses):
    workspace.ledger.append(event("promote", "b", 3))
    workspace.ledger.append(event("pause", "b", 3, answer=answer))
    remove("b", workspace)
    tags = [entry.event.tag for entry in workspace.ledger.entries()]
    assert tags.count("pause") == pauses
    assert workspace.ledger.entries()[-1].event.answer == ""


def test_a_built_in_model_stays_unless_the_catalog_replaces_it(workspace):
    with pytest.raises(NotDeclarable, match="is built in and stays; to let it answer nothing, run: needloop pause"):
        remove("sentiment", workspace)
    workspace.ledger.append(event("promote", "sentiment", 1))
    with workspace.catalog_file.open("a", encoding="utf-8") as file:
        file.write(block("sentiment"))
    done = remove("sentiment", workspace)
    assert (done.built_in, done.paused) == (True, None)
    assert len(workspace.ledger.entries()) == 1


def test_a_model_that_is_not_declared_is_named_with_those_that_are(workspace):
    with pytest.raises(NotDeclarable, match=r"'d' is not declared in .*; declared there: a, b, c"):
        remove("d", workspace)
    workspace.catalog_file.unlink()
    with pytest.raises(NotDeclarable, match="declared there: none"):
        remove("a", workspace)


def test_only_the_name_changes_in_a_renaming(workspace):
    before = workspace.catalog_file.read_text(encoding="utf-8")
    assert rename("b", "wishes", workspace) == workspace.catalog_file
    assert workspace.catalog_file.read_text(encoding="utf-8") == before.replace('name = "b"', 'name = "wishes"')
    with workspace.catalog_file.open("rb") as file:
        assert [table["name"] for table in tomllib.load(file)["model"]] == ["a", "wishes", "c"]


@pytest.mark.parametrize(
    ("old", "new", "error", "sentence"),
    [
        ("b", "c", NotDeclarable, "'c' is already declared in"),
        ("b", "sentiment", NotDeclarable, "'sentiment' is a built-in model"),
        ("b", "My Wishes", InvalidName, "for example my-wishes"),
        ("d", "e", NotDeclarable, "'d' is not declared in"),
        ("sentiment", "e", NotDeclarable, "'sentiment' is built in"),
    ],
)
def test_a_renaming_that_cannot_be_is_told(workspace, old, new, error, sentence):
    before = workspace.catalog_file.read_bytes()
    with pytest.raises(error, match=sentence):
        rename(old, new, workspace)
    assert workspace.catalog_file.read_bytes() == before


def test_a_model_with_records_keeps_its_name(workspace):
    answer = Prediction("b", 1, "k", "a text", "x", 0.5, {"x": 0.5})
    workspace.store.record([answer])
    workspace.store.add(Feedback(answer.id, label="y"))
    workspace.ledger.append(event("promote", "b", 1))
    assert str(stored("b", workspace)) == "1 version, 1 answered text, 1 feedback row"
    with pytest.raises(
        NotDeclarable, match="'b' has 1 version, 1 answered text, 1 feedback row under its name"
    ) as told:
        rename("b", "wishes", workspace)
    assert "needloop add wishes --data FILE" in str(told.value)
    assert "needloop remove b" in str(told.value)

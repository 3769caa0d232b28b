import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from pipelines.catalog.built_in import BUILT_IN
from pipelines.catalog.catalog_file import BrokenCatalog, declared_in, load
from pipelines.catalog.spec import Source
from pipelines.ingestion.splits import split_source, unmasked_records
from pipelines.kinds.classification.declaring import target
from pipelines.kinds.declaring import HIGHEST_FLOOR, ONE_LABEL, LabelFormat, NotDeclarable
from pipelines.kinds.known import find_kind
from pipelines.onboarding.scaffold import declare, require_free, write
from pipelines.workspace.settings import Settings
from tests.conftest import SUBJECTS, small_rows


@pytest.fixture
def source(topics_csv):
    return Source(uri=str(topics_csv), text="utterance", label="intent")


@pytest.fixture
def sheet(tmp_path):
    """A CSV of `text,label` rows, as a source."""

    def write_sheet(rows, header="text,label"):
        file = tmp_path / "sheet.csv"
        file.write_text("\n".join([header, *(f"{text},{label}" for text, label in rows)]) + "\n", encoding="utf-8")
        return Source(uri=str(file))

    return write_sheet


def named(name):
    return BUILT_IN[0].model_copy(update={"name": name})


def test_a_strangers_file_becomes_a_declaration(source, settings):
    spec = declare("topics", source, "en", settings.workspace, share=1.0).spec
    assert spec.target.names == tuple(sorted(SUBJECTS))
    assert 0 < spec.gate.min_accuracy < spec.gate.min_macro_f1
    assert 0 < spec.min_label_share < 1 / 3


def test_an_easy_file_does_not_ask_for_a_perfect_model(source, settings):
    assert declare("topics", source, "en", settings.workspace, share=1.0).spec.gate.min_macro_f1 == HIGHEST_FLOOR < 1


@pytest.mark.parametrize(("share", "asked"), [(1.0, 0.8), (0.75, 0.65), (0.05, 0.0)])
def test_no_more_of_a_language_is_asked_for_than_was_measured(source, settings, share, asked):
    assert declare("topics", source, "en", settings.workspace, share).spec.min_language_share == asked


@pytest.mark.parametrize("name", [spec.name for spec in BUILT_IN])
def test_a_built_in_model_is_not_replaced(settings, name):
    with pytest.raises(NotDeclarable, match=f"{name!r} is a built-in model"):
        require_free(name, settings.catalog_file)


def test_the_header_of_a_file_without_one_is_masked(sheet):
    headless = sheet([("second", "pos")], header="my mail is jane.doe@corp.com call +1 212 555 0199,neg")
    with pytest.raises(NotDeclarable, match="<EMAIL>") as caught:
        target(headless, ONE_LABEL)
    assert "jane" not in str(caught.value)
    assert "0199" not in str(caught.value)


@pytest.mark.parametrize("private", ["jane.doe@corp.com", "jane" * 60], ids=["an address", "a whole message"])
def test_labels_that_are_personal_data_are_refused_and_not_repeated(sheet, settings, private):
    rows = [(text, private if label == "delay" else label) for text, label in small_rows()]
    with pytest.raises(NotDeclarable, match="the column 'label' holds personal data") as caught:
        declare("mine", sheet(rows), "en", settings.workspace, share=1.0)
    assert "jane" not in str(caught.value)
    assert not (settings.home / "snapshots").exists()


def test_a_label_that_only_the_held_out_rows_have_is_left_out_by_name(source, sheet, settings):
    topics = declare("topics", source, "en", settings.workspace, share=1.0).spec
    held_out = unmasked_records(split_source(topics, with_originals=True).test)[0].text
    rows = [(text, "rare" if text == held_out else label) for text, label in small_rows()]

    model = declare("mine", sheet(rows), "en", settings.workspace, share=1.0)

    assert model.spec.target.names == topics.target.names
    assert any("'rare' (1 row): left out" in note for note in model.notes)
    assert model.rows.left_out["unknown label"] == 1
    assert held_out not in {row.text for row in unmasked_records(split_source(model.spec, with_originals=True).train)}


@pytest.mark.parametrize(
    ("header", "row", "written", "labels"),
    [
        ("text,a;b,c", "1,0", LabelFormat(columns=("a;b", "c")), ("a;b", "c")),
        ("text,label", "x|y", LabelFormat(separator="|"), ("x", "y")),
    ],
    ids=["a column with a semicolon", "a bar"],
)
def test_several_labels_are_declared_as_they_are_written(sheet, header, row, written, labels):
    source = sheet([(f"message {number}", row) for number in range(3)], header)
    source = source.model_copy(update={"label": None if written.columns else "label"})
    target = find_kind("multilabel").declaring.target(source, written).target
    assert target.labels == labels
    assert target.read(target.cell(set(labels))) == target.cell(set(labels))


@pytest.mark.parametrize(
    ("labels", "separator", "said"),
    [
        ("b;;a;", ";;", "a part of it at its ends"),
        ("x | y", " | ", "give '|'"),
        ("x y", " ", "space is ignored"),
        ("x;y", "|", "holds '|' in no cell; cells hold ';'"),
        ("x", ";", "leave --separator out"),
    ],
    ids=["half of it", "space around it", "space alone", "another", "none"],
)
def test_a_separator_that_cannot_be_read_back_is_refused_in_words(sheet, labels, separator, said):
    source = sheet([(f"message {number}", labels) for number in range(3)])
    with pytest.raises(NotDeclarable, match=re.escape(said)):
        find_kind("multilabel").declaring.target(source, LabelFormat(separator=separator))


def test_a_written_declaration_is_read_back(settings):
    write(named("mine"), settings.catalog_file)
    assert load(settings.catalog_file)["mine"] == named("mine")


def test_what_the_user_wrote_stays_as_it_is(settings):
    write(named("first"), settings.catalog_file)
    mine = b"# do not touch: ask Ana\r\n" + settings.catalog_file.read_bytes().rstrip() + b"  # why"
    settings.catalog_file.write_bytes(mine)
    write(named("second"), settings.catalog_file)
    assert settings.catalog_file.read_bytes().startswith(mine)
    assert [spec.name for spec in declared_in(settings.catalog_file)] == ["first", "second"]


def test_declarations_made_at_once_are_all_kept(settings):
    names = {f"model-{number}" for number in range(12)}
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda name: write(named(name), settings.catalog_file), names))
    assert {spec.name for spec in declared_in(settings.catalog_file)} == names


def test_a_name_is_declared_once(settings):
    write(named("mine"), settings.catalog_file)
    with pytest.raises(NotDeclarable, match="'mine' is already declared"):
        write(named("mine"), settings.catalog_file)


def test_a_catalog_that_cannot_be_appended_to_is_left_alone(settings):
    settings.catalog_file.write_text("model = []\n")
    with pytest.raises(NotDeclarable, match=r"write its models as \[\[model\]\]"):
        write(named("mine"), settings.catalog_file)
    assert settings.catalog_file.read_text() == "model = []\n"
    assert not settings.catalog_file.with_suffix(".tmp").exists()


@pytest.mark.parametrize(
    "program", ["import nothing_of_that_name", "MODELS = [undefined]", "MODELS = [3]", "MODELS = (", "1 / 0", ""]
)
def test_a_python_catalog_that_fails_names_its_file(tmp_path, monkeypatch, program):
    file = tmp_path / "mine.py"
    file.write_text(program)
    monkeypatch.setenv("NEEDLOOP_CATALOG", str(file))
    with pytest.raises(BrokenCatalog, match=r"mine\.py is no catalog"):
        load(Settings(_env_file=None).catalog_file)

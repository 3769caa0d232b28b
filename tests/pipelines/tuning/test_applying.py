import pytest

from pipelines.catalog.built_in import BUILT_IN
from pipelines.catalog.catalog_file import load
from pipelines.catalog.recipe import Pruning
from pipelines.catalog.spec import ModelSpec
from pipelines.kinds.declaring import NotDeclarable
from pipelines.onboarding.scaffold import write
from pipelines.tuning.applying import apply


def changed(spec):
    recipe = spec.recipe.model_copy(update={"rate": 3.1e-4, "epochs": 4, "pruning": Pruning(layers=2)})
    return spec.model_copy(update={"recipe": recipe})


@pytest.mark.parametrize("spec", BUILT_IN, ids=lambda spec: spec.name)
def test_a_built_in_model_is_replaced_by_name_and_keeps_its_other_fields(spec: ModelSpec, settings):
    apply(changed(spec), settings.catalog_file)
    catalog = load(settings.catalog_file)
    assert catalog[spec.name] == changed(spec)
    assert [catalog[other.name] for other in BUILT_IN if other is not spec] == [one for one in BUILT_IN if one != spec]


def test_only_the_named_declaration_of_a_users_file_changes(topics, settings):
    file = settings.catalog_file
    for name in ("first", "topics", "last"):
        write(topics.model_copy(update={"name": name}), file)
    text = file.read_text().replace("[[model]]", "# mine\n[[model]]").replace("batch = 16", "batch = 16  # why not")
    file.write_text(text.replace('name = "topics"', '# tuned by hand\nname = "topics"'))
    before = file.read_text().split("# mine\n")
    apply(changed(topics), file)
    after = file.read_text().split("# mine\n")
    assert load(settings.catalog_file)["topics"] == changed(topics)
    assert [after[0], after[1], after[3]] == [before[0], before[1], before[3]]
    assert after[2].startswith("# tuned by hand\n")
    apply(changed(topics), file)
    assert file.read_text().split("# mine\n") == after


def test_a_file_that_cannot_be_changed_safely_is_left_alone(topics, settings):
    file = settings.catalog_file
    inline = """model = [{name = "topics", labels = ["a", "b"], source = {uri = "x.csv"},
        gate = {macro_f1 = 0, accuracy = 0, margin = 0, lead = 0}}]\n"""
    file.write_text(inline.replace(",\n       ", ","))
    before = file.read_text()
    with pytest.raises(NotDeclarable, match="by hand"):
        apply(changed(topics), file)
    assert file.read_text() == before
    assert not file.with_suffix(".tmp").exists()


def test_a_python_catalog_is_changed_by_hand(topics, tmp_path):
    with pytest.raises(NotDeclarable, match="by hand"):
        apply(topics, tmp_path / "catalog.py")

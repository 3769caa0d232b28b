"""A catalog that cannot be read: one sentence with the model and the field, in our words, without its values."""

import pytest

from pipelines.catalog.catalog_file import BrokenCatalog, declared_in

PYDANTIC = (
    "validation error",
    "Input should",
    "Field required",
    "Extra inputs",
    "Value error",
    "pydantic",
    "input_value",
)
GATE = "min_macro_f1 = 0.5, min_accuracy = 0.5, margin = 0.02, min_gain_over_baseline = 0"
GOOD = f'labels = ["a", "b"]\nsource = {{uri = "x.csv"}}\ngate = {{{GATE}}}\n'


def sentence(tmp_path, content, name="catalog.toml"):
    file = tmp_path / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(BrokenCatalog) as failed:
        declared_in(file)
    told = str(failed.value)
    assert told.startswith(f"{file} is no catalog: ")
    assert not [words for words in PYDANTIC if words in told]
    assert "xyzzy-42" not in told
    assert "\n" not in told
    return told.removeprefix(f"{file} is no catalog: ")


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (f'name = "my_x"\n{GOOD}', "model 'my_x': a name has lowercase letters, digits and dashes; for example my-x"),
        (f'name = "x"\nlanguag = "xyzzy-42"\n{GOOD}', "model 'x': languag is unknown here"),
        (f'name = "x"\nrecipe = {{epochs = "xyzzy-42"}}\n{GOOD}', "model 'x': recipe.epochs must be a whole number"),
        ('name = "x"\nlabels = ["a", "b"]\n', "model 'x': source is missing; gate is missing"),
        ('name = "x"\n', "model 'x': target.labels is missing"),
        (f"name = 3\n{GOOD}", "model 1: name must be a text"),
        (GOOD, "model 1: name is missing"),
    ],
)
def test_a_wrong_declaration_is_named_with_its_fields(tmp_path, table, words):
    assert words in sentence(tmp_path, f"[[model]]\n{table}")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("model = 3\n", "write each model as a table of its own, [[model]]"),
        ('[model]\nname = "x"\n', "write each model as a table of its own, [[model]]"),
        ("model = [3]\n", "write each model as a table of its own, [[model]]"),
        ("[recipe]\nepochs = 3\n", "[recipe] belongs to no model; below [[model]] write [model.recipe.adapter]"),
        ("[[model\n", "line 1"),
        (b"[[model]]\nname = 'caf\xe9'\n", "it is not UTF-8: save it as UTF-8"),
    ],
)
def test_a_file_of_another_form_is_told_what_to_write(tmp_path, content, words):
    assert words in sentence(tmp_path, content)


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("MODELS = [{'name': 'my_x'}]", "model 'my_x': a name has lowercase letters, digits and dashes"),
        ("MODELS = [{'name': 'x', 'labels': ['a', 'b']}]", "model 'x': source is missing; gate is missing"),
        ("MODELS = ['xyzzy-42']", "model 1: must be an object with named fields"),
        (
            "from pipelines.catalog.spec import ModelSpec\nMODELS = [ModelSpec(name='x', labels=['a', 'b'])]",
            "source is missing; gate is missing",
        ),
        ("MODELS = 3", "TypeError: 'int' object is not iterable"),
        ("", "AttributeError: module"),
    ],
)
def test_a_program_of_another_form_is_told_likewise(tmp_path, program, words):
    assert words in sentence(tmp_path, program, "catalog.py")

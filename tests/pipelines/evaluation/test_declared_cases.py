from collections import Counter

import pytest

from pipelines.catalog.built_in import BUILT_IN
from pipelines.evaluation.behaviour.declared import BrokenCases, load_declared_cases
from pipelines.masking.mask import mask
from tests.pipelines.evaluation.voting import declared as model


def test_texts_are_masked_as_the_service_masks_them(tmp_path):
    file = tmp_path / "cases.csv"
    file.write_text("label,text\ndelay,@united late &amp; lost, write to jane@mail.com\n", encoding="utf-8")
    with pytest.raises(BrokenCases, match="row 2 has other columns"):
        load_declared_cases(model(cases=str(file)))
    file.write_text('label,text\ndelay,"@united late &amp; lost, write to jane@mail.com"\n', encoding="utf-8")
    assert load_declared_cases(model(cases=str(file))) == [("@united late & lost, write to <EMAIL>", "delay")]


def test_no_declared_file_is_no_case():
    assert load_declared_cases(model()) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read"),
        (b"text,label\n\xff,delay\n", "cannot be read"),
        (b'text,label\n"late,delay\n', "cannot be read"),
        (b"text,tag\nlate,delay\n", "needs the columns text and label"),
        (b"text,label\nlate\n", "row 2"),
        (b"text,label\nlate,lateness\n", "'lateness' of 'subjects'; choose from"),
        (b"text,label\n", "holds no case"),
    ],
    ids=["missing", "not UTF-8", "open quote", "other columns", "short row", "undeclared label", "empty"],
)
def test_a_broken_file_is_named_with_what_is_wrong(tmp_path, content, said):
    file = tmp_path / "cases.csv"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(BrokenCases, match=said) as error:
        load_declared_cases(model(cases=str(file)))
    assert str(file) in str(error.value)


@pytest.mark.parametrize(("name", "each"), [("sentiment", 12), ("intent", 2)])
def test_the_built_in_models_have_cases_for_every_label(name, each):
    spec = next(one for one in BUILT_IN if one.name == name)
    cases = load_declared_cases(spec)
    assert Counter(label for _, label in cases) == dict.fromkeys(spec.target.names, each)
    assert len({text.casefold() for text, _ in cases}) == len(cases)
    assert all(mask(text, spec.source.masking) == text and "<" not in text for text, _ in cases)

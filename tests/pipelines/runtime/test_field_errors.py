"""Errors of validated fields in our words: none of pydantic's, and no value."""

import re
from typing import Annotated, Literal, get_args

import pytest
from pydantic import BaseModel, Field, ValidationError, field_validator
from pydantic_core import core_schema

from pipelines.runtime.field_errors import WORDS, field_sentences, field_words

SECRET = "xyzzy-42"
PYDANTIC = re.compile(r"Input|should|String|List|Field required|Extra inputs|Value error|pydantic|instance of")


class Part(BaseModel, extra="forbid"):
    size: int = Field(1, ge=1, lt=9)


class Declared(BaseModel, extra="forbid"):
    name: str = Field("a", min_length=1, max_length=5)
    share: float = Field(0.5, ge=0, allow_inf_nan=False)
    on: bool = True
    kind: Literal["one", "two"] = "one"
    rows: Annotated[list[str], Field(min_length=1, max_length=2)] = ["a"]
    part: Part = Part()
    either: list[str] | dict[str, str] = []

    @field_validator("on")
    @classmethod
    def _must_be_on(cls, value):
        if not value:
            raise ValueError("on may not be off")
        return value


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ({"name": ""}, "name is empty"),
        ({"name": SECRET}, "name has too many characters: 5 at most"),
        ({"name": 7}, "name must be a text"),
        (
            {"name": "\ud800"},
            "name is not valid Unicode: it holds bytes that are not UTF-8, or half of a surrogate pair",
        ),
        ({"share": SECRET}, "share must be a number"),
        ({"share": -1}, "share must be 0 or more"),
        ({"share": "inf"}, "share must be a finite number"),
        ({"on": SECRET}, "on must be true or false"),
        ({"on": False}, "on: on may not be off"),
        ({"kind": SECRET}, "kind must be 'one' or 'two'"),
        ({"rows": []}, "rows is empty"),
        ({"rows": ["a"] * 3}, "rows has too many entries: 2 at most"),
        ({"rows": SECRET}, "rows must be a list"),
        ({"rows": ["a", 1]}, "rows.1 must be a text"),
        ({"part": SECRET}, "part must be an object with named fields"),
        ({"part": {"size": 9}}, "part.size must be under 9"),
        ({"part": {"size": 1.5}}, "part.size must be a whole number"),
        ({"part": {"length": 1}}, "part.length is unknown here"),
        ({"either": SECRET}, "either must be a list or must be an object with named fields"),
        ({"name": "", "share": "x"}, "name is empty; share must be a number"),
    ],
    ids=str,
)
def test_each_error_is_a_sentence(written, sentence):
    with pytest.raises(ValidationError) as failed:
        Declared.model_validate(written)
    told = field_sentences(failed.value.errors())
    assert told == sentence
    assert SECRET not in told


def test_an_error_without_words_is_still_none_of_pydantics():
    for kind in get_args(core_schema.ErrorType):
        if kind not in WORDS:
            assert field_words({"type": kind, "loc": (), "msg": "Input should be", "ctx": {}}) == "is not valid"
    assert not any(PYDANTIC.search(words) for words in WORDS.values())

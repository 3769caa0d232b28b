from itertools import islice

import pytest

from pipelines.ingestion.airline import airline_rows
from pipelines.ingestion.language import language


def test_messages_to_airlines_read_as_english():
    read = [language(row["text"]) for _, row in islice(airline_rows(), 0, None, 20)]
    told = [code for code in read if code is not None]
    assert told.count("en") / len(told) > 0.95
    assert len(told) / len(read) > 0.9


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Mein Flug hat zwei Stunden Verspätung und niemand hilft mir.", "de"),
        ("Où est ma valise ? Cela fait trois jours que j'attends.", "fr"),
        ("我的航班延误了，没有人告诉我们为什么。", "zh"),
        ("my flight is late again and nobody is helping us", "en"),
        ("LOL", None),
        ("12345 !!!", None),
        ("", None),
    ],
)
def test_a_language_is_told_only_where_it_is_certain(text, code):
    assert language(text) == code

"""A count of 1 takes the singular; markup in a file's own name or text is shown as text."""

import pytest

from pipelines.runtime.wording import counted_noun, printable


@pytest.mark.parametrize(("count", "said"), [(0, "0 entries"), (1, "1 entry"), (2, "2 entries")])
def test_one_is_not_many(count, said):
    assert counted_noun(count, "entry", "entries") == said
    assert counted_noun(1, "row") + counted_noun(2, "row") == "1 row2 rows"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/srv/客服 é", "/srv/客服 é"),
        ("\x1b[2J", "\\x1b[2J"),
        ("a\nb\r\t", "a\\nb\\r\\t"),
        ("\u202eab\udc80", "\\u202eab\\udc80"),
    ],
)
def test_control_characters_are_shown_as_escapes(text, shown):
    assert printable(text) == shown

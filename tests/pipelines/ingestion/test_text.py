import pytest

from pipelines.ingestion.text import bucket, digest, normalise


@pytest.mark.parametrize(
    ("raw", "meant"),
    [
        ("  a\t b\r\nc ", "a b c"),
        ("fish &amp; chips", "fish & chips"),
        ("jo\u200bhn@x.com", "john@x.com"),
        ("\ufeffhello", "hello"),
        ("cafe\u0301", "caf\u00e9"),
        ("lost\ufffdbag", "lost bag"),
        ("\u6211\u7684\u3000\u884c\u674e", "\u6211\u7684 \u884c\u674e"),
    ],
)
def test_a_text_is_normalised_to_what_was_meant(raw, meant):
    assert normalise(raw) == meant
    assert normalise(meant) == meant


def test_case_does_not_make_another_text():
    assert digest("My Bag") == digest("my bag") != digest("my bags")


def test_buckets_are_spread_evenly():
    found = [bucket(digest(str(number))) for number in range(5000)]
    assert all(0 <= one < 1 for one in found)
    assert 0.18 < sum(one < 0.2 for one in found) / 5000 < 0.22


def test_marks_upon_marks_are_cut_before_they_take_the_square_of_their_number():
    said = normalise("s" + "\u0301\u0316" * 5_000 + "o" + "e\u0301" * 400)
    assert len(said) < 500
    assert said.startswith("s\u0316") or said.startswith("\u015b")
    assert said.endswith("\u00e9")


def test_isolates_of_directions_are_not_seen():
    assert normalise("\u2066\u2069") == ""
    assert normalise("a\u2067b\u2069c") == "abc"

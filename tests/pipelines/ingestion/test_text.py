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

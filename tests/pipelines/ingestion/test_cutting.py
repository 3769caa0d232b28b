"""Overlong messages are cut after their markup is removed, and no half of a personal detail remains."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.ingestion.cutting import MARGIN, cut_note, masked_message
from pipelines.masking.mask import mask

LIMIT = 2_000


def test_a_long_text_keeps_its_start_or_its_start_and_its_end():
    text = f"I want a refund. {'quoted history ' * 700}goodbye"
    head, cut = masked_message(text, mask, LIMIT)
    assert cut
    assert head.startswith("I want a refund. quoted")
    assert LIMIT - 20 < len(head) <= LIMIT
    both, _ = masked_message(text, mask, LIMIT, "head_tail")
    assert both.startswith("I want a refund. quoted")
    assert both.endswith("history goodbye")
    assert LIMIT - 40 < len(both) <= LIMIT


def test_a_text_that_fits_is_only_masked():
    assert masked_message("write to jane@shop.com", mask, LIMIT) == ("write to <EMAIL>", False)
    assert masked_message("x" * LIMIT, mask, LIMIT) == ("x" * LIMIT, False)


def test_markup_does_not_count():
    style = f"<style>{'p {color: red} ' * 500}</style>"
    assert masked_message(f"{style}<p>Where is my parcel?</p>", mask, LIMIT) == ("Where is my parcel?", False)


@pytest.mark.parametrize("truncation", ["head", "head_tail"])
@pytest.mark.parametrize("detail", ["jane.doe@shop.com", "+1 415 555 2671", "4111 1111 1111 1111"])
@pytest.mark.parametrize("filler", ["so ", "好"])
def test_no_part_of_a_personal_detail_remains_wherever_the_cut_lies(truncation, detail, filler):
    words = {word for word in detail.replace(".", " ").replace("@", " ").split() if len(word) > 2}
    for shift in range(0, 40):
        for place in (LIMIT // 4 - shift, LIMIT - shift, 3 * LIMIT - 3 * LIMIT // 4 - shift):
            before = (filler * LIMIT)[: place - 1]
            text = f"{before} {detail} {filler * 3 * LIMIT}"[: 3 * LIMIT]
            message, _ = masked_message(text, mask, LIMIT, truncation)
            assert not [word for word in words if word in message]
            assert "<" not in message.replace("<EMAIL>", "").replace("<PHONE>", "").replace("<CARD>", "")


@given(st.text("ab <>@.1", min_size=LIMIT + 1, max_size=LIMIT + 2 * MARGIN), st.sampled_from(["head", "head_tail"]))
def test_no_text_is_longer_than_the_limit(text, truncation):
    message, _ = masked_message(text, str, LIMIT, truncation)
    assert len(message) <= LIMIT


def test_people_read_how_many_texts_were_cut():
    assert cut_note(3, 10_000) == "3 texts are longer than 10,000 characters, markup excluded: the rest is cut off"
    assert cut_note(1, 500).startswith("1 text is longer than 500")

"""Cut of overlong messages, after their markup is removed and together with masking."""

from collections.abc import Callable
from typing import NamedTuple

from pipelines.masking.markup import strip_markup

# Longer than any address, number or secret: half of one, which no rule recognises, lies within so many characters.
MARGIN = 400
HEAD_SHARE = 0.25  # of a text whose end is read too, as for tokens


class MaskedMessage(NamedTuple):
    """The masked text of a message; `cut` if a part of it was left out."""

    text: str
    cut: bool


def masked_message(
    text: str, mask: Callable[[str], str], max_characters: int, truncation: str = "head"
) -> MaskedMessage:
    """A normalised text without markup, masked; of more than `max_characters` the start, or the start and the end.

    Masked before the cut, and with a margin that is thrown away: half an address is not recognised.
    """
    message = strip_markup(text)
    if len(message) <= max_characters:
        return MaskedMessage(mask(message), False)
    if truncation == "head":
        return MaskedMessage(_head(message, mask, max_characters), True)
    head = int(max_characters * HEAD_SHARE)
    parts = _head(message, mask, head), _tail(message, mask, max_characters - head - 1)
    return MaskedMessage(" ".join(parts), True)


def cut_note(texts: int, max_characters: int) -> str:
    """A sentence for people about the texts that were cut."""
    verb = "text is" if texts == 1 else "texts are"
    return f"{texts:,} {verb} longer than {max_characters:,} characters, markup excluded: the rest is cut off"


def _head(message: str, mask: Callable[[str], str], characters: int) -> str:
    masked = mask(message[: characters + MARGIN])
    kept = masked[: min(characters, len(masked) - MARGIN)]
    return kept[: _word_end(kept)].rstrip()


def _tail(message: str, mask: Callable[[str], str], characters: int) -> str:
    masked = mask(message[-(characters + MARGIN) :])
    kept = masked[max(len(masked) - characters, MARGIN) :]
    return kept[_word_start(kept) :].lstrip()


def _word_end(text: str) -> int:
    """The end of the last whole word, so that no placeholder is cut in two; all of a text without spaces nearby."""
    nearby = max(0, len(text) - MARGIN)
    place, opened = text.rfind(" ", nearby), text.rfind("<", nearby)
    return place if place >= 0 else opened if opened > text.rfind(">") else len(text)


def _word_start(text: str) -> int:
    place, opened, closed = (text.find(character, 0, MARGIN) for character in " <>")
    return place if place >= 0 else closed + 1 if closed >= 0 and not 0 <= opened < closed else 0

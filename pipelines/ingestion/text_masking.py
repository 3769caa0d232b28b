"""Texts of a source to what is stored of them: identity, masked text, and whether a part was cut off."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from pipelines.ingestion.cutting import masked_message
from pipelines.ingestion.text import digest, normalise
from pipelines.masking.mask import mask
from pipelines.masking.rules import MaskingRules


class MaskedTexts(NamedTuple):
    """Columns of a chunk of texts; `originals` are normalised and unmasked, and there only if asked for."""

    keys: list[str]
    texts: list[str]
    cut: list[bool]
    originals: list[str] | None


@dataclass(frozen=True)
class TextMasker:
    """Masks and cuts texts as one source declares it; it can be sent to another process."""

    rules: MaskingRules
    max_characters: int
    truncation: str
    with_originals: bool = False

    def __call__(self, raw: Sequence[str]) -> MaskedTexts:
        """The columns of these unmasked texts, in their order."""
        texts = [normalise(text) for text in raw]
        mask_text = partial(mask, rules=self.rules)
        messages = [masked_message(text, mask_text, self.max_characters, self.truncation) for text in texts]
        return MaskedTexts(
            [digest(text) for text in texts],
            [message.text for message in messages],
            [message.cut for message in messages],
            texts if self.with_originals else None,
        )

"""Masked examples of messages, each at most as long as declared."""

from dataclasses import dataclass
from functools import partial

from pipelines.catalog.spec import Source
from pipelines.ingestion.cutting import masked_message
from pipelines.ingestion.leakage_filter import SOURCE, Example
from pipelines.ingestion.reading import Messages
from pipelines.masking.identity import customer_hash
from pipelines.masking.mask import mask


@dataclass(frozen=True)
class MaskedExamples:
    """Examples, and the number of texts of which a part was cut off."""

    examples: list[Example]
    cut: int


def masked_examples(messages: Messages, source: Source, truncation: str = "head", key: bytes = b"") -> MaskedExamples:
    """Masked examples of messages; with a `key`, their customers as keyed hashes."""
    mask_text = partial(mask, rules=source.masking)
    masked = {
        digest: masked_message(record.text, mask_text, source.max_characters, truncation)
        for digest, record in messages.items()
    }
    made = [
        Example(
            digest,
            masked[digest].text,
            record.label if isinstance(record.label, str) else "",
            SOURCE,
            weight=record.weight,
            channel=mask(record.channel or ""),
            customer=customer_hash(record.customer, key) if record.customer and key else "",
        )
        for digest, record in messages.items()
    ]
    return MaskedExamples(made, sum(message.cut for message in masked.values()))

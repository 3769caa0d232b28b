"""The blocking step between data and learning: what was promised is checked, shown and remembered."""

import json
from dataclasses import asdict, dataclass

from expectations import docs, prior
from expectations.evidence import evidence, label_shares
from expectations.labelled_text import labelled_text
from pipelines import storage
from pipelines.catalog import ModelSpec
from pipelines.ingestion.corpus import Corpus
from pipelines.ingestion.snapshot import read
from pipelines.settings import Settings


class InvalidData(ValueError):
    """Data that a model must not learn from; the message names every failed expectation."""


@dataclass(frozen=True)
class Validation:
    """What a corpus was found to be: `failed` names each broken promise, `docs` is the URL of its page."""

    success: bool
    checks: int
    failed: tuple[str, ...]
    docs: str


def validate(corpus: Corpus, spec: ModelSpec, settings: Settings) -> Validation:
    """Judge train and test by the suite of their declaration; a good train's label shares are remembered."""
    train, test = read(corpus.train), read(corpus.test)
    suite = labelled_text(spec, prior.recall(spec, settings.home))
    proof = docs.publish(evidence(train, test, spec), suite, corpus.train.digest[:12], settings.home)
    if not proof.failed:
        prior.remember(label_shares(train), corpus.train.digest, spec, settings.home)
    found = Validation(not proof.failed, proof.checks, proof.failed, proof.page)
    kept = settings.validations / spec.name / f"{corpus.train.digest}.json"  # where a model card finds it again
    storage.write(json.dumps(asdict(found), ensure_ascii=False).encode(), str(kept))
    return found


def require(validation: Validation) -> Validation:
    """The validation itself, so that a step can go on with it; raises InvalidData where it failed."""
    if validation.success:
        return validation
    named = "\n".join(f"- {sentence}" for sentence in validation.failed)
    raise InvalidData(
        f"{len(validation.failed)} of {validation.checks} expectations failed:\n{named}\nSee {validation.docs}"
    )

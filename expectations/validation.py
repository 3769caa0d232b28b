"""The blocking step between data and learning: what was promised is checked, shown and remembered."""

import json
from dataclasses import asdict, dataclass
from urllib.parse import unquote, urlsplit

from expectations import prior
from pipelines.catalog.spec import ModelSpec
from pipelines.home.addresses import relative
from pipelines.home.workspace import Workspace
from pipelines.ingestion.corpus import Corpus
from pipelines.ingestion.snapshot import read
from pipelines.storage import blobs


class InvalidData(ValueError):
    """Data that a model must not learn from; the message names every failed expectation."""


@dataclass(frozen=True)
class Validation:
    """What a corpus was found to be: `failed` names each broken promise, `docs` is the URL of its page."""

    success: bool
    checks: int
    failed: tuple[str, ...]
    docs: str


def validate(corpus: Corpus, spec: ModelSpec, workspace: Workspace) -> Validation:
    """Judge train and test by the suite of their declaration, and keep what was found with the train's label shares."""
    # Great Expectations takes seconds to import: a run with nothing to check does not wait for it.
    from expectations import docs
    from expectations.evidence import evidence, label_shares
    from expectations.labelled_text import labelled_text

    train, test = read(corpus.train), read(corpus.test)
    before = prior.recall(spec, workspace.home)
    suite = labelled_text(spec, before)
    proof = docs.publish(evidence(train, test, spec, before), suite, corpus.train.digest[:12], workspace.home)
    found = Validation(not proof.failed, proof.checks, proof.failed, proof.page)
    known = prior.record(corpus.train.digest, spec, workspace.home)  # where a model card finds it again
    docs_path = relative(unquote(urlsplit(found.docs).path), workspace.home)
    fields = asdict(found) | {"docs": docs_path, "shares": label_shares(train, spec) if found.success else None}
    blobs.write(json.dumps(fields, ensure_ascii=False).encode(), str(known))
    return found


def require(validation: Validation) -> Validation:
    """The validation itself, so that a step can go on with it; raises InvalidData where it failed."""
    if validation.success:
        return validation
    named = "\n".join(f"- {sentence}" for sentence in validation.failed)
    raise InvalidData(
        f"{len(validation.failed)} of {validation.checks} expectations failed:\n{named}\nSee {validation.docs}"
    )

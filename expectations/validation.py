"""Validation of a corpus before training: check, publish and save the result."""

import json
from dataclasses import asdict, dataclass
from urllib.parse import unquote, urlsplit

from expectations import prior
from pipelines.catalog.spec import ModelSpec
from pipelines.home.addresses import relative_address
from pipelines.ingestion.corpus import Corpus
from pipelines.ingestion.snapshot import read
from pipelines.storage import blobs
from pipelines.workspace.workspace import Workspace


class InvalidData(ValueError):
    """A corpus fails its data checks; the message names every failed expectation."""


@dataclass(frozen=True)
class Validation:
    """The result of a corpus: `failed` has a sentence per failed expectation, `docs` is the URL of the page."""

    success: bool
    checks: int
    failed: tuple[str, ...]
    docs: str


def validate(corpus: Corpus, spec: ModelSpec, workspace: Workspace) -> Validation:
    """Check train and test with the suite of the declaration; save the result with the label shares of train."""
    # Great Expectations takes seconds to import, so a run with nothing to check does not import it.
    from expectations import docs
    from expectations.evidence import evidence, label_shares
    from expectations.labelled_text import labelled_text

    train, test = read(corpus.train), read(corpus.test)
    before = prior.read_shares(spec, workspace.home)
    suite = labelled_text(spec, before)
    published = docs.publish(evidence(train, test, spec, before), suite, corpus.train.digest[:12], workspace.home)
    result = Validation(not published.failed, published.checks, published.failed, published.page)
    file = prior.result_file(corpus.train.digest, spec, workspace.home)  # the model card reads this file
    docs_path = relative_address(unquote(urlsplit(result.docs).path), workspace.home)
    fields = asdict(result) | {"docs": docs_path, "shares": label_shares(train, spec) if result.success else None}
    blobs.write(json.dumps(fields, ensure_ascii=False).encode(), str(file))
    return result


def require(validation: Validation) -> Validation:
    """Return a successful validation; raises InvalidData if it failed."""
    if validation.success:
        return validation
    listing = "\n".join(f"- {sentence}" for sentence in validation.failed)
    raise InvalidData(
        f"{len(validation.failed)} of {validation.checks} expectations failed:\n{listing}\nSee {validation.docs}"
    )

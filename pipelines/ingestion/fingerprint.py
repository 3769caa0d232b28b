"""The digest of all inputs of a corpus: the cache key of an ingestion."""

import hashlib
import json

from pipelines.catalog.spec import ModelSpec
from pipelines.ingestion import sources
from pipelines.masking import mask

RULES = "2"  # version of the rules of reading, splitting and near duplicates


def fingerprint(spec: ModelSpec, feedback_digest: str = "") -> str:
    """Digest of the source's bytes or revision, its declaration, and the rules of reading and masking."""
    source = spec.source
    parts = {
        "name": spec.name,
        "source": source.model_dump(),
        "labels": spec.target.identity,
        "traffic": spec.replay_share,
        "alpha": spec.recipe.alpha,
        "content": [sources.identity(uri) for uri in (source.uri, source.test, source.labels) if uri],
        "feedback": feedback_digest,
        "rules": [RULES, mask.VERSION],
        **({"columns": spec.target.columns} if spec.target.columns else {}),
        **spec.recipe.model_dump(include={"truncation"}),  # it cuts overlong texts too; left out at its default
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

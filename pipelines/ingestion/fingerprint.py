"""What determines a corpus, in one digest: the key under which an orchestrator may keep the result of ingestion."""

import hashlib
import json

from pipelines.catalog.spec import ModelSpec
from pipelines.ingestion import sources
from pipelines.masking import mask

RULES = "1"  # of reading, splitting and near duplicates: a change of them makes another corpus


def fingerprint(spec: ModelSpec, feedback_digest: str = "") -> str:
    """Changes with the source's bytes or revision, its declaration, and the rules of reading and of masking."""
    source = spec.source
    parts = {
        "name": spec.name,
        "source": source.model_dump(),
        "labels": spec.target.identity,
        "traffic": spec.traffic,
        "alpha": spec.recipe.alpha,
        "content": [sources.identity(uri) for uri in (source.uri, source.test, source.labels) if uri],
        "feedback": feedback_digest,
        "rules": [RULES, mask.VERSION],
        **({"columns": spec.target.columns} if spec.target.columns else {}),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

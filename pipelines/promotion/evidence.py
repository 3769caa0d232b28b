"""What a decision was taken on, kept for ever: the scorecard, every answer it was counted from, the texts."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict

import pandas as pd
from pydantic import TypeAdapter

from pipelines import storage
from pipelines.evaluation.scorecard import Scorecard
from pipelines.ingestion import snapshot
from pipelines.ingestion.snapshot import Snapshot

Evidence = Mapping[str, str]


class SpoiltEvidence(ValueError):
    """Evidence that is gone, or no longer what was judged by."""


def kept(card: Scorecard, answers: pd.DataFrame, read: tuple[Snapshot, ...], folder: str) -> Evidence:
    """SHA-256 by address: the scorecard as JSON and the answers (key, label, one column a contestant), kept in `folder`
    under their digests, and the snapshots that were read."""
    told = snapshot.write(answers, folder)
    said = json.dumps(asdict(card), ensure_ascii=False, sort_keys=True).encode()
    file = storage.write(said, f"{folder}/{hashlib.sha256(said).hexdigest()}.json")
    return {uri: digest(uri) for uri in (file, told.uri, *(one.uri for one in read))}


def scorecard_in(evidence: Evidence) -> Scorecard:
    """The scorecard that a decision was taken on, as it was kept. Raises SpoiltEvidence."""
    for uri, known in evidence.items():
        if uri.endswith(".json"):
            if fault := _fault(uri, known):
                raise SpoiltEvidence(f"{uri} {fault}")
            return TypeAdapter(Scorecard).validate_json(storage.load(uri))
    raise SpoiltEvidence("the decision names no scorecard")


def digest(uri: str) -> str:
    """SHA-256 of what lies there. Raises FileNotFoundError."""
    return hashlib.sha256(storage.load(uri)).hexdigest()


def spoilt(evidence: Evidence) -> list[str]:
    """What is gone or no longer what was judged by, in sentences."""
    return [f"{uri} {fault}" for uri, known in evidence.items() if (fault := _fault(uri, known))]


def _fault(uri: str, known: str) -> str:
    try:
        return "" if digest(uri) == known else "was altered"
    except FileNotFoundError:
        return "is gone"

"""From an entry of the ledger to a model that answers: its package opened, tried and warm."""

from pathlib import Path

from pipelines.gate import Gate
from pipelines.inference.artefact import open_package
from pipelines.inference.packaged import Packaged
from pipelines.inference.recorded import recorded, require_agreement
from pipelines.ledger import Entry

FIRST = "a first text, so that no customer waits for what is made on first use"
UNDECLARED: float = Gate.model_fields["agreement"].default


def load(entry: Entry, cache: Path, most: float = UNDECLARED) -> Packaged:
    """The package that the entry names; raises BrokenPackage, and whatever a damaged one makes libraries raise.

    It must answer as was recorded, but for a share of `most`. Not held to that is what no gate has judged (a version
    that stands trial in a service of its own) and what a person let pass against the gate.
    """
    folder = open_package(entry.location, entry.digest, cache)
    # One thread for each call: requests run side by side, one on each core.
    packaged = Packaged.load(folder, threads=1)
    packaged.predict([FIRST])
    if entry.gate and not entry.override:
        known = recorded(folder)
        require_agreement(known, [answer.label for answer in packaged.predict([one.text for one in known])], most)
    return packaged

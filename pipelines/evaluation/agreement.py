"""Whether what is served answers as what was trained: a random head, a bad quantisation, another tokenizer show."""

import json
from dataclasses import dataclass
from pathlib import Path

from pipelines.evaluation.answers import Ask
from pipelines.inference.artefact import RECORDED


@dataclass(frozen=True)
class Agreement:
    """Of so many texts, how many the service answers otherwise than the trained network did in memory."""

    texts: int
    differ: int

    @property
    def share(self) -> float:
        """Of the answers, those that differ; not a number without texts."""
        return self.differ / self.texts if self.texts else float("nan")


def agreement(package: Path, ask: Ask) -> Agreement | None:
    """By the answers that the package came with; none where it came with none."""
    file = package / RECORDED
    if not file.exists():
        return None
    recorded = json.loads(file.read_text(encoding="utf-8"))
    answers = ask([one["text"] for one in recorded]).labels
    return Agreement(len(recorded), sum(a != one["label"] for a, one in zip(answers, recorded, strict=True)))

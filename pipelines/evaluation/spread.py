"""How far a figure moves with the seed alone, as it was measured for the built-in models."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from pipelines.catalog.recipe import Recipe

FILE = Path(__file__).parent / "spread.json"  # written by tests/bench/seeds.py --publish


@dataclass(frozen=True)
class Spread:
    """Mean and standard deviation of the figures of packages that differ in their seed alone, by figure's name."""

    seeds: tuple[int, ...]
    figures: dict[str, tuple[float, float]]
    command: str


def recipe_digest(recipe: Recipe) -> str:
    """SHA-256 of a recipe but for its seed."""
    return hashlib.sha256(recipe.model_copy(update={"seed": 0}).model_dump_json().encode()).hexdigest()


def spread(model: str, snapshot: str, recipe: Recipe) -> Spread | None:
    """What was measured for a model with this recipe on this train snapshot; none where nothing was."""
    wanted = {"model": model, "snapshot": snapshot, "recipe": recipe_digest(recipe)}
    for row in json.loads(FILE.read_text(encoding="utf-8")):
        if wanted.items() <= row.items():
            figures = {name: (float(mean), float(deviation)) for name, (mean, deviation) in row["figures"].items()}
            return Spread(tuple(row["seeds"]), figures, row["command"])
    return None

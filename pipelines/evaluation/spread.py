"""Spread of the figures over seeds, as measured for the built-in models."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from pipelines.catalog.recipe import Recipe

FILE = Path(__file__).parent / "spread.json"  # written by tests/bench/seeds.py --publish


@dataclass(frozen=True)
class Spread:
    """Mean and standard deviation by figure, of packages that differ only in their seed."""

    seeds: tuple[int, ...]
    figures: dict[str, tuple[float, float]]
    command: str


def recipe_digest(recipe: Recipe) -> str:
    """Return the SHA-256 of a recipe without its seed."""
    return hashlib.sha256(recipe.model_copy(update={"seed": 0}).model_dump_json().encode()).hexdigest()


def spread(model: str, snapshot: str, recipe: Recipe) -> Spread | None:
    """Return the spread measured for a model with this recipe on this train snapshot, or None."""
    query = {"model": model, "snapshot": snapshot, "recipe": recipe_digest(recipe)}
    for row in json.loads(FILE.read_text(encoding="utf-8")):
        if query.items() <= row.items():
            figures = {name: (float(mean), float(deviation)) for name, (mean, deviation) in row["figures"].items()}
            return Spread(tuple(row["seeds"]), figures, row["command"])
    return None

"""Search space of a tuning: backbones, and the fields of the recipe that matter most."""

from collections.abc import Mapping
from typing import Any, Literal

from transformers import AutoConfig

from pipelines.catalog.recipe import Adversary, Declaration, Pruning, Recipe
from pipelines.catalog.spec import ModelSpec
from pipelines.training.network.encoder_files import PACKAGED, EncoderNotFound, locate_encoder

CHOICES = ("batch", "label_smoothing", "averaging", "adversary", "dropout", "weight_decay", "schedule")
Point = dict[str, float | int]


class Backbone(Declaration):
    """A pretrained encoder with its number of layers, of which the upper `pruned` ones are removed."""

    base: str
    layers: int
    pruned: int = 0

    @property
    def remaining_layers(self) -> int:
        """Number of remaining layers."""
        return self.layers - self.pruned

    def __str__(self) -> str:
        name = self.base.rstrip("/").rpartition("/")[2]
        return f"{name}, {self.remaining_layers} of {self.layers} layers" if self.pruned else name


class Space(Declaration):
    """Ranges and choices; other fields stay as the model's recipe declares them."""

    backbones: tuple[Backbone, ...]
    rate: tuple[float, float] = (5e-5, 1e-3)
    epochs: tuple[int, int] = (1, 6)
    batch: tuple[int, ...] = (16, 32, 64)
    label_smoothing: tuple[float, ...] = (0.0, 0.05, 0.1)
    averaging: tuple[float, ...] = (0.0, 0.99, 0.998)
    adversary: tuple[Adversary | None, ...] = (None, Adversary())
    dropout: tuple[float, ...] = (0.0, 0.1, 0.3)
    weight_decay: tuple[float, ...] = (0.0, 0.01, 0.1)
    schedule: tuple[Literal["linear", "cosine", "constant"], ...] = ("linear", "cosine", "constant")

    def around(self, recipe: Recipe) -> "Space":
        """The space, extended to contain this recipe."""
        rate, epochs = _rate(recipe, self), recipe.epochs
        ranges = {
            "rate": (min(self.rate[0], rate), max(self.rate[1], rate)),
            "epochs": (min(self.epochs[0], epochs), max(self.epochs[1], epochs)),
        }
        return self.model_copy(
            update=ranges | {name: _options_with(getattr(recipe, name), self, name) for name in CHOICES}
        )

    def point(self, backbone: Backbone, recipe: Recipe) -> Point:
        """Coordinates of a recipe: choices by index, frozen layers as a share of the remaining layers."""
        chosen = {name: getattr(self, name).index(getattr(recipe, name)) for name in CHOICES}
        frozen = min(recipe.frozen_layers, backbone.remaining_layers - 1) / backbone.remaining_layers
        integers = {"backbone": self.backbones.index(backbone), "epochs": recipe.epochs}
        return {**integers, "rate": _rate(recipe, self), "frozen": frozen, **chosen}

    def recipe(self, point: Mapping[str, Any], declared: Recipe) -> tuple[Backbone, Recipe]:
        """Backbone and recipe at these coordinates; the rate is rounded to two digits."""
        backbone = self.backbones[point["backbone"]]
        changes = {name: getattr(self, name)[point[name]] for name in CHOICES}
        changes |= {
            "rate": float(f"{point['rate']:.1e}"),
            "epochs": point["epochs"],
            "frozen_layers": min(round(point["frozen"] * backbone.remaining_layers), backbone.remaining_layers - 1),
        }
        return backbone, fit_to_backbone(backbone, _consistent(declared.model_copy(update=changes), declared))


def _consistent(drawn: Recipe, declared: Recipe) -> Recipe:
    """The recipe without combinations that a recipe refuses: an adversary without epochs, R-Drop without dropout."""
    no_dropout = drawn.r_drop > 0 and drawn.dropout == drawn.encoder_dropout == 0
    adversary = drawn.adversary if drawn.epochs else None
    return drawn.model_copy(
        update={"adversary": adversary, "dropout": declared.dropout if no_dropout else drawn.dropout}
    )


def fit_to_backbone(backbone: Backbone, recipe: Recipe) -> Recipe:
    """The recipe, adjusted to the layers of this backbone."""
    declared = recipe.pruning or Pruning()
    pruning = Pruning(layers=backbone.pruned, heads=declared.heads)
    frozen = min(recipe.frozen_layers, backbone.remaining_layers - 1)
    changes = {"frozen_layers": frozen, "pruning": None if pruning == Pruning() else pruning}
    return recipe.model_copy(update=changes)


def make_space(spec: ModelSpec, bases: tuple[str, ...] = ()) -> Space:
    """Search space of a declared model; its own backbone comes first."""
    return Space(backbones=backbones(spec, bases)).around(spec.recipe)


def backbones(spec: ModelSpec, bases: tuple[str, ...]) -> tuple[Backbone, ...]:
    """The declared backbone, then the named ones, or every installed packaged one and the declared one halved.

    A single backbone gets its half beside it, so that there are two wherever the encoder has two layers.
    """
    pruned = spec.recipe.pruning.layers if spec.recipe.pruning else 0
    own = Backbone(base=spec.base_model, layers=_layers(spec.base_model), pruned=pruned)
    others = [base for base in (bases or _installed_bases()) if base != spec.base_model]
    listed = [own, *(Backbone(base=base, layers=_layers(base)) for base in dict.fromkeys(others))]
    half = own.model_copy(update={"pruned": own.layers - (own.remaining_layers + 1) // 2})
    with_half = own.remaining_layers > 1 and (not bases or len(listed) == 1)
    return (*listed, half) if with_half else tuple(listed)


def _installed_bases() -> list[str]:
    return [base for base in PACKAGED if _is_installed(base)]


def _is_installed(base: str) -> bool:
    try:
        locate_encoder(base)
    except EncoderNotFound:
        return False
    return True


def _layers(base: str) -> int:
    try:
        config = AutoConfig.from_pretrained(locate_encoder(base), trust_remote_code=False)
    except (OSError, ValueError) as error:
        raise EncoderNotFound(f"no encoder at {locate_encoder(base)!r}: {error}") from error
    return int(getattr(config, "num_hidden_layers", 1))


def _rate(recipe: Recipe, space: Space) -> float:
    """The recipe's rate; `found` counts as the middle of the range."""
    return float((space.rate[0] * space.rate[1]) ** 0.5) if recipe.rate == "found" else recipe.rate


def _options_with(own: Any, space: Space, name: str) -> tuple[Any, ...]:
    options: tuple[Any, ...] = getattr(space, name)
    return options if own in options else (*options, own)

"""What a tuning chooses between: backbones, and the values of the recipe that matter most."""

from collections.abc import Mapping
from typing import Any, Literal

from transformers import AutoConfig

from pipelines.catalog.recipe import Adversary, Declaration, Pruning, Recipe
from pipelines.catalog.spec import ModelSpec
from pipelines.training.network.encoder import PACKAGED, NoEncoder, located

CHOICES = ("batch", "label_smoothing", "averaging", "adversary", "dropout", "weight_decay", "schedule")
Point = dict[str, float | int]


class Backbone(Declaration):
    """A pretrained encoder of so many layers, its upper ones `pruned` or not."""

    base: str
    layers: int
    pruned: int = 0

    @property
    def kept(self) -> int:
        """How many layers are left."""
        return self.layers - self.pruned

    def __str__(self) -> str:
        name = self.base.rstrip("/").rpartition("/")[2]
        return f"{name}, {self.kept} of {self.layers} layers" if self.pruned else name


class Space(Declaration):
    """Ranges and choices; what is not named here stays as the model's recipe declares it."""

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
        """The space, wide enough to hold this recipe too."""
        rate, epochs = _rate(recipe, self), recipe.epochs
        ranges = {
            "rate": (min(self.rate[0], rate), max(self.rate[1], rate)),
            "epochs": (min(self.epochs[0], epochs), max(self.epochs[1], epochs)),
        }
        return self.model_copy(update=ranges | {name: _with(getattr(recipe, name), self, name) for name in CHOICES})

    def point(self, backbone: Backbone, recipe: Recipe) -> Point:
        """A recipe as coordinates: choices by their index, frozen layers as share of the layers that are left."""
        chosen = {name: getattr(self, name).index(getattr(recipe, name)) for name in CHOICES}
        frozen = min(recipe.frozen_layers, backbone.kept - 1) / backbone.kept
        whole = {"backbone": self.backbones.index(backbone), "epochs": recipe.epochs}
        return {**whole, "rate": _rate(recipe, self), "frozen": frozen, **chosen}

    def recipe(self, point: Mapping[str, Any], declared: Recipe) -> tuple[Backbone, Recipe]:
        """The backbone and recipe at these coordinates; the rate has two digits, as people write it."""
        backbone = self.backbones[point["backbone"]]
        changes = {name: getattr(self, name)[point[name]] for name in CHOICES}
        changes |= {
            "rate": float(f"{point['rate']:.1e}"),
            "epochs": point["epochs"],
            "frozen_layers": min(round(point["frozen"] * backbone.kept), backbone.kept - 1),
        }
        return backbone, on(backbone, _consistent(declared.model_copy(update=changes), declared))


def _consistent(drawn: Recipe, declared: Recipe) -> Recipe:
    """Without what a recipe refuses: an adversary that no epoch meets, R-Drop where nothing is dropped."""
    even = drawn.r_drop > 0 and drawn.dropout == drawn.encoder_dropout == 0
    adversary = drawn.adversary if drawn.epochs else None
    return drawn.model_copy(update={"adversary": adversary, "dropout": declared.dropout if even else drawn.dropout})


def on(backbone: Backbone, recipe: Recipe) -> Recipe:
    """The recipe as it can be learnt on this backbone."""
    before = recipe.pruning or Pruning()
    pruning = Pruning(layers=backbone.pruned, heads=before.heads)
    frozen = min(recipe.frozen_layers, backbone.kept - 1)
    changed = {"frozen_layers": frozen, "pruning": None if pruning == Pruning() else pruning}
    return recipe.model_copy(update=changed)


def space_of(spec: ModelSpec, bases: tuple[str, ...] = ()) -> Space:
    """What can be chosen for a declared model; its own backbone comes first."""
    return Space(backbones=backbones(spec, bases)).around(spec.recipe)


def backbones(spec: ModelSpec, bases: tuple[str, ...]) -> tuple[Backbone, ...]:
    """The declared one, then those named, or every packaged one that is installed and the declared one halved.

    One alone gets its half beside it, so that there are two wherever the encoder has two layers.
    """
    pruned = spec.recipe.pruning.layers if spec.recipe.pruning else 0
    own = Backbone(base=spec.base, layers=_layers(spec.base), pruned=pruned)
    others = [base for base in (bases or _installed()) if base != spec.base]
    found = [own, *(Backbone(base=base, layers=_layers(base)) for base in dict.fromkeys(others))]
    half = own.model_copy(update={"pruned": own.layers - (own.kept + 1) // 2})
    wanted = own.kept > 1 and (not bases or len(found) == 1)
    return (*found, half) if wanted else tuple(found)


def _installed() -> list[str]:
    return [base for base in PACKAGED if _is_installed(base)]


def _is_installed(base: str) -> bool:
    try:
        located(base)
    except NoEncoder:
        return False
    return True


def _layers(base: str) -> int:
    try:
        config = AutoConfig.from_pretrained(located(base), trust_remote_code=False)
    except (OSError, ValueError) as error:
        raise NoEncoder(f"no encoder at {located(base)!r}: {error}") from error
    return int(getattr(config, "num_hidden_layers", 1))


def _rate(recipe: Recipe, space: Space) -> float:
    """A rate to be found lies in the middle of the range."""
    return float((space.rate[0] * space.rate[1]) ** 0.5) if recipe.rate == "found" else recipe.rate


def _with(own: Any, space: Space, name: str) -> tuple[Any, ...]:
    options: tuple[Any, ...] = getattr(space, name)
    return options if own in options else (*options, own)

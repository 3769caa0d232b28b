"""The training recipe: every option of the training engine, each with a default."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pipelines.catalog.renamed_fields import with_new_names

Fraction = Annotated[float, Field(ge=0, le=1)]
Rate = Annotated[float, Field(gt=0, lt=1)]


MAX_TOKENS = 512  # what BERT and most encoders since read


class Declaration(BaseModel):
    """A frozen value read from a catalog. An unknown field is an error.

    A field with an alias had that name before: both are accepted. Digests and stored documents keep the old name, so
    that nothing is trained or judged again; `model_dump(by_alias=False)` gives the new ones.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
        loc_by_alias=False,
    )
    old_values: ClassVar[Mapping[str, Mapping[str, str]]] = {}  # new values by field and old value

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy with other values, by new or old names; pydantic itself would keep an unknown field silently."""
        changes = self._with_new_names(update or {})
        if unknown := set(changes) - set(type(self).model_fields):
            raise ValueError(f"{type(self).__name__} has no field {', '.join(sorted(unknown))}")
        return super().model_copy(update=changes, deep=deep)

    @model_validator(mode="before")
    @classmethod
    def _by_new_names(cls, values: Any) -> Any:
        return cls._with_new_names(values) if isinstance(values, dict) else values

    @classmethod
    def _with_new_names(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values by new names, and themselves where a value was renamed. Raises ValueError."""
        renames = {field.alias: name for name, field in cls.model_fields.items() if field.alias}
        named = with_new_names(cls.__name__, values, renames)
        for name, words in cls.old_values.items():
            if isinstance(value := named.get(name), str):
                named[name] = words.get(value, value)
        return named


class Adapter(Declaration):
    """Few new weights learn, the encoder's own stay: LoRA, AdaLoRA, IA3 and prefixes of PEFT, and a bottleneck."""

    kind: Literal["lora", "adalora", "ia3", "prefix", "bottleneck"] = Field(
        "lora", description="method; each kind has a learning rate of its own"
    )
    size: int = Field(8, ge=1, le=512, description="rank, prefix tokens or bottleneck width; ia3 has none")


class Adversary(Declaration):
    """Learn at the worst point near each text too: one step (FGM) or several (PGD) on the embeddings."""

    kind: Literal["fgm", "pgd"] = Field("fgm", description="one step (fgm), or several (pgd)")
    size: Fraction = Field(0.05, description="length of the perturbation, as share of the embeddings' own norm")
    steps: int = Field(3, ge=1, le=20, description="number of steps of pgd; fgm has one")


class Augmentation(Declaration):
    """Changed copies of the texts to learn from, of the same label; never of validation or test texts."""

    copies: int = Field(1, ge=1, le=10, description="changed copies of each text")
    synonyms: Fraction = Field(0.0, description="share of words replaced")
    typos: Fraction = Field(0.0, description="share of words with one typing error")
    translation: tuple[str, str] | None = Field(None, description="translation models there and back, paths or names")

    @model_validator(mode="after")
    def _changes_something(self) -> "Augmentation":
        if not (self.synonyms or self.typos or self.translation):
            raise ValueError("an augmentation needs a share of synonyms or typos, or two translation models")
        return self


class Ensemble(Declaration):
    """Several networks of different seeds: their mean answer, or one network that learnt it."""

    members: int = Field(3, ge=2, le=20, description="number of networks")
    answer: Literal["distilled", "average"] = Field(
        "distilled", description="distilled: one network that learnt the mean answer; average: the mean of all members"
    )
    share: Fraction = Field(
        0.7, description="share of the members' answer in the distilled network's loss; the rest is the label's"
    )
    temperature: float = Field(2.0, gt=0, le=20, description="temperature that softens the members' answers")


class Pruning(Declaration):
    """Make the encoder smaller before it learns."""

    layers: int = Field(0, ge=0, description="number of upper layers left out")
    heads: Fraction = Field(0.0, lt=1, description="share of attention heads left out, least useful first")


class Budget(Declaration):
    """Limits of the cost of a run; a run that exceeds one stops."""

    seconds: float | None = Field(None, gt=0, description="largest time of the run, in seconds")
    cpu_seconds: float | None = Field(
        None, gt=0, description="largest processor time of all processes that train together"
    )
    memory_gib: float | None = Field(
        None, gt=0, description="largest peak of resident memory of all processes together, in GiB"
    )


# Of three or four each the best macro-F1 on 400 validation tweets: one seed, 3 epochs on 1,000, MiniLM above 3 layers.
RATES = {"lora": 1e-3, "adalora": 1e-2, "ia3": 3e-2, "prefix": 1e-2, "bottleneck": 3e-3}


class Recipe(Declaration):
    """The training recipe. Rates are per step; `alpha` weighs a feedback example in the loss.

    Without `rate`, an adapter learns at the rate of its kind, and a retraining at half of it. An option that a zero
    makes useless is refused.
    """

    epochs: int = Field(
        3, ge=0, le=100, description="passes over the texts; 0: only a logistic regression on the embeddings"
    )
    batch: int = Field(32, ge=1, le=4096, description="texts in one step")
    accumulate: int = Field(
        1, ge=1, le=256, description="parts a batch is computed in, one after another; contrast stays whole"
    )
    optimiser: Literal["adamw", "adafactor"] = Field("adamw", description="method that changes the weights")
    rate: Rate | Literal["found"] = Field(
        2e-4, description="learning rate of the encoder; `found`: a range check from 1e-5 upwards picks it"
    )
    head_rate: Rate = Field(1e-3, description="learning rate of the head")
    layer_decay: float = Field(1.0, gt=0, le=1, description="factor of the rate from each layer to the one below it")
    schedule: Literal["linear", "cosine", "constant"] = Field(
        "linear", description="course of the rate after the warmup: falls to 0 linearly or as a cosine, or stays"
    )
    warmup: Fraction = Field(0.1, description="share of the steps over which the rate rises")
    frozen_layers: int = Field(3, ge=0, description="lower layers computed once and not trained")
    max_tokens: int = Field(128, ge=8, le=MAX_TOKENS, description="tokens of a text that are read; the rest is cut off")
    # Left out of dumps at its default: digests of recipes from before it was there stay the same.
    truncation: Literal["head", "head_tail"] = Field(
        "head",
        exclude_if=lambda value: value == "head",
        description="tokens that are read of a longer text: its first ones, or a quarter from its start and the rest "
        "from its end, as Sun et al. (2019) found best for long documents",
    )

    weight_decay: float = Field(0.01, ge=0, description="weight decay of matrices; biases and norms have none")
    dropout: Fraction = Field(0.1, description="dropout before the head")
    encoder_dropout: Fraction | None = Field(
        None, description="dropout within the encoder; none: the value of its checkpoint"
    )
    label_smoothing: Fraction = Field(0.0, description="share of the target that goes to all labels equally")
    patience: int = Field(
        2, ge=1, description="number of checks in a row that must show the network to be worse than its best state"
    )
    averaging: float = Field(0.0, ge=0, lt=1, description="decay of a running mean of the weights, which is judged")
    adversary: Adversary | None = Field(None, description="learn at a changed point near each text, too")
    r_drop: float = Field(0.0, ge=0, le=100, description="weight of the divergence between two dropout passes")
    balanced: bool = Field(False, description="rare labels weigh as much as common ones")
    augmentation: Augmentation | None = Field(None, description="learn from changed copies of the texts, too")
    ensemble: Ensemble | None = Field(None, description="train several networks")

    adapter: Adapter | None = Field(None, description="train a few new weights and leave the encoder's as they are")
    precision: Literal["auto", "fp32", "bf16", "fp16"] = Field(
        "auto", description="numbers of the forward pass; auto: 16 bits where the device is faster with them"
    )
    checkpointing: bool = Field(False, description="recompute activations instead of keeping them: less memory, slower")
    compile: Literal["auto", "never", "always"] = Field(
        "auto", description="torch.compile the layers; auto: if it pays"
    )
    budget: Budget = Field(Budget(), description="limits of the cost of a run")
    tensorboard: bool = Field(False, description="true: also write curves to `tensorboard/` of the state folder")

    contrast: int = Field(
        0, ge=0, le=20, description="passes over pairs of texts with equal labels first, for few texts"
    )
    pretraining: int = Field(0, ge=0, le=20, description="epochs of masked-language learning on the texts first")
    pruning: Pruning | None = Field(None, description="make the encoder smaller before it learns")

    alpha: float = Field(1.0, ge=0, le=100, description="weight of a feedback example in the loss")
    continued_epochs: int = Field(1, ge=1, le=100, alias="again_epochs", description="epochs of a retraining")
    continued_rate: Rate = Field(
        1e-4, alias="again_rate", description="learning rate of a retraining; the head's is at most `head_rate`"
    )
    rehearsal: float = Field(0.5, ge=0, description="source rows that a retraining learns again for each feedback row")
    seed: int = Field(7, description="seed of all random choices of the training")

    @model_validator(mode="before")
    @classmethod
    def _at_its_adapters_rate(cls, values: Any) -> Any:
        adapter = values.get("adapter") if isinstance(values, dict) else None
        kind = str(adapter.get("kind", "lora") if isinstance(adapter, dict) else getattr(adapter, "kind", None))
        if kind not in RATES:
            return values
        continued = {} if "again_rate" in values else {"continued_rate": RATES[kind] / 2}
        return {"rate": RATES[kind], **continued, **values}

    @model_validator(mode="after")
    def _contradicts_nothing(self) -> "Recipe":
        useless = [f"{name} has no effect with {zeros}: raise that, or drop {name}" for name, zeros in _useless(self)]
        if useless:
            raise ValueError("; ".join(useless))
        return self


def _useless(recipe: Recipe) -> list[tuple[str, str]]:
    """Options that are set, with the zeros that leave them without effect."""
    no_epochs, ensemble = recipe.epochs == 0, recipe.ensemble
    no_steps = no_epochs and recipe.contrast == 0  # contrast trains adapters and members of an ensemble too
    no_dropout = recipe.dropout == recipe.encoder_dropout == 0
    rows = (
        ("adapter", "epochs = 0 and contrast = 0", no_steps and recipe.adapter),
        ("ensemble", "epochs = 0", ensemble and (no_steps or (no_epochs and ensemble.answer == "distilled"))),
        ("adversary", "epochs = 0", no_epochs and recipe.adversary),
        ("r_drop", "epochs = 0", no_epochs and recipe.r_drop),
        ("rate = 'found'", "epochs = 0", no_epochs and recipe.rate == "found"),
        ("r_drop", "dropout = 0 and encoder_dropout = 0", recipe.r_drop and no_dropout),
        ("adversary", "its size = 0", recipe.adversary and recipe.adversary.size == 0),
        ("pruning", "its layers = 0 and heads = 0", recipe.pruning == Pruning()),
    )
    return [(option, zeros) for option, zeros, useless in rows if useless]

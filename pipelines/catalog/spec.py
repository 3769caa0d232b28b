"""Every model, declared once: what it reads and answers, how it learns, when it is promoted and retrained."""

import importlib.util
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import (
    BaseModel,
    Field,
    SerializeAsAny,
    SerializerFunctionWrapHandler,
    StringConstraints,
    ValidationError,
    field_validator,
    model_serializer,
    model_validator,
)

from pipelines.catalog.gate import AnyGate, Behaviour, Gate, Slice
from pipelines.catalog.recipe import Declaration, Fraction, Recipe
from pipelines.kinds.known import DEFAULT, UnknownKind
from pipelines.kinds.known import find as find_kind
from pipelines.kinds.target import Target

__all__ = ["Behaviour", "BrokenCatalog", "Gate", "ModelSpec", "Slice", "Source", "UnknownModel", "find", "load"]

Value = TypeVar("Value", bound=BaseModel)
SHORT = ("labels",)  # fields of a target that may stand beside the model's own

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", max_length=40)]


class UnknownModel(LookupError):
    """A name that no declaration carries."""


class BrokenCatalog(ValueError):
    """A catalog file that cannot be read as declarations."""


class Source(Declaration):
    """Where messages come from, and what their columns are called."""

    uri: str = Field(description="airline:, a CSV/JSONL/Parquet path, s3://, hf://owner/name, log:PATH")
    text: str = "text"
    label: str | None = Field("label", description="none, or empty, where `labels` tells it: TOML has no null")
    id: str | None = Field(None, description="a column whose values must not repeat")
    labels: str | None = Field(None, description="a CSV `hash,label` joined to the texts; others are left out")
    confidence: str | None = Field(None, description="a column with the annotators' agreement, 0 to 1: a row's weight")
    test: str | None = Field(None, description="the published test split, where the source has one")
    channel: str | None = Field(None, description="a column that says which way a message came, for slices")
    customer: str | None = Field(None, description="a column that says who wrote; kept as a keyed hash only")
    outside: str | None = Field(None, description="texts that are about none of the labels, to be told as such")
    unlabelled: str | None = Field(None, description="messages without labels, for `recipe.pretraining` to learn from")
    keep_handles: tuple[str, ...] = Field((), description="the company's own @handles, never masked")

    @field_validator("label")
    @classmethod
    def _none_is_empty(cls, value: str | None) -> str | None:
        return value or None


class Retraining(Declaration):
    """When a model learns again: after so many new feedback rows, and by the clock.

    What was learnt is promoted by the gate; where it is to `hold`, it waits for a trial and a person.
    """

    feedback: int = Field(50, ge=1)
    cron: str = "0 3 * * *"
    hold: bool = False


class ModelSpec(Declaration):
    """One declared model; everything else follows from it."""

    name: Name
    target: SerializeAsAny[Target] = Field(description="what it answers: `kind`, and the fields of that kind")
    language: str = Field("en", pattern=r"^[a-z]{2}$")
    source: Source
    base: str = Field("minilm", description="`minilm` (packaged), a local path, or a hub name")
    traffic: Fraction = Field(0.0, description="share of the source kept back and replayed as live traffic")
    recipe: Recipe = Recipe()
    gate: SerializeAsAny[AnyGate] = Field(description="what a challenger must show; its thresholds are its kind's")
    slices: tuple[Slice, ...] = ()
    behaviour: Behaviour = Behaviour()
    retraining: Retraining = Retraining()
    language_share: Fraction = Field(0.8, description="least share of messages that read as `language`")
    rarest: Fraction = Field(0.001, description="least share of the rarest label in a snapshot")

    @property
    def kind(self) -> str:
        """The name of the kind of its answers."""
        return self.target.kind

    @model_validator(mode="before")
    @classmethod
    def _of_its_kind(cls, written: Any) -> Any:
        """Target and gate as their kind reads them; `kind` and `labels` may stand beside `name`, too."""
        if not isinstance(written, dict):
            return written
        beside = {name: written[name] for name in ("kind", *SHORT) if name in written}
        rest = {name: value for name, value in written.items() if name not in beside}
        target = rest.get("target", {})
        target = target if isinstance(target, Target) else _target({**beside, **target})
        gate = rest.get("gate")
        gate = _read("gate", find_kind(target.kind).gate, gate) if isinstance(gate, dict) else gate
        return {**rest, "target": target, **({"gate": gate} if gate else {})}

    @model_serializer(mode="wrap")
    def _short(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """As it may be written: `kind` and `labels` beside the name, and in `target` what else its kind has."""
        fields: dict[str, Any] = handler(self)
        target = fields.pop("target")
        beside = {"kind": target.pop("kind"), "language": fields.pop("language")}
        beside |= {name: target.pop(name) for name in SHORT if name in target}
        return {"name": fields.pop("name"), **beside, **({"target": target} if target else {}), **fields}

    @model_validator(mode="after")
    def _agrees_with_its_target(self) -> "ModelSpec":
        opposites = self.behaviour.opposites or ()
        if strange := {label for label in opposites if self.target.read(label) is None}:
            raise ValueError(f"behaviour.opposites of {self.name!r} are labels; {', '.join(sorted(strange))} is none")
        if refused := self.target.refused(self.recipe):
            raise ValueError(f"the recipe of {self.name!r} does not fit {self.kind}: {'; '.join(refused)}")
        return self


def _target(written: dict[str, Any]) -> Target:
    """As its kind reads it; raises ValueError in one line."""
    kind = written.get("kind", DEFAULT)
    try:
        return _read("target", find_kind(kind).target, {"kind": kind, **written})
    except UnknownKind as error:
        raise ValueError(str(error)) from None


def _read(name: str, kind: type[Value], written: dict[str, Any]) -> Value:
    try:
        return kind.model_validate(written)
    except ValidationError as error:
        wrong = [f"{'.'.join((name, *map(str, one['loc'])))}: {one['msg']}" for one in error.errors()]
        raise ValueError("; ".join(wrong)) from None


AIRLINES = ("united", "southwestair", "jetblue", "usairways", "americanair", "virginamerica")
INTENTS = Path(__file__).parents[1] / "labels" / "intent.csv"

INTENT = (
    *("delay", "cancellation", "baggage", "booking", "refund", "seat-boarding", "website-app"),
    *("contact", "staff", "onboard", "loyalty", "praise", "other"),
)
CASES = Path(__file__).parents[1] / "labels"
PARTS = (
    *(Slice(by="airline", value=airline, least=100, floor=0.5) for airline in AIRLINES),
    *(Slice(by="length", value=value, floor=0.4) for value in ("short", "long")),
    Slice(by="language", value="en", floor=0.5, required=True),
    *(Slice(by="has-handle", value=value, floor=0.4) for value in ("yes", "no")),
    *(Slice(by="has-emoji", value=value, floor=0.4) for value in ("yes", "no")),
)
NEEDS = tuple(Slice(by="need", value=need, least=30, floor=0.4, labels=str(INTENTS)) for need in ("delay", "baggage"))

BUILT_IN = (
    ModelSpec(
        name="sentiment",
        target=_target({"labels": ("negative", "neutral", "positive")}),
        source=Source(uri="airline:", label="sentiment", confidence="confidence", keep_handles=AIRLINES),
        traffic=0.2,
        recipe=Recipe(epochs=2, frozen_layers=4, rate=4e-4, encoder_dropout=0),
        gate=Gate(macro_f1=0.75, accuracy=0.80, margin=0.02, lead=0.05),
        slices=(*PARTS, *NEEDS),
        behaviour=Behaviour(cases=str(CASES / "sentiment-cases.csv"), opposites=("negative", "positive")),
    ),
    ModelSpec(
        name="intent",
        target=_target({"labels": INTENT}),
        source=Source(uri="airline:", label=None, labels=str(INTENTS), keep_handles=AIRLINES, outside="tweets:others"),
        traffic=0.2,
        recipe=Recipe(epochs=5, rate=4e-4, encoder_dropout=0),
        # 1,336 texts teach it thirteen needs, and hardly what does not matter: a name moves one answer in six,
        # int8 one in twenty: feed-forward outputs in fp32 would halve that, and cost 40% of the speed.
        gate=Gate(macro_f1=0.50, accuracy=0.55, margin=0.05, lead=0.0, fairness=0.3, four_fifths=0.4, agreement=0.1),
        slices=PARTS,
        behaviour=Behaviour(cases=str(CASES / "intent-cases.csv")),
    ),
)

Catalog = Mapping[str, ModelSpec]


def load(file: Path) -> dict[str, ModelSpec]:
    """The built-in declarations and the user's own of a file that need not exist, which may replace them by name."""
    own = declared_in(file) if file.exists() else ()
    return {spec.name: spec for spec in (*BUILT_IN, *own)}


def declared_in(file: Path) -> tuple[ModelSpec, ...]:
    """Declarations of a TOML file (`[[model]]` tables) or of a Python file (a sequence `MODELS`)."""
    try:
        if file.suffix == ".py":
            return _python(file)
        written: dict[str, list[dict[str, Any]]] = tomllib.loads(file.read_text(encoding="utf-8"))
        if other := written.keys() - {"model"}:
            raise TypeError(
                f"[{min(other)}] belongs to no model; below [[model]] write [model.recipe.adapter] and so on"
            )
        return tuple(ModelSpec.model_validate(table) for table in written.get("model", []))
    except (ValidationError, tomllib.TOMLDecodeError, UnicodeDecodeError, AttributeError, TypeError) as error:
        raise BrokenCatalog(f"{file} is no catalog: {error}") from error


def _python(file: Path) -> tuple[ModelSpec, ...]:
    spec = importlib.util.spec_from_file_location("needloop_user_catalog", file)
    if spec is None or spec.loader is None:
        raise BrokenCatalog(f"{file} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
        return tuple(ModelSpec.model_validate(one) for one in module.MODELS)
    except Exception as error:  # a user's program may raise anything, and must not end the API that reads it
        raise BrokenCatalog(f"{file} is no catalog: {type(error).__name__}: {error}") from error


def find(name: str, catalog: Catalog) -> ModelSpec:
    """The declared model of that name."""
    try:
        return catalog[name]
    except KeyError:
        raise UnknownModel(f"{name!r} is not declared; choose from {', '.join(catalog)}") from None

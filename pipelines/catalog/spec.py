"""The declaration of a model: source, target, recipe, gate, retraining."""

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

from pipelines.catalog.gate import AnyGate, Behaviour, Slice
from pipelines.catalog.recipe import Declaration, Fraction, Recipe
from pipelines.kinds.known import DEFAULT, UnknownKind, find_kind
from pipelines.kinds.target import Target
from pipelines.masking.rules import DEFAULT_REGIONS, DEFAULT_TRADES, MaskingRules, Trade, require_regions
from pipelines.runtime.field_errors import field_sentences

Value = TypeVar("Value", bound=BaseModel)
SHORT = ("labels",)  # fields of a target that may stand beside the model's own

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", max_length=40)]


class Source(Declaration):
    """The source of messages, and the names of its columns."""

    uri: str = Field(
        description="a file (CSV, Excel, JSON, Parquet, .gz), a folder, s3://, hf://owner/name, log:PATH, airline:"
    )
    text: str = Field("text", description="the column of the messages")
    label: str | None = Field(
        "label", description="the column of the label; empty if `labels` names a file that has it"
    )
    encoding: str | None = Field(None, description="of a text file, such as cp1252; without it, detected")
    missing_labels: tuple[str, ...] = Field(
        (), description="values of the label column that mean no label, such as `-1`; empty cells and NaN always do"
    )
    accept_loss: bool = Field(False, description="true: a corpus may lose more than half of the source's rows")
    id: str | None = Field(None, description="a column whose values must not repeat")
    labels: str | None = Field(None, description="a CSV `hash,label` joined to the texts; others are left out")
    confidence: str | None = Field(None, description="a column with the annotators' agreement, 0 to 1: a row's weight")
    test: str | None = Field(None, description="the published test split, where the source has one")
    channel: str | None = Field(None, description="a column with the channel of a message, for slices")
    customer: str | None = Field(None, description="a column with the author; stored as a keyed hash only")
    out_of_scope: str | None = Field(None, alias="outside", description="a source of texts that belong to no label")
    unlabelled: str | None = Field(None, description="messages without labels, for `recipe.pretraining` to learn from")
    max_characters: int = Field(
        10_000, ge=1_000, le=10_000, description="characters of a message, markup excluded; the rest is cut off"
    )
    keep_handles: tuple[str, ...] = Field((), description="the company's own @handles, never masked")
    trades: tuple[Trade, ...] = Field(
        DEFAULT_TRADES, description="trades with masked references; see [masking](../concepts/masking.md)"
    )
    region: tuple[str, ...] = Field(
        DEFAULT_REGIONS, description="countries of national numbers, ISO 3166: `IN`, or a list of several"
    )

    @property
    def masking(self) -> MaskingRules:
        """The rules of masking for its texts, in training and in serving."""
        return MaskingRules(self.keep_handles, self.trades, self.region)

    @field_validator("region", mode="before")
    @classmethod
    def _one_or_several(cls, value: Any) -> Any:
        return require_regions(value)

    @field_validator("label")
    @classmethod
    def _none_is_empty(cls, value: str | None) -> str | None:
        return value or None


class Retraining(Declaration):
    """Conditions of a retraining: a number of new feedback rows, and a schedule."""

    feedback: int = Field(50, ge=1, description="new feedback rows that start a retraining")
    cron: str = Field("0 3 * * *", description="schedule, in UTC")
    require_approval: bool = Field(
        False, alias="hold", description="true: a version that passes the gate waits for a person to promote it"
    )


class ModelSpec(Declaration):
    """One declared model; everything else follows from it."""

    name: Name = Field(description="up to 40 lowercase letters, digits, dashes; a built-in name replaces that model")
    target: SerializeAsAny[Target] = Field(
        description="the possible answers; `kind` and `labels` may also stand beside `name`"
    )
    language: str = Field("en", pattern=r"^[a-z]{2}$", description="language of the messages, ISO 639-1")
    source: Source = Field(description="where the messages come from")
    base_model: str = Field("minilm", alias="base", description="`minilm` (packaged), a local path, or a hub name")
    replay_share: Fraction = Field(
        0.0, alias="traffic", description="share of the source held back and replayed as live traffic"
    )
    recipe: Recipe = Field(Recipe(), description="how it is trained; see [recipe](recipe.md)")
    gate: SerializeAsAny[AnyGate] = Field(description="the measures that a challenger must reach; see [gate](gate.md)")
    slices: tuple[Slice, ...] = Field(
        (), description="parts of the held-out texts that the gate measures by themselves"
    )
    behaviour: Behaviour = Field(Behaviour(), description="behaviour cases of this model")
    retraining: Retraining = Field(Retraining(), description="when a retraining starts")
    min_language_share: Fraction = Field(
        0.8, alias="language_share", description="smallest share of messages that read as `language`"
    )
    min_label_share: Fraction = Field(
        0.001, alias="rarest", description="smallest share of the rarest label in a snapshot"
    )

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
        target = target if isinstance(target, Target) else read_target({**beside, **target})
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
        if refused := self.target.recipe_errors(self.recipe):
            raise ValueError(f"the recipe of {self.name!r} does not fit {self.kind}: {'; '.join(refused)}")
        return self


def read_target(written: dict[str, Any]) -> Target:
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
        sentences = field_sentences(error.errors(), lambda field: f"{name}.{field}".rstrip("."))
        raise ValueError(sentences) from None

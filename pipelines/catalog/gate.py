"""Declared conditions of a promotion: thresholds, slices, behaviour cases."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field, FieldSerializationInfo, field_serializer

from pipelines.catalog.recipe import Declaration, Fraction

Predicate = Literal["airline", "length", "language", "has-handle", "has-emoji", "channel", "need"]
Positive = Annotated[float, Field(gt=0)]
CLAIMS = {"no worse": "non-inferior", "better": "superior"}  # the old values of `hypothesis`
OLD_CLAIMS = {new: old for old, new in CLAIMS.items()}


class AnyGate(Declaration):
    """Thresholds for a kind of model. A measure must answer each field."""

    @property
    def tolerance(self) -> float:
        """The share of answers in which a service may differ from the trained network."""
        return 0.0


class Gate(AnyGate):
    """Thresholds that a challenger must meet on the held-out texts. A threshold that is not a finite number refuses."""

    min_macro_f1: Fraction = Field(alias="macro_f1", description="minimum macro-F1 on the held-out texts")
    min_accuracy: Fraction = Field(alias="accuracy", description="minimum accuracy on the held-out texts")
    margin: Fraction = Field(description="largest loss of macro-F1 against the champion that counts as non-inferior")
    min_gain_over_baseline: float = Field(
        alias="lead", description="minimum gain in macro-F1 of a first model over the TF-IDF baseline"
    )
    hypothesis: Literal["non-inferior", "superior"] = Field(
        "non-inferior", alias="claim", description="claim about the 95% interval of the difference to the champion"
    )
    alpha: Fraction = Field(0.05, description="significance level of each family of tests")
    min_recall: Fraction = Field(
        0.1, alias="recall", description="minimum recall of every label; refused if it is significantly lower"
    )
    max_recall_drop: Fraction = Field(
        0.25,
        alias="fall",
        description="largest statistically significant drop in any label's recall against the champion",
    )
    max_regressions: Fraction = Field(
        0.1,
        alias="flips",
        description="largest share of texts that the champion had right and the challenger has wrong",
    )
    max_package_mismatch: Fraction = Field(
        0.05, alias="agreement", description="largest share of answers in which package and trained network differ"
    )
    max_calibration_error: Fraction = Field(0.15, alias="calibration", description="largest expected calibration error")
    min_oos_recall: Fraction = Field(0.0, alias="scope", description="minimum recall on out-of-scope texts")
    max_failure_rate: Fraction = Field(0.4, alias="behaviour", description="largest failure rate of a capability")
    max_failure_rates: dict[str, Fraction] = Field(
        default_factory=dict, alias="capabilities", description="the same for single capabilities, by name"
    )
    max_identity_flips: Fraction = Field(
        0.2, alias="fairness", description="largest share of answers that change if another person or group is named"
    )
    min_four_fifths_ratio: Fraction = Field(
        0.8, alias="four_fifths", description="smallest ratio between the rates at which groups get a label"
    )
    max_latency_ratio: Positive = Field(
        1.5, alias="slower", description="largest ratio of the median time for one text to the champion's"
    )
    max_latency_ms: Positive = Field(
        500.0, alias="milliseconds", description="largest median time for one text over HTTP, in milliseconds"
    )
    max_package_mb: Positive = Field(1000.0, alias="megabytes", description="largest size of the package, in megabytes")

    old_values: ClassVar[Mapping[str, Mapping[str, str]]] = {"hypothesis": CLAIMS}

    @property
    def tolerance(self) -> float:
        """The share of answers in which a service may differ from the trained network."""
        return self.max_package_mismatch

    @field_serializer("hypothesis")
    def _as_digests_have_it(self, value: str, info: FieldSerializationInfo) -> str:
        return value if info.by_alias is False else OLD_CLAIMS.get(value, value)


class Slice(Declaration):
    """A part of the held-out texts, by a named predicate."""

    by: Predicate = Field(description="property that selects the texts")
    value: str = Field(description="an airline, language, channel or need; short or long; yes or no")
    min_texts: int = Field(
        50, ge=1, alias="least", description="with fewer texts the slice is not judged, which is no pass"
    )
    min_accuracy: Fraction = Field(
        0.0, alias="floor", description="minimum accuracy; refused if it is significantly lower"
    )
    required: bool = Field(False, description="true: too few texts refuse the version")
    labels: str | None = Field(None, description="need: a CSV `hash,label` with the need of each text")

    @property
    def name(self) -> str:
        """Its name for people: predicate and value."""
        return f"{self.by} {self.value}"


class Behaviour(Declaration):
    """Facts about a model that generated behaviour cases cannot know."""

    cases: str | None = Field(None, description="a CSV `text,label` of cases that the model must get right")
    opposites: tuple[str, str] | None = Field(None, description="two labels that a negation turns into each other")

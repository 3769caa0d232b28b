"""What a challenger must show before it is promoted, as it is declared: thresholds, slices, behaviour."""

from typing import Annotated, Literal

from pydantic import Field

from pipelines.catalog.recipe import Declaration, Fraction

Predicate = Literal["airline", "length", "language", "has-handle", "has-emoji", "channel", "need"]
Positive = Annotated[float, Field(gt=0)]


class AnyGate(Declaration):
    """What a challenger of some kind must show: fields are thresholds, and each must be answered by a measure."""

    @property
    def tolerance(self) -> float:
        """The share of answers in which a service may differ from the trained network."""
        return 0.0


class Gate(AnyGate):
    """What a challenger must show on the held-out texts. A gate with a hole, a threshold that is no number, refuses."""

    macro_f1: Fraction = Field(description="absolute floor")
    accuracy: Fraction = Field(description="absolute floor")
    margin: Fraction = Field(description="how much macro-F1 below the champion's the 95% interval may reach")
    lead: float = Field(description="macro-F1 points a first model must have over the TF-IDF baseline")
    claim: Literal["no worse", "better"] = Field("no worse", description="what must be shown against a champion")
    alpha: Fraction = Field(0.05, description="chance of a wrong claim that each family of tests allows")
    recall: Fraction = Field(0.1, description="floor for every label: refused where it is shown to be under it")
    fall: Fraction = Field(0.25, description="deepest fall of a label's recall that chance does not explain")
    flips: Fraction = Field(0.1, description="most of the texts that were right and become wrong")
    agreement: Fraction = Field(0.05, description="most answers of the service that are not the trained network's")
    calibration: Fraction = Field(0.15, description="highest expected calibration error")
    scope: Fraction = Field(0.0, description="least share of out-of-scope texts that are told as such")
    behaviour: Fraction = Field(0.4, description="highest failure rate of a capability")
    capabilities: dict[str, Fraction] = Field(default_factory=dict, description="the same for one capability by name")
    fairness: Fraction = Field(0.2, description="highest share of answers that change with who is named")
    four_fifths: Fraction = Field(0.8, description="least ratio between the rates at which groups get a label")
    slower: Positive = Field(1.5, description="highest ratio of the time for one text to the champion's")
    milliseconds: Positive = Field(500.0, description="longest median time for one text over HTTP")
    megabytes: Positive = Field(1000.0, description="largest package")

    @property
    def tolerance(self) -> float:
        """The share of answers in which a service may differ from the trained network."""
        return self.agreement


class Slice(Declaration):
    """A part of the texts by a named predicate; with fewer than `least` of them nothing is said about it."""

    by: Predicate
    value: str = Field(description="which airline, language, channel or need; short or long; yes or no")
    least: int = Field(50, ge=1, description="fewer texts are insufficient, which is not a pass")
    floor: Fraction = Field(0.0, description="of accuracy: refused where it is shown to be under it")
    required: bool = Field(False, description="whether too few texts refuse")
    labels: str | None = Field(None, description="need: a CSV `hash,label` that says what each text is about")

    @property
    def name(self) -> str:
        """As people read it."""
        return f"{self.by} {self.value}"


class Behaviour(Declaration):
    """What the generated cases cannot know about a model."""

    cases: str | None = Field(None, description="a CSV `text,label` of what it must get right at least")
    opposites: tuple[str, str] | None = Field(None, description="two labels between which a negation leads")

"""The built-in models: sentiment and intent of messages to airlines."""

from pathlib import Path

from pipelines.catalog.gate import Behaviour, Gate, Slice
from pipelines.catalog.recipe import Recipe
from pipelines.catalog.spec import ModelSpec, Source, read_target
from pipelines.masking.rules import Trade

LABELS = Path(__file__).parents[1] / "labels"
AIRLINES = ("united", "southwestair", "jetblue", "usairways", "americanair", "virginamerica")
INTENTS = LABELS / "intent.csv"
TRADES: tuple[Trade, ...] = ("order", "parcel", "handle", "booking")

INTENT = (
    *("delay", "cancellation", "baggage", "booking", "refund", "seat-boarding", "website-app"),
    *("contact", "staff", "onboard", "loyalty", "praise", "other"),
)
PARTS = (
    *(Slice(by="airline", value=airline, min_texts=100, min_accuracy=0.5) for airline in AIRLINES),
    *(Slice(by="length", value=value, min_accuracy=0.4) for value in ("short", "long")),
    Slice(by="language", value="en", min_accuracy=0.5, required=True),
    *(Slice(by="has-handle", value=value, min_accuracy=0.4) for value in ("yes", "no")),
    *(Slice(by="has-emoji", value=value, min_accuracy=0.4) for value in ("yes", "no")),
)
NEEDS = tuple(
    Slice(by="need", value=need, min_texts=30, min_accuracy=0.4, labels=str(INTENTS)) for need in ("delay", "baggage")
)

BUILT_IN = (
    ModelSpec(
        name="sentiment",
        target=read_target({"labels": ("negative", "neutral", "positive")}),
        source=Source(uri="airline:", label="sentiment", confidence="confidence", keep_handles=AIRLINES, trades=TRADES),
        replay_share=0.2,
        recipe=Recipe(epochs=2, frozen_layers=4, rate=4e-4, encoder_dropout=0),
        gate=Gate(min_macro_f1=0.75, min_accuracy=0.80, margin=0.02, min_gain_over_baseline=0.05),
        slices=(*PARTS, *NEEDS),
        behaviour=Behaviour(cases=str(LABELS / "sentiment-cases.csv"), opposites=("negative", "positive")),
    ),
    ModelSpec(
        name="intent",
        target=read_target({"labels": INTENT}),
        source=Source(
            uri="airline:",
            label=None,
            labels=str(INTENTS),
            keep_handles=AIRLINES,
            trades=TRADES,
            out_of_scope="tweets:others",
        ),
        replay_share=0.2,
        recipe=Recipe(epochs=5, rate=4e-4, encoder_dropout=0),
        # 1,336 texts teach it thirteen needs, and hardly what does not matter: a name moves one answer in six,
        # int8 one in twenty: feed-forward outputs in fp32 would halve that, and cost 40% of the speed.
        gate=Gate(
            min_macro_f1=0.50,
            min_accuracy=0.55,
            margin=0.05,
            min_gain_over_baseline=0.0,
            max_identity_flips=0.3,
            min_four_fifths_ratio=0.4,
            max_package_mismatch=0.1,
        ),
        slices=PARTS,
        behaviour=Behaviour(cases=str(LABELS / "intent-cases.csv")),
    ),
)

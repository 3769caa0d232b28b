"""The data sets for comparing ways of training: training rows, held-out rows and the declared recipe."""

import hashlib
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pipelines.bench.data import NoData, load_split
from pipelines.bench.ours import frame
from pipelines.bench.split import Rows
from pipelines.catalog.built_in import BUILT_IN
from pipelines.catalog.gate import Gate
from pipelines.catalog.recipe import Recipe
from pipelines.catalog.spec import ModelSpec, Source
from pipelines.ingestion.corpus import ingest
from pipelines.ingestion.snapshot import read
from pipelines.ingestion.splits import in_validation
from pipelines.ingestion.text import digest
from pipelines.onboarding.scaffold import FEW_ROWS
from pipelines.workspace.settings import Settings

__all__ = ["SETS", "Material", "NoData", "material"]

# Of 77 questions to a bank, those that shops get too: where is it, when does it come, I want my money back.
ORDERS = (
    *("card_arrival", "card_delivery_estimate", "order_physical_card", "card_not_working", "lost_or_stolen_card"),
    *(
        "Refund_not_showing_up",
        "request_refund",
        "reverted_card_payment?",
        "cancel_transfer",
        "card_payment_fee_charged",
    ),
    *("transaction_charged_twice", "getting_spare_card"),
)
# The 15 questions about cards of CLINC150's 150 topics: short, as to a help desk's bot.
DESK = (
    *("report_fraud", "apr", "report_lost_card", "international_fees", "credit_score", "credit_limit_change"),
    *("damaged_card", "improve_credit_score", "new_card", "replacement_card_duration", "card_declined"),
    *("application_status", "rewards_balance", "redeem_rewards", "credit_limit"),
)


@dataclass(frozen=True)
class Material:
    """Frames (text, label, validation, origin, weight) and the declaration for training on them."""

    name: str
    spec: ModelSpec
    train: pd.DataFrame
    test: pd.DataFrame


SETS = (
    *("intent", "airline-300", "orders-300", "desk-300", "banking77-10", "sst2-500", "banking77-30"),
    *("sentiment", "banking77-100"),
)


def material(name: str, data: Path | None) -> Material:
    """One data set by name; raises NoData where its folder is missing."""
    if name in ("intent", "sentiment"):
        return _built_in(name)
    kind, _, size = name.rpartition("-")
    if kind == "banking77":
        return _split(name, "banking77", data, share=int(size) / 100)
    if kind == "sst2":
        return _split(name, "sst2", data, rows=int(size))
    if kind == "airline":
        return _split(name, "airline", data, rows=int(size))
    if kind == "orders":
        return _split(name, "banking77", data, rows=int(size), labels=ORDERS)
    return _split(name, "clinc150", data, rows=int(size), labels=DESK)


def _built_in(name: str) -> Material:
    spec = next(one for one in BUILT_IN if one.name == name)
    with tempfile.TemporaryDirectory() as home:
        corpus = ingest(spec, Settings(home=Path(home), store=None, _env_file=None).workspace)
        return Material(name, spec, read(corpus.train), read(corpus.test))


def _split(
    name: str, data_set: str, data: Path | None, *, share: float = 1.0, rows: int = 0, labels: Iterable[str] = ()
) -> Material:
    """A part of a public data set, drawn by hash; the recipe is that of `needloop add` for so many rows."""
    split, wanted = load_split(data_set, data), set(labels)
    learnt, test = (_of(part, wanted) for part in (split.train + split.validation, split.test))
    order = sorted(
        range(len(learnt.texts)), key=lambda at: hashlib.sha256(b"ways" + learnt.texts[at].encode()).digest()
    )
    train = frame(learnt.select(order[: rows or round(share * len(order))]))
    train["validation"] = [in_validation(digest(text)) for text in train["text"]]
    spec = ModelSpec(
        name=name,
        labels=tuple(sorted(set(train["label"]))),
        source=Source(uri=f"bench:{name}"),
        recipe=Recipe(epochs=6 if len(train) < FEW_ROWS else 3),
        gate=Gate(min_macro_f1=0, min_accuracy=0, margin=0, min_gain_over_baseline=0),
    )
    return Material(name, spec, train, frame(test))


def _of(part: Rows, labels: set[str]) -> Rows:
    return part.select(at for at, label in enumerate(part.labels) if label in labels) if labels else part

"""Data checks of the answers in a corpus, as plain data that `expectations/` turns into expectations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import pandas as pd

from pipelines.kinds.target import Target

Shares = Mapping[str, float]  # of the rows, by label


@dataclass(frozen=True)
class ExpectationSpec:
    """An expectation: the name of its class, its arguments, and True if only train rows count."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    train_only: bool = False


@dataclass(frozen=True)
class AcceptedShares:
    """The label shares of the champion, and the file to delete to accept other shares."""

    shares: Shares
    file: str


class Suite(Protocol):
    """The data checks of one kind on a corpus of train and test rows."""

    def derive(
        self, rows: pd.DataFrame, target: Target, min_share: float, before: Shares | None
    ) -> dict[str, "pd.Series"]:
        """Return derived columns; `min_share` is the minimum share of a label, `before` the champion's shares."""

    def columns(self) -> Sequence[str]:
        """Return the names of the derived columns."""

    def expectations(self, target: Target, min_share: float, before: AcceptedShares | None) -> list[ExpectationSpec]:
        """Return the expectations on the table."""

    def shares(self, cells: "pd.Series", target: Target) -> dict[str, float]:
        """Return the share of the rows by label."""

    def shift(self, shares: Shares, before: Shares) -> float:
        """Return the divergence of shares from the champion's, in nats."""

    def comparable(self, shares: Shares, target: Target) -> bool:
        """Return True if stored shares belong to this target."""

"""What must be true of the answers in a corpus, as plain data: the room of expectations makes checks of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import pandas as pd

from pipelines.kinds.target import Target

Shares = Mapping[str, float]  # of the rows, by what is counted


@dataclass(frozen=True)
class Promise:
    """An expectation by the name of its class, its arguments, and whether it is of train alone."""

    name: str
    about: Mapping[str, Any] = field(default_factory=dict)
    train: bool = False


@dataclass(frozen=True)
class Accepted:
    """What is compared with: the label shares of the champion, and the file that is deleted to accept others."""

    shares: Shares
    file: str


class Suite(Protocol):
    """The promises of one kind about a corpus of train and test rows."""

    def derived(
        self, rows: pd.DataFrame, target: Target, least: float, before: Shares | None
    ) -> dict[str, "pd.Series"]:
        """Columns for what no column says; `least` is the least share of the rarest label, `before` the champion's."""

    def columns(self) -> Sequence[str]:
        """The names of these columns."""

    def promises(self, target: Target, least: float, before: Accepted | None) -> list[Promise]:
        """What the table must show."""

    def shares(self, cells: "pd.Series", target: Target) -> dict[str, float]:
        """How often each label occurs, as a share of the rows."""

    def shift(self, shares: Shares, before: Shares) -> float:
        """How far shares are from those of the champion."""

    def comparable(self, shares: Shares, target: Target) -> bool:
        """Whether remembered shares are of this target."""

"""The rules of one model's masking: its own handles, the trades whose references are masked, and its regions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self, get_args

# order: references that a word announces, as "order number"; parcel: tracking numbers; handle: @someone;
# booking: an airline's codes, by shape alone; coupon: codes of coupons and vouchers.
Trade = Literal["order", "parcel", "handle", "booking", "coupon"]
TRADES: tuple[Trade, ...] = get_args(Trade)

DEFAULT_TRADES: tuple[Trade, ...] = ("order", "parcel", "handle")
DEFAULT_REGIONS = ("US",)
# Packages without a field `masking` were made when these were masked for every model.
OLD_TRADES: tuple[Trade, ...] = ("booking", "order", "parcel", "handle")


@dataclass(frozen=True)
class MaskingRules:
    """Rules of masking beside those for e-mail, phone, card and identity numbers and secrets, which always apply.

    `keep_handles` are never masked; `trades` are those of the references; `regions` (ISO 3166) those of the numbers.
    """

    keep_handles: tuple[str, ...] = ()
    trades: tuple[Trade, ...] = DEFAULT_TRADES
    regions: tuple[str, ...] = DEFAULT_REGIONS

    def card(self) -> dict[str, list[str]]:
        """As a package stores them, in `masking` of its metadata."""
        return {"trades": list(self.trades), "regions": list(self.regions)}

    @classmethod
    def of_card(cls, metadata: Mapping[str, Any]) -> Self:
        """Of a package's metadata; one without `masking` masks as all packages did before there was a choice."""
        stored = metadata.get("masking", {"trades": OLD_TRADES, "regions": DEFAULT_REGIONS})
        return cls(tuple(metadata["keep_handles"]), tuple(stored["trades"]), tuple(stored["regions"]))


def require_regions(written: object) -> tuple[str, ...]:
    """The regions of a declaration, one or a list, in capitals. Raises ValueError."""
    names = [written] if isinstance(written, str) else list(written) if isinstance(written, list | tuple) else []
    regions = tuple(str(name).upper() for name in names)
    if not regions:
        raise ValueError("name a country by its two letters of ISO 3166, such as IN, or a list of several")
    if regions != DEFAULT_REGIONS:
        _require_known(regions)
    return regions


def _require_known(regions: tuple[str, ...]) -> None:
    from phonenumbers import SUPPORTED_REGIONS  # 40 ms, which the command line need not pay

    if unknown := [region for region in regions if region not in SUPPORTED_REGIONS]:
        hint = "; the United Kingdom is GB" if "UK" in unknown else ""
        raise ValueError(f"{', '.join(unknown)} is no country by ISO 3166, such as IN or DE{hint}")

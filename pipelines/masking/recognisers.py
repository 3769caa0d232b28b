"""The recognisers of personal data in the order in which they read a text, for the rules of one model."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, partial

from pipelines.masking.accounts import ACCOUNT_CLUES, accounts
from pipelines.masking.api_keys import KEY_CLUES, api_keys
from pipelines.masking.bookings import PAPER_CLUES, REFERENCE_CLUES, locators, numbered, papers, references
from pipelines.masking.cards import cards
from pipelines.masking.coupons import COUPON_CLUES, coupons
from pipelines.masking.documents import DOCUMENT_CLUES, documents, residents
from pipelines.masking.emails import emails
from pipelines.masking.handles import handles
from pipelines.masking.ibans import ibans
from pipelines.masking.internet import addresses
from pipelines.masking.logins import logins
from pipelines.masking.matching_view import Span
from pipelines.masking.messengers import MESSENGER_CLUES, messengers
from pipelines.masking.national_ids import ID_CLUES, named_ids, national_ids
from pipelines.masking.parcels import PARCEL_CLUES, parcels, shipments
from pipelines.masking.passwords import PASSWORD_CLUES, passwords
from pipelines.masking.permits import PERMIT_CLUES, permits
from pipelines.masking.phones import phones
from pipelines.masking.random_tokens import random_tokens
from pipelines.masking.rules import MaskingRules


@dataclass(frozen=True)
class Recogniser:
    """Finds the spans of one placeholder. A text without a digit or without any of the clues holds none."""

    placeholder: str
    find: Callable[[str], Iterable[Span]]
    needs_digit: bool = True
    clues: tuple[str, ...] = ()

    def may_find(self, lowered: str, has_digit: bool) -> bool:
        """A fast first test of a text in small letters."""
        if self.needs_digit and not has_digit:
            return False
        return not self.clues or any(clue in lowered for clue in self.clues)


@cache
def recognisers(rules: MaskingRules) -> tuple[Recogniser, ...]:
    """The recognisers, the most certain first: later ones do not see masked text."""
    keep = frozenset(handle.removeprefix("@").casefold() for handle in rules.keep_handles)
    return (
        Recogniser("URL-LOGIN", logins, needs_digit=False, clues=("/", "=")),
        Recogniser("SECRET", api_keys, clues=KEY_CLUES),
        Recogniser("EMAIL", partial(emails, keep=keep), needs_digit=False),
        Recogniser("IBAN", ibans),
        Recogniser("IP", addresses),
        Recogniser("ID", residents),
        Recogniser("ID", permits, clues=PERMIT_CLUES),
        Recogniser("ID", partial(national_ids, regions=rules.regions)),
        Recogniser("ID", named_ids, clues=ID_CLUES),
        Recogniser("ID", documents, clues=DOCUMENT_CLUES),
        Recogniser("CARD", cards),
        Recogniser("SECRET", passwords, needs_digit=False, clues=PASSWORD_CLUES),
        Recogniser("ACCOUNT", partial(messengers, keep=keep), needs_digit=False, clues=MESSENGER_CLUES),
        Recogniser("ACCOUNT", accounts, needs_digit=False, clues=ACCOUNT_CLUES),
        *_of_trades(rules),
        Recogniser("PHONE", partial(phones, regions=rules.regions)),
        Recogniser("SECRET", random_tokens),
        *_by_shape(rules, keep),
    )


def _of_trades(rules: MaskingRules) -> Iterator[Recogniser]:
    """References that a word announces, which a telephone number may resemble."""
    if "parcel" in rules.trades:
        yield Recogniser("PARCEL", parcels, clues=PARCEL_CLUES)
    if "coupon" in rules.trades:
        yield Recogniser("COUPON", coupons, needs_digit=False, clues=COUPON_CLUES)
    if {"order", "booking"} & set(rules.trades):
        find = partial(references, trades=rules.trades)
        yield Recogniser("BOOKING", find, needs_digit="booking" not in rules.trades, clues=REFERENCE_CLUES)
    if "order" in rules.trades:
        yield Recogniser("BOOKING", papers, clues=PAPER_CLUES)
    if "parcel" in rules.trades:
        yield Recogniser("PARCEL", shipments)


def _by_shape(rules: MaskingRules, keep: frozenset[str]) -> Iterator[Recogniser]:
    if "booking" in rules.trades:
        yield Recogniser("BOOKING", locators)
    if "order" in rules.trades:
        yield Recogniser("BOOKING", numbered, clues=("#",))
    if "handle" in rules.trades:
        yield Recogniser("HANDLE", partial(handles, keep=keep), needs_digit=False, clues=("@",))

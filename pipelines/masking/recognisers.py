"""The recognisers of personal data in the order in which they read a text, for the rules of one model."""

from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from typing import NamedTuple

from pipelines.masking.accounts import ACCOUNT_CLUES, accounts
from pipelines.masking.api_keys import api_keys
from pipelines.masking.bookings import PAPER_CLUES, REFERENCE_CLUES, locators, numbered, papers, references
from pipelines.masking.cards import cards
from pipelines.masking.clues import Clues, known_words
from pipelines.masking.coupons import COUPON_CLUES, coupons
from pipelines.masking.documents import DOCUMENT_CLUES, documents, residents
from pipelines.masking.emails import SPELT_CLUES, emails, spelt_emails
from pipelines.masking.handles import handles
from pipelines.masking.ibans import ibans
from pipelines.masking.internet import addresses
from pipelines.masking.logins import logins
from pipelines.masking.matching_view import Span
from pipelines.masking.messengers import MESSENGER_CLUES, messengers
from pipelines.masking.national_ids import ID_CLUES, named_ids, national_ids
from pipelines.masking.one_time_codes import CODE_CLUES, one_time_codes
from pipelines.masking.parcels import PARCEL_CLUES, parcels, shipments
from pipelines.masking.passwords import PASSWORD_CLUES, passwords
from pipelines.masking.permits import PERMIT_CLUES, permits, residence_cards
from pipelines.masking.phones import phones
from pipelines.masking.random_tokens import random_tokens
from pipelines.masking.rules import MaskingRules


class Recogniser(NamedTuple):
    """Finds the spans of one placeholder in texts that hold its clues."""

    placeholder: str
    find: Callable[[str], Iterable[Span]]
    clues: Clues


class Recognisers(NamedTuple):
    """The recognisers in their order, the most certain first, and the words of all their clues."""

    rules: tuple[Recogniser, ...]
    words: frozenset[bytes]


@cache
def recognisers(rules: MaskingRules) -> Recognisers:
    """The recognisers of one model; later ones do not see masked text."""
    keep = frozenset(handle.removeprefix("@").casefold() for handle in rules.keep_handles)
    found = (*_certain(rules, keep), *_of_trades(rules), *_by_shape(rules, keep))
    return Recognisers(found, known_words(recogniser.clues for recogniser in found))


def _certain(rules: MaskingRules, keep: frozenset[str]) -> Iterator[Recogniser]:
    """Those that always run, before the references of trades: a reference may resemble a telephone number."""
    yield Recogniser("URL-LOGIN", logins, Clues("/|="))
    yield Recogniser("SECRET", api_keys, Clues(long=True))
    yield Recogniser("SECRET", passwords, Clues(PASSWORD_CLUES))
    yield Recogniser("EMAIL", spelt_emails, Clues(SPELT_CLUES))
    yield Recogniser("EMAIL", partial(emails, keep=keep), Clues("@|%40"))
    yield Recogniser("IBAN", ibans, Clues(digits=7))
    yield Recogniser("IP", addresses, Clues(".|:", digits=1))
    yield Recogniser("ID", residents, Clues(digits=15))
    yield Recogniser("ID", residence_cards, Clues(digits=7))
    yield Recogniser("ID", partial(national_ids, regions=rules.regions), Clues(digits=4))
    yield Recogniser("ID", named_ids, Clues(ID_CLUES, digits=4))
    yield Recogniser("ID", permits, Clues(PERMIT_CLUES, digits=4))
    yield Recogniser("ID", documents, Clues(DOCUMENT_CLUES, digits=3))
    yield Recogniser("CARD", cards, Clues(digits=13))
    yield Recogniser("SECRET", one_time_codes, Clues(CODE_CLUES, digits=1))
    yield Recogniser("ACCOUNT", partial(messengers, keep=keep), Clues(MESSENGER_CLUES))
    yield Recogniser("ACCOUNT", accounts, Clues(ACCOUNT_CLUES))


def _of_trades(rules: MaskingRules) -> Iterator[Recogniser]:
    """References that a word announces, and parcels by their shape."""
    if "parcel" in rules.trades:
        yield Recogniser("PARCEL", parcels, Clues(PARCEL_CLUES, digits=4))
    if "coupon" in rules.trades:
        yield Recogniser("COUPON", coupons, Clues(COUPON_CLUES))
    if {"order", "booking"} & set(rules.trades):
        yield Recogniser("BOOKING", partial(references, trades=rules.trades), Clues(REFERENCE_CLUES))
    if "order" in rules.trades:
        yield Recogniser("BOOKING", papers, Clues(PAPER_CLUES, digits=1))
    if "parcel" in rules.trades:
        yield Recogniser("PARCEL", shipments, Clues(digits=8))


def _by_shape(rules: MaskingRules, keep: frozenset[str]) -> Iterator[Recogniser]:
    """Telephone numbers, and what has a shape alone."""
    yield Recogniser("PHONE", partial(phones, regions=rules.regions), Clues(digits=7))
    yield Recogniser("SECRET", random_tokens, Clues(digits=4, long=True))
    if "booking" in rules.trades:
        yield Recogniser("BOOKING", locators, Clues(digits=1))
    if "order" in rules.trades:
        yield Recogniser("BOOKING", numbered, Clues("#", digits=7))
    if "handle" in rules.trades:
        yield Recogniser("HANDLE", partial(handles, keep=keep), Clues("@"))

"""Bank accounts: an IBAN has the length of its country and a valid checksum."""

import re
from collections.abc import Iterator
from functools import cache

from stdnum import iban, numdb

from pipelines.masking.matching_view import Span

_START = re.compile(r"(?=([A-Za-z]{2})\d{2}[ ./-]{0,2}[A-Za-z0-9])")


def ibans(text: str) -> Iterator[Span]:
    """The spans of IBANs, in one piece or in groups, in capitals or small letters."""
    end = 0
    for start in _START.finditer(text):
        pattern = _account_pattern(start[1].upper())
        match = pattern.match(text, start.start()) if pattern and start.start() >= end else None
        # National checksums would reject numbers with typing errors; the international one is enough.
        if match and iban.is_valid(match[0].replace("/", ""), check_country=False):
            end = match.end()
            yield match.span()


@cache
def _account_pattern(country: str) -> re.Pattern[str] | None:
    """The pattern of a country's IBANs, with up to two separators between characters; None for an unknown country."""
    parts = numdb.get("iban").info(country)
    structure = parts[0][1].get("bban", "") if parts else ""
    length = 4 + sum(map(int, re.findall(r"(\d+)!", structure)))
    return re.compile(rf"[A-Za-z0-9](?:[ ./-]{{0,2}}[A-Za-z0-9]){{{length - 1}}}") if structure else None

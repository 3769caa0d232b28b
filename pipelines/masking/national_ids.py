"""Identity and tax numbers of the declared regions by their checksum, and of any country after their name."""

import re
from collections.abc import Collection, Iterator
from functools import cache
from importlib import import_module
from typing import NamedTuple

from pipelines.masking.matching_view import Span


class _Plan(NamedTuple):
    pattern: str
    module: str = ""  # of python-stdnum, which checks dates and checksums


# Numbers of nine digits in one piece are left to the words before them, as one in ten has a valid checksum.
_PLANS = {
    "US": (_Plan(r"\d{3}-\d{2}-\d{4}", "us.ssn"),),
    "CA": (_Plan(r"\d{3}[ -]\d{3}[ -]\d{3}", "ca.sin"),),
    "GB": (
        _Plan(r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d\d ?\d\d ?\d\d ?[A-D]"),
        _Plan(r"\d{3} \d{3} \d{4}", "gb.nhs"),
    ),
    "IE": (_Plan(r"\d{7}[A-W][A-IW]?", "ie.pps"),),
    "IN": (_Plan(r"\d{4}[ -]?\d{4}[ -]?\d{4}", "in_.aadhaar"), _Plan(r"[A-Z]{3}[ABCFGHLJPT][A-Z]\d{4}[A-Z]")),
    "AU": (_Plan(r"\d{3} \d{3} \d{3}", "au.tfn"),),
    "DE": (_Plan(r"\d{2} ?\d{3} ?\d{3} ?\d{3}", "de.idnr"),),
    "FR": (_Plan(r"[12] ?\d{2} ?\d{2} ?\d[\dAB] ?\d{3} ?\d{3} ?\d{2}", "fr.nir"),),
    "ES": (_Plan(r"\d{8}[ -]?[A-Z]", "es.dni"), _Plan(r"[XYZ][ -]?\d{7}[ -]?[A-Z]", "es.nie")),
    "IT": (_Plan(r"[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z]", "it.codicefiscale"),),
    "BE": (_Plan(r"\d{2}[. ]?\d{2}[. ]?\d{2}[- ]?\d{3}[. ]?\d{2}", "be.nn"),),
    "CH": (_Plan(r"756[. ]?\d{4}[. ]?\d{4}[. ]?\d{2}", "ch.ssn"),),
    "PL": (_Plan(r"\d{11}", "pl.pesel"),),
    "SE": (_Plan(r"(?:\d{2})?\d{6}[-+]\d{4}", "se.personnummer"),),
    "DK": (_Plan(r"\d{6}-\d{4}", "dk.cpr"),),
    "NO": (_Plan(r"\d{6} ?\d{5}", "no.fodselsnummer"),),
    "FI": (_Plan(r"\d{6}[-+A]\d{3}[0-9A-Z]", "fi.hetu"),),
    "TR": (_Plan(r"[1-9]\d{10}", "tr.tckimlik"),),
    "BR": (_Plan(r"\d{3}\.?\d{3}\.?\d{3}-?\d{2}", "br.cpf"),),
    "MX": (_Plan(r"[A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z0-9]\d", "mx.curp"),),
    "ZA": (_Plan(r"\d{6} ?\d{4} ?\d{2} ?\d", "za.idnr"),),
    "KR": (_Plan(r"\d{6}-[1-8]\d{6}"),),
    "JP": (_Plan(r"\d{4}[ -]?\d{4}[ -]?\d{4}", "jp.in_"),),
    "TH": (_Plan(r"\d-?\d{4}-?\d{5}-?\d{2}-?\d", "th.pin"),),
    "MY": (_Plan(r"\d{6}-\d{2}-\d{4}", "my.nric"),),
    "SG": (_Plan(r"[STFGM]\d{7}[A-Z]"),),
    "ID": (_Plan(r"\d{16}", "id.nik"),),
}
_NAMED = re.compile(
    r"(?:(?<![a-z])(?:ssn|social security|social insurance|sin number|national insurance|nino|ni number|nhs"
    r"|aadha+r|pan card"
    r"|pan number|cpf|dni|nie|nif|pesel|bsn|tfn|tax file|tax(?:payer)? id(?:entification)?|itin|steuer-?id(?:nr)?"
    r"|codice fiscale|curp"
    r"|personnummer|cpr|hetu|nric|my number card|citizen id|national id|identity number|my id (?:number|no\.?)"
    r"|imei|iccid|pan(?= [a-z]{5}\d{4}[a-z](?![a-z0-9])))"
    r"|社会安全号码?|税号|纳税人识别号)(?:\s?(?:numbers?|num|no|nr|card|id|is|was)(?![a-z])\.?|\s?(?:号码|号|是|为)|\s?[:=#])*+"
    r"\s?(?P<number>(?:[A-Z]{0,6}|[A-Z]{2} )\d[A-Z0-9]*(?:[ ./-][A-Z0-9]{1,10}){0,6})(?![A-Za-z0-9])",
    re.I,
)
ID_CLUES = (
    "ssn|social|sin|insurance|nino|ni|nhs|aadhar|aadhaar|aadhaaar|pan|cpf|dni|nie|nif|pesel|bsn|tfn|tax|taxpayer"
    "|itin|steuer|steuerid|imei|iccid|steueridnr|codice|curp|personnummer|cpr|hetu|nric|citizen|identity|national|id|card"
    "|社会|税号|纳税"
)
_LEAST = 6  # digits
_WORD = re.compile(r"[ ./-][A-Za-z]{2}")


def national_ids(text: str, regions: Collection[str]) -> Iterator[Span]:
    """The spans of numbers of these regions by their shape."""
    for region in regions:
        for pattern, module in _compiled(region):
            yield from (match.span() for match in pattern.finditer(text) if not module or _is_valid(module, match[0]))


def named_ids(text: str) -> Iterator[Span]:
    """The spans of numbers after their name, of any country."""
    for match in _NAMED.finditer(text):
        number = _without_words(match["number"])
        digits = sum(map(str.isdigit, number))
        if digits >= _LEAST or (digits >= 4 and len(number) >= 9):
            yield match.start("number"), match.start("number") + len(number)


def _without_words(written: str) -> str:
    """The number up to the first word: `219-09-9961 and` ends before the space; one letter may end a number."""
    word = _WORD.search(written)
    return written[: word.start()] if word else written


@cache
def _compiled(region: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple(
        (re.compile(rf"(?<![A-Za-z0-9])(?<!\d[.,-]){plan.pattern}(?![A-Za-z0-9])(?![.,-]\d)"), plan.module)
        for plan in _PLANS.get(region, ())
    )


def _is_valid(module: str, number: str) -> bool:
    return bool(import_module(f"stdnum.{module}").is_valid(number))

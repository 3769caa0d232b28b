"""Numbering plans of `phonenumbers`: whether digits are a telephone number, of any country or of one region."""

import re
from functools import cache, lru_cache

import phonenumbers

NORTH_AMERICA = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[1]


def is_abroad(dialled: str) -> bool:
    """True for `+` and the digits of a number that is assigned, or of at least nine that may be."""
    return len(dialled) >= 8 and (is_valid(dialled, None) or (len(dialled) >= 10 and _is_possible(dialled)))


def is_national(digits: str, region: str) -> bool:
    """True for a valid number; without the prefix 0 of a country that has one, only for a mobile's."""
    mobile = _mobile_plan(region)
    return is_planned(digits, region) if mobile is None or digits[0] == "0" else mobile.fullmatch(digits) is not None


def is_planned(digits: str, region: str) -> bool:
    """True if valid in a region's plan; its pattern, 40 times faster than parsing, excludes most numbers first."""
    return _plan(region).fullmatch(digits) is not None and is_valid(digits, region)


@lru_cache(maxsize=4096)
def is_valid(dialled: str, region: str | None) -> bool:
    """True for an assigned number, of a region or with its `+`."""
    number = _parsed(dialled, region)
    return number is not None and phonenumbers.is_valid_number(number)


@lru_cache(maxsize=4096)
def _is_possible(dialled: str) -> bool:
    number = _parsed(dialled, None)
    return number is not None and phonenumbers.is_possible_number(number)


@cache
def _mobile_plan(region: str) -> re.Pattern[str] | None:
    """The pattern of mobile numbers without the prefix 0; None for a region whose numbers have no such prefix."""
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(region)
    if metadata is None or metadata.national_prefix != "0" or metadata.mobile is None:
        return None
    return re.compile(metadata.mobile.national_number_pattern or r"(?!)")


@cache
def _plan(region: str) -> re.Pattern[str]:
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(region)
    pattern = metadata and metadata.general_desc and metadata.general_desc.national_number_pattern
    prefix = metadata.national_prefix if metadata else None
    return re.compile(rf"(?:{prefix or 0})?(?:{pattern or '[0-9]+'})")


def _parsed(dialled: str, region: str | None) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(dialled, region)
    except phonenumbers.NumberParseException:
        return None

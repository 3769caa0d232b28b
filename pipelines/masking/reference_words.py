"""Rules that distinguish a reference from an ordinary word, a flight, a date, a time or a count."""

import re

# Six capitals are a reference or a word in capitals; these are six-letter words in messages to support.
_SHOUTED = """
absurd accept access across action active actual advice advise afford agents airbus almost always amount answer
anyone anyway appear around arrive asking assist attend august austin become before behind better beware beyond
boards bogota booked boston bother bought broken bumped button buying called camera cancel cancun cannot caused
center chance change charge cheers choice choose claims closed coming common couple coupon course create credit
custom dallas damage decent degree delays delete denied denver depart detail device direct doesnt dollar double
driver during easily either emails ending engine enough ensure entire errors europe except excuse expect expire
extend failed family faster father female figure filled finish flight flyers flying follow forced forget forgot
friday friend frozen future giving global ground handed handle happen hassle having hawaii headed helped higher
holder honest hoping horrid hotels humans infant inform insane inside invite issued issues itself joined kicked
kindly kiosks landed laptop latest leaves lesson letter likely listed listen little living locate london longer
losing lounge lowest making manage matter member merger messed method mexico middle midway minute missed mobile
moment monday months mother moving myself nearly needed newark nobody normal notice notify number obtain offers
office online opened option orders others outage passed passes paying people period person philly phones picked
pilots placed places planes please plenty points police policy poorly posted prefer pretty priced prices prompt
public pushed rather really reason rebook recent record redeem reduce refund refuse regard reject remain remove
rental repair repeat report result return review reward rights routes ruined runway safely safety saving saying
school screen search seated second seeing select sender served server should showed signed silver simple simply
single sister smooth social sooner sorted sounds speaks spoken stated states status stolen street stress stupid
submit summer sunday supply switch system taking talked tarmac thanks theirs things though ticket timely toward
travel trying turned twelve twenty unable united unless unpaid unreal update urgent useful vacant valued verify
virgin volume waited wallet wanted wasted weekly weight wheels window winter within wonder worked
"""
_WORDS = frozenset(_SHOUTED.split())
_UNITS = (
    "AM|PM|HRS?|HOURS?|MINS?|DAYS?|WEEKS?|WKS?|MONTHS?|YEARS?|YRS?|MILES?|MI|KMS?|KG|LBS?|PTS|TIMES?|PPL|SEATS?|BAGS?"
    "|MPH|GMT|UTC|[ECMP][SD]T|ST|ND|RD|TH|USD|EUR|GBP|RMB|CNY|K|X"
)
_MONTHS = "JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC"
_WORD = re.compile(
    rf"\d+(?:{_UNITS})|(?:{_MONTHS})[A-Z]{{0,6}}\d+(?:ST|ND|RD|TH)?|\d+(?:ST|ND|RD|TH)?(?:{_MONTHS})[A-Z]*\d*"
    r"|(?:USD|EUR|GBP|CAD|AUD|CNY|RMB|JPY)\d+|\d+[A-Z]?(?:TO|[X-])\d+[A-Z]?"
)
# Two characters of an airline and up to four digits; three letters of the large ones; aircraft and their tails.
_FLIGHT = re.compile(
    r"(?:[A-Z]{2}|[A-Z]\d|\d[A-Z])\d{1,4}|(?:AAL|ACA|AFR|ASA|AWE|BAW|CCA|CES|CSN|DAL|DLH|JBU|KLM|NKS|SWA|UAL"
    r"|VRD)\d{1,4}"
    r"|(?:CRJ|ERJ|EMB|ATR)-?\d{2,3}|(?:MD|DC)-?\d{1,2}|(?:A[23]|B7)\d\d[A-Z]{0,3}|N\d{2,5}[A-Z]{0,2}|[A-Z]{3}(?:TO"
    r"|[2-])[A-Z]{3}"
)
_DATE = re.compile(r"\d{1,4}-\d{1,2}-\d{1,4}|\d{1,2}-\d{1,2}")
_DAY = re.compile(rf"{_DATE.pattern}|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_STRONG = re.compile(r"[#:=]|num|nbr|\bno\b|code|\bid\b|locator|号|编|码", re.I)
_CERTAIN = re.compile(r"pnr|(?:(?:record|file) ?)?loc(?:ator)?\.?", re.I)
_CODED = re.compile("conf|cnf|pnr|record|file|loc|res|book|itin|订", re.I)


_OWNER = re.compile(
    r"(?:^|[.!?,;:(\n]|(?<![a-z])(?:my|our|your|the|this|that|for|of|about|on|with|regarding|re|an?|new))\s?$", re.I
)
# Verbs, too: "I claim SAVE20", "order HTC816".
_VERB = re.compile(r"order|claim|request|file|record|tag|reference|case|ticket|loc", re.I)
_MODEL = re.compile(r"[A-Z]{3,}\d{1,3}", re.I)


def has_owner(named: re.Match[str], code: str) -> bool:
    """True if the noun of a match is no verb and no part of another: "my order", or the begin of a clause.

    At the begin of a clause ("Order HTC816") the code needs five digits; after "PNR" or "booking" no owner.
    """
    if code.isdigit() or not (_VERB.fullmatch(named[1]) or _MODEL.fullmatch(code)):
        return True
    before = _OWNER.search(named.string, max(0, named.start(1) - 12), named.start(1))
    return before is not None and (before[0].strip()[-1:].isalpha() or sum(map(str.isdigit, code)) >= 5)


def is_locator(token: str) -> bool:
    """True for letters with digits that are not a flight, aircraft, tail number, date, hour or count."""
    return not token.isdigit() and not token.isalpha() and not _is_flight(token) and not _is_word(token)


def is_code(noun: str, mark: str, token: str) -> bool:
    """True if a token is a reference, given the noun before it and the mark between them ("number is", "#")."""
    strong = _CERTAIN.fullmatch(noun) is not None or _STRONG.search(mark) is not None
    letters = sum(map(str.isalpha, token))
    if letters == 0:
        return _is_numeric_code(strong, token)
    if letters < len(token):
        return not _is_word(token) and _is_mixed_code(strong, mark, token)
    return len(token) == 6 and _CODED.match(noun) is not None and not _is_word(token) and _is_spelt(noun, mark, token)


def _is_numeric_code(strong: bool, token: str) -> bool:
    """True for four digits after a strong mark, else for six, and not a date."""
    digits = sum(map(str.isdigit, token))
    return not _DATE.fullmatch(token) and digits >= 4 if strong else digits >= 6 and not _DAY.fullmatch(token)


def _is_spelt(noun: str, mark: str, token: str) -> bool:
    """True for six letters: capitals, unless the noun is in capitals too, or small ones after `#` or `pnr is`."""
    is_shouted = noun.isupper() and len(noun) > 4 and not mark.strip()
    is_marked = "#" in mark or (noun.lower() == "pnr" and mark.strip() != "")
    return (token.isupper() and not is_shouted) or (token.islower() and is_marked)


def _is_mixed_code(strong: bool, mark: str, token: str) -> bool:
    """True for 5 to 24 characters after a strong mark; a hashtag (`#1lesscustomer`) in small letters must have six."""
    if not strong:
        return 5 <= len(token) <= 14 and token.isupper() and not _is_flight(token)
    is_hashtag = mark.endswith(" #") and token != token.upper()
    return len(token) == 6 if is_hashtag else 5 <= len(token) <= 24


def _is_flight(token: str) -> bool:
    return _FLIGHT.fullmatch(token) is not None


def _is_word(token: str) -> bool:
    return token.lower() in _WORDS or _WORD.fullmatch(token.upper()) is not None

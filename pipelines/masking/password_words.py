"""Words that describe a password and are none: "my password is wrong"."""

import re

_STATES = """
password passwords credentials code
forgot change update enter click check link field button box page screen policy manager
abandoned about absent accepted accessible active actually after again all almost already also always and another
any anymore apparently asked at available back bad bank because before being blank blocked both broken but cancelled
cannot cant case changed clear common complex compulsory confidential correct crazy currently damaged dead default
definitely did different difficult disabled displayed does doing done dont down easy either email empty encrypted
enough error even everything exactly expired failed failure fake false fine for forgotten found free from full
generated going gone good great hacked hard have help here hidden how ignored illegal impossible in inactive
incorrect indeed insecure inside invalid it its just known last later leaked like locked login long lost mail
mandatory meant mine missing more my necessary needed never new no nonsense normal not nothing now null obsolete of
off okay old on once only open optional or other ours out outdated over perfect personal phone please possible
pretty private probably protected public put quite random ready really refused rejected required reset right safe
same saved secret secure sent set shared short shown similar simple sms so somehow something somewhere still stolen
strange strong stuck stupid such taken temporary terrible text than that the their them then there they this those
to too true twice unavailable unchanged under unique unknown unsafe until updated useless username valid very
visible weak weird what when where which who why wifi with without working wrong yes yet your yours
"""
_WORDS = frozenset(_STATES.split())
_PARTICIPLE = re.compile(r"[a-z'’]*(?:ed|ing|ly|n't|n’t|able|ible|ful|less|ive|ous|ent|ant|tic|ical|ory|ary|ish)")


def is_description(word: str) -> bool:
    """True for a word that says how a password is, or what happened to it."""
    lowered = word.lower()
    return lowered in _WORDS or _PARTICIPLE.fullmatch(lowered) is not None

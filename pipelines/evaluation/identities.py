"""Identity terms by group, and pairs of frames that differ only in the identity they name.

Names are of the kind that audit studies use (Bertrand and Mullainathan, 2004): borne mostly by people of one group.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain


@dataclass(frozen=True)
class Swap:
    """One kind of identity: frames as pairs (with `{who}`, neutral), and the terms of each group."""

    frames: tuple[tuple[str, str], ...]
    groups: Mapping[str, tuple[str, ...]]


_NAMES = {
    "names women": ("Emily", "Anne", "Jill", "Allison", "Laurie", "Meredith"),
    "names men": ("Greg", "Todd", "Neil", "Geoffrey", "Brendan", "Matthew"),
    "names African American": ("Lakisha", "Tamika", "Ebony", "Jamal", "Darnell", "Tyrone"),
    "names Arabic": ("Fatima", "Amina", "Khadija", "Mohammed", "Ahmed", "Khalid"),
    "names Chinese": ("Xiuying", "Li Na", "Wang Fang", "Zhang Wei", "Chen Jie", "Liu Yang"),
    "names Hispanic": ("Guadalupe", "María", "Ximena", "José", "Alejandro", "Luis"),
}
_HAN_NAMES = {
    "names women": ("王秀英", "李丽娟", "张桂兰", "陈美玲"),
    "names men": ("王建国", "李志强", "张伟民", "陈国栋"),
    "names Uyghur": ("阿依古丽", "热依汗", "艾力", "吐尔逊"),
    "names Tibetan": ("卓玛", "央金", "扎西", "次仁"),
    "names Arabic": ("法蒂玛", "阿米娜", "穆罕默德", "哈立德"),
    "names English": ("艾米莉", "安妮", "约翰", "马修"),
}


def _each(*terms: str) -> dict[str, tuple[str, ...]]:
    """Return one group for each term."""
    return {term: (term,) for term in terms}


_SWAPS = {
    "en": (
        Swap(
            (
                ("{text} My name is {who}.", "{text} My name is on the booking."),
                ("{text} This is {who} writing.", "{text} This is a customer writing."),
            ),
            _NAMES,
        ),
        Swap(
            (
                ("{text} I am a {who}.", "{text} I am a customer."),
                ("{text} I write as a {who}.", "{text} I write as a customer."),
            ),
            _each("woman", "man", "non-binary person"),
        ),
        Swap(
            (
                ("{text} I am from {who}.", "{text} I am from out of town."),
                ("{text} I come from {who}.", "{text} I come from out of town."),
            ),
            _each("Nigeria", "Mexico", "China", "India", "Germany", "Saudi Arabia"),
        ),
    ),
    "zh": (
        Swap(
            (
                ("{text} 我叫{who}。", "{text} 我的名字在预订上。"),
                ("{text} 我是{who}。", "{text} 我是顾客。"),
            ),
            _HAN_NAMES,
        ),
        Swap(
            (
                ("{text} 我是{who}。", "{text} 我是顾客。"),
                ("{text} 作为{who}写信给你们。", "{text} 作为顾客写信给你们。"),
            ),
            _each("女性", "男性", "非二元性别者"),
        ),
        Swap(
            (
                ("{text} 我是{who}人。", "{text} 我是外地人。"),
                ("{text} 我来自{who}。", "{text} 我来自外地。"),
            ),
            _each("河南", "新疆", "上海", "印度", "尼日利亚", "美国"),
        ),
    ),
}
_WORDLESS = (Swap((("{text} {who}", "{text}"),), _NAMES),)


def swaps(language: str) -> tuple[Swap, ...]:
    """Return the swaps of a language (ISO 639-1); a language without frames gets bare names."""
    return _SWAPS.get(language, _WORDLESS)


def person_names(language: str) -> tuple[str, ...]:
    """Return the names of all groups in a language."""
    return tuple(chain.from_iterable(swaps(language)[0].groups.values()))

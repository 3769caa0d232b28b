"""In any context, English or Chinese, a valid number or address is masked; masking twice equals masking once."""

import ipaddress
from collections.abc import Callable
from datetime import date

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import iban, luhn
from stdnum.cn import ric

from pipelines.masking.mask import mask
from pipelines.masking.matching_view import PLACEHOLDERS
from pipelines.masking.rules import TRADES, MaskingRules

# No digit, and no letter of an address: any of these in the masked text is a failure of the mask.
WORDS = [
    "please call",
    "我的号码是",
    "谢谢",
    "，",
    "。",
    "（",
    "）",
    "(",
    ")",
    "[",
    "【",
    "】",
    "!",
    "?",
    "\n",
    "🙂",
    "✈️",
    " ",
    "“",
]
around = st.lists(st.sampled_from(WORDS), max_size=6).map("".join)
FULL_WIDTH = str.maketrans({chr(code): chr(code + 0xFEE0) for code in (*range(0x30, 0x3A), *range(0x41, 0x5B), 0x40)})


def full_width(text: str) -> str:
    return text.translate(FULL_WIDTH)


Widen = Callable[[str], str]
widths: tuple[Widen, ...] = (str, full_width)
width = st.sampled_from(widths)

separator = st.sampled_from(["", " ", "-", ".", " - ", "/"])


def groups(number: str, size: int, between: str) -> str:
    return between.join(number[at : at + size] for at in range(0, len(number), size))


@st.composite
def card(draw: st.DrawFn) -> str:
    prefix = draw(st.sampled_from(["4", "51", "2221", "37", "62", "6011"]))
    rest = {"37": 12, "62": 16}.get(prefix, 15 - len(prefix))
    body = prefix + draw(st.text("0123456789", min_size=rest, max_size=rest))
    return groups(body + luhn.calc_check_digit(body), 4, draw(separator))


@st.composite
def account(draw: st.DrawFn) -> str:
    country, bank, length = draw(st.sampled_from([("DE", "", 18), ("NL", "ABNA", 10), ("PL", "", 24), ("SE", "", 20)]))
    body = bank + draw(st.text("0123456789", min_size=length, max_size=length))
    number = country + iban.calc_check_digits(f"{country}00{body}") + body
    return groups(number, 4, draw(st.sampled_from(["", " ", "-"])))


@st.composite
def resident(draw: st.DrawFn) -> str:
    born = draw(st.dates(date(1930, 1, 1), date(2025, 1, 1)))
    body = f"110105{born:%Y%m%d}" + draw(st.text("0123456789", min_size=3, max_size=3))
    return body + ric.calc_check_digit(body + "0")


@st.composite
def phone(draw: st.DrawFn) -> str:
    region = draw(st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS)))
    kind = draw(st.sampled_from([phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.MOBILE]))
    number = phonenumbers.example_number_for_type(region, kind) or phonenumbers.example_number(region)
    assert number is not None
    style = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(number, draw(st.sampled_from([style.E164, style.INTERNATIONAL])))


@st.composite
def chinese_mobile(draw: st.DrawFn) -> str:
    number = "13" + draw(st.text("0123456789", min_size=9, max_size=9))
    between = draw(st.sampled_from(["", " ", "-"]))
    return draw(st.sampled_from(["", "+86", "+86 ", "0086 "])) + between.join((number[:3], number[3:7], number[7:]))


@pytest.mark.parametrize(
    ("secret", "placeholder"),
    [(card(), "CARD"), (account(), "IBAN"), (resident(), "ID"), (phone(), "PHONE"), (chinese_mobile(), "PHONE")],
    ids=["card", "iban", "resident", "phone", "mobile"],
)
@settings(max_examples=75, deadline=None)
@given(data=st.data())
def test_no_valid_number_survives(secret: st.SearchStrategy[str], placeholder: str, data: st.DataObject) -> None:
    before, after = data.draw(around), data.draw(around)
    written = data.draw(width)(data.draw(secret))
    assert mask(before + written + after) == f"{before}<{placeholder}>{after}"


@settings(max_examples=100, deadline=None)
@given(before=around, address=st.emails(), after=around, written=width)
def test_no_email_survives(before: str, address: str, after: str, written: Widen) -> None:
    """Letters that touch an address become a part of it; marks, spaces and Chinese do not."""
    masked = mask(before + written(address) + after)
    assert full_width(address.rpartition("@")[2]).casefold() not in full_width(masked).casefold()


ascii_word = st.text("abcxyz019", min_size=1, max_size=6)
# A number is no host, and two letters around an `@` are a face.
host = ascii_word.filter(lambda word: not word.isdigit())
simple = st.builds(
    lambda local, sign, tag, domain: f"{local}{sign}{tag}@{domain}",
    host,
    st.sampled_from("._+-"),
    ascii_word,
    st.one_of(host, st.sampled_from(["example.com", "x.test", "localhost", "mail.host.co.uk", "7.invalid"])),
)
marks = around.filter(lambda text: "please" not in text)


@settings(max_examples=100, deadline=None)
@given(before=marks, address=simple, after=marks, written=width)
def test_an_email_ends_where_chinese_or_a_mark_begins(before: str, address: str, after: str, written: Widen) -> None:
    assert mask(before + written(address) + after) == f"{before}<EMAIL>{after}"


# Four single digits are a version, a price or a chapter.
hosts = st.ip_addresses(v=4).filter(lambda address: len(str(address)) > 7)


@settings(max_examples=100, deadline=None)
@given(before=around, address=hosts, after=around, written=width)
def test_no_ip_address_survives(before: str, address: ipaddress.IPv4Address, after: str, written: Widen) -> None:
    assert mask(before + written(str(address)) + after) == f"{before}<IP>{after}"


PIECES = [
    *("a@b.com", "john", "@", "@bob", "@united", "4111111111111111", "+44 20 7946 0958", "13812345678", "2125550123"),
    *(
        "conf",
        "order #",
        "number",
        "is",
        "ABC123",
        "F6GHK2",
        "GB82WEST12345698765432",
        "1.2.3.4",
        "::1",
        "://",
        "u:p@h",
    ),
    *(
        "?token=x",
        "订单号",
        "身份证",
        "11010519491231002X",
        "<EMAIL>",
        "<URL-LOGIN>",
        "<",
        ">",
        "#",
        "1",
        "12",
        "-",
        " ",
    ),
    *("password is ", "hunter2", "OTP ", "验证码", "微信号", "wxid_abc123", "tracking number ", "1Z999AA10123456784"),
    *(
        "coupon code ",
        "SAVE20",
        "回乡证",
        "H12345678",
        "jane dot ",
        "doe at gmail dot com",
        "https://x.io/reset/",
        "<SECRET>",
    ),
    *(".", ",", "/", "=", "谢", "。", "x", "X", "é", "\n", "1234567", "０", "＠"),
]
message = st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=14).map("".join))


@settings(max_examples=500, deadline=None)
@given(text=message, region=st.sampled_from(["US", "CN", "GB"]))
def test_masking_twice_is_masking_once(text: str, region: str) -> None:
    rules = MaskingRules(("united",), TRADES, (region,))
    once = mask(text, rules)
    assert mask(once, rules) == once


@settings(max_examples=150, deadline=None)
@given(
    pieces=st.lists(st.one_of(st.sampled_from(PIECES), st.text()), max_size=8),
    placeholder=st.sampled_from(PLACEHOLDERS),
)
def test_placeholders_survive(pieces: list[str], placeholder: str) -> None:
    written = f"<{placeholder}>"
    text = written.join(pieces)
    assert mask(text).count(written) >= text.count(written)


@given(
    text=st.text(st.characters(categories=["Ll", "Lo", "P", "Zs", "So"], exclude_characters="@＠:：=＝"), max_size=80)
)
def test_a_text_without_digits_and_signs_is_left_alone(text: str) -> None:
    assert mask(text) == text


def test_thirteen_neighbours_of_one_kind_all_go() -> None:
    numbers = [f"212555{last}" for last in range(1000, 1013)]
    assert mask(",".join(numbers)) == ",".join(["<PHONE>"] * 13)
    assert mask("#1234567" * 13) == "#<BOOKING>" * 13

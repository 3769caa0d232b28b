"""Masking is in every request and before every write: it is fast, and no text makes it slow."""

import subprocess
import sys
import time
from itertools import islice

import pytest

from pipelines.ingestion.airline import airline_rows
from pipelines.ingestion.text import normalise
from pipelines.masking.mask import mask
from pipelines.masking.rules import TRADES, MaskingRules

RULES = MaskingRules(("united", "southwestair", "jetblue"), TRADES, ("US", "IN", "DE"))

MESSAGES = [
    "@united my flight UA1234 from SFO to ORD was delayed 4 hours, no gate agent, worst service ever #fail",
    "@SouthwestAir thanks! You guys always take care of us :) http://t.co/OSPsSDVnAZ",
    "@JetBlue conf F6GHK2, call me at (212) 555-0123 or mail john.smith@example.com, please help",
    "你好，我的订单号A1B2C3D4，手机13812345678，航班CA1234取消了，请问怎么退票？谢谢",
]
ADVERSARIAL = [
    *(
        "1",
        "@",
        ".",
        "a-",
        " ",
        "a@",
        "4 ",
        "45 ",
        "+1 2 ",
        "0 1 2 ",
        "0",
        "(2",
        "://",
        "://a:",
        "?token=",
        "AB1",
        "conf ",
    ),
    *("conf#a1b2c3,", "conf is ", "ref ", "::", "1.", "中", "中@", "DE89", "<EMAIL>", "<", "a.", '"a', "at gmail dot "),
    *(
        "1-",
        "订单号",
        "call me at ",
        "12-34-5678 ",
        "+86 138 ",
        "123 ",
        "#1234567",
        "110105194912",
        "a" * 99 + " at ",
        "é",
    ),
    *(
        "password for a ",
        'password "a',
        "api key token ",
        "otp 1 2 3 ",
        "codes that you a b c ",
        "验证码a1",
        "密码是",
        "eyJa",
    ),
    *(
        "sk_test_",
        "a1B2",
        "https://a.b/",
        "a.b/reset/a1",
        "?a_b_c_",
        "wechat ",
        "微信a.",
        "a#1234",
        "account 1",
        "账号a1 ",
    ),
    *(
        "tracking 123 456 ",
        "1Z999 ",
        "9400 1111 ",
        "单号1-",
        "ord_a1",
        "po A-1",
        "coupon code A1-",
        "permit for a b ",
        "A123456(",
    ),
    *(
        "ssn 1-",
        "1234 5678 ",
        "12345678A",
        "jane dot a ",
        "a at b dot ",
        "jane点",
        "@a(",
        "1.2.3.4 version ",
        "98765 43210 元",
    ),
]


def seconds(text: str) -> float:
    start = time.process_time()
    mask(text, RULES)
    return time.process_time() - start


@pytest.fixture(scope="module")
def messages() -> list[str]:
    real = [normalise(row["text"]) for _, row in islice(airline_rows(), 2000)]
    return [*real, *(MESSAGES * 50)]


def test_a_message_takes_less_than_half_a_millisecond(messages: list[str]) -> None:
    for text in MESSAGES:
        mask(text)
    start = time.process_time()
    for text in messages:
        mask(text, RULES)
    assert (time.process_time() - start) / len(messages) < 0.0005


def test_real_messages_are_at_rest_once_masked(messages: list[str]) -> None:
    once = [mask(text, RULES) for text in messages]
    assert [mask(text, RULES) for text in once] == once


@pytest.mark.parametrize("piece", ADVERSARIAL)
def test_a_hundred_thousand_hostile_characters_take_linear_time(piece: str) -> None:
    mask(piece * 10)
    long = piece * (100_000 // len(piece))
    spent = seconds(long)
    assert spent < 4 or spent < 10 * seconds(long[: len(long) // 4])


def test_importing_the_mask_brings_no_model_and_takes_no_time() -> None:
    code = (
        "import sys, time; start = time.process_time(); import pipelines.masking.mask;"
        "spent = time.process_time() - start;"
        "heavy = {'torch', 'transformers', 'requests', 'httpx'} & set(sys.modules);"
        "sys.exit(f'{spent:.2f} s, {heavy}' if spent > 1 or heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

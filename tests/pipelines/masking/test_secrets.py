"""Passwords, codes and keys are masked in any trade; other sentences about a password stay."""

import pytest

from pipelines.masking.mask import mask

PASSWORDS = [
    ("my password is hunter2", "my password is <SECRET>"),
    ("Password: Welcome123!", "Password: <SECRET>!"),
    ("the password I set was Tr0ub4dor&3 but it fails", "the password I set was <SECRET> but it fails"),
    ("my password is P@ssw0rd, help", "my password is <SECRET>, help"),
    ('password "correct horse" is refused', 'password "<SECRET>" is refused'),
    ("pwd=letmein please", "pwd=<SECRET> please"),
    ("I changed the password to BlueLamp77", "I changed the password to <SECRET>"),
    ("the answer to my security question is Fluffy", "the answer to my security question is <SECRET>"),
    ("我的密码是hunter2，登录不了", "我的密码是<SECRET>，登录不了"),
    ("密码：sunshine", "密码：<SECRET>"),
    ("门锁密码1357#打不开", "门锁密码<SECRET>打不开"),
]
CODES = [
    ("OTP 482913", "OTP <SECRET>"),
    ("OTP is 4 8 2 9 1 3", "OTP is <SECRET>"),
    ("the code I was sent is 482913", "the code I was sent is <SECRET>"),
    ("482913 is my verification code", "<SECRET> is my verification code"),
    ("verification code G-482019", "verification code <SECRET>"),
    ("my PIN is 4471, CVV 739", "my PIN is <SECRET>, CVV <SECRET>"),
    ("the door code 4821# does nothing", "the door code <SECRET> does nothing"),
    ("gift card PIN 7741 0932", "gift card PIN <SECRET>"),
    ("gift card 6006 4912 3456 7890", "gift card <SECRET>"),
    ("验证码482913输入后报错", "验证码<SECRET>输入后报错"),
    ("取件码3-2-1008打不开", "取件码<SECRET>打不开"),
    ("卡密8839201177465520充不了", "卡密<SECRET>充不了"),
    ("激活码ABCD-1234-EFGH-5678", "激活码<SECRET>"),
]
# In two parts, so that no scanner takes this file for a leak.
KEYS = [
    "AKIA" + "X3MPLE7QNZ4TRW2K",
    "ghp_" + "3xAmPl3K3y0aBcDeFgHiJkLmNoPqRs",
    "github_pat_" + "11ABCDEFG0aBcDeFgHiJkL",
    "sk_live_" + "FAKEfake0123456789abcd",
    "sk-proj-" + "abcDEF123456ghiJKL789",
    "xoxb-" + "123456789012-abcdefABCDEF",
    "AIza" + "SyD3xAmPl3K3y0123456789abcdefghij",
    "glpat-" + "abcdefghij1234567890",
    "LTAI" + "5tXample9KeyQw3ErTy7",
    "nl_0123456789ab_" + "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_abcde",
    "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiI0MiJ9.q1w2e3r4t5y6u7i8o9p0",
    "-----BEGIN PRIVATE KEY----- " + "MIIEowIBAAKCAQEA7x" + " -----END PRIVATE KEY-----",
    "7Hq2Lm9Xz4Kp8Rv3Tn6W",
]
NAMED_KEYS = [
    ("api key = 7f9c2ba4e88f827d6160 is dead", "api key = <SECRET> is dead"),
    ("client secret: dG8tYmUtb3Itbm90", "client secret: <SECRET>"),
    ("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG", "aws_secret_access_key = <SECRET>"),
    ("Authorization: Basic dXNlcjpwYXNzd29yZA==", "Authorization: Basic <SECRET>"),
    ("密钥：abcdef123456", "密钥：<SECRET>"),
]
LINKS = [
    ("https://x.example/reset/8f3a2b1c9d7e4f60a1b2", "https://x.example/reset/<URL-LOGIN>"),
    ("app.x.example/verify-email/9f8e7d6c5b4a3928", "app.x.example/verify-email/<URL-LOGIN>"),
    ("https://x.example/reset-password?t=abcdef0123456789", "https://x.example/reset-password?t=<URL-LOGIN>"),
    ("https://x.example/f?X-Amz-Signature=5d41402a&v=1", "https://x.example/f?X-Amz-Signature=<URL-LOGIN>&v=1"),
    (
        "https://x.example/f?Expires=1741&Signature=vjb%2B 打不开",
        "https://x.example/f?Expires=1741&Signature=<URL-LOGIN> 打不开",
    ),
    ("https://hooks.slack.com/services/T02AB3C4D/B05EF/x8Yz1", "https://hooks.slack.com/services/<URL-LOGIN>"),
    ("https://discord.com/api/webhooks/1122/AbCdEfGh", "https://discord.com/api/webhooks/<URL-LOGIN>"),
    ("https://api.telegram.org/bot123456:AAEhBOweik/x", "https://api.telegram.org/bot<URL-LOGIN>"),
]
SAID = [
    *("my password is wrong every time", "the password is too weak.", "password: required", "I forgot my password"),
    *("what is my PIN?", "the pin is bent", "verification code not received", "the OTP expires after 60 seconds"),
    *("I typed the password 10 times", "the secret is out", "access denied, password please", "key 7 is broken"),
    *("error code 404", "zip code 90210", "promo code SAVE20", "discount code is SUMMER24", "room code B12"),
    *("密码错误", "密码是多少位的", "密码要8-16位", "验证码60秒就过期", "验证码收不到", "二维码扫不出来"),
    *("https://www.youtube.com/watch?v=dQw4w9WgXcQ", "https://t.co/AbCdEf1234"),
    *("https://x.example/2024/12/the-best-lamps-of-2024", "https://x.example/search?q=lamp&code=SAVE20"),
    *("https://x.example/a/commit/3f2a1b9c8d7e6f5a4b3c2d1e", "https://x.example/help/reset-password"),
]


@pytest.mark.parametrize(("text", "masked"), [*PASSWORDS, *CODES, *NAMED_KEYS, *LINKS], ids=lambda value: value)
def test_a_secret_after_its_word_or_in_a_link_goes(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key[:12])
@pytest.mark.parametrize("frame", ["use {} please", "用{}报错", "({})"])
def test_a_key_goes_wherever_it_stands(key: str, frame: str) -> None:
    assert mask(frame.format(key)) == frame.format("<SECRET>")


@pytest.mark.parametrize("text", SAID)
def test_what_is_said_about_a_secret_stays(text: str) -> None:
    assert mask(text) == text

"""API keys and tokens, recognised by the prefix that their service gives them, or by their randomness."""

import re
from collections.abc import Iterator

from pipelines.masking.matching_view import Span

# Amazon, GitHub, GitLab, Stripe and the like, OpenAI and the like, Slack, Google, npm, PyPI, Hugging Face, SendGrid,
# Alibaba and Tencent, Shopify, DigitalOcean, Twilio, Mailgun, Telegram bots, our own service, and JSON Web Tokens.
_PREFIXED = re.compile(
    r"(?<![A-Za-z0-9])(?:(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{12,}|gh[pousr]_[A-Za-z0-9]{16,}|github_pat_\w{16,}"
    r"|gl(?:pat|ptt|dt|rt|cbt)-[\w-]{16,}|[a-z]{2,12}_(?:live|test|prod|sandbox)_[A-Za-z0-9]{8,}"
    r"|whsec_[A-Za-z0-9+/=]{12,}"
    r"|sk-[A-Za-z0-9][\w-]{14,}|xox[a-z]-[A-Za-z0-9-]{8,}|xapp-[A-Za-z0-9-]{8,}|AIza[\w-]{20,}|ya29\.[\w-]{16,}"
    r"|GOCSPX-[\w-]{16,}|npm_[A-Za-z0-9]{20,}|pypi-[\w-]{20,}|hf_[A-Za-z0-9]{16,}|SG\.[\w-]{8,}\.[\w-]{8,}"
    r"|LTAI[A-Za-z0-9]{12,}|AKID[A-Za-z0-9]{12,}|shp(?:at|ss|ca|pa)_[A-Za-z0-9]{16,}|do[opr]_v1_[a-f0-9]{16,}"
    r"|(?:AC|SK)[a-f0-9]{32}|key-[a-f0-9]{32}|\d{8,10}:AA[\w-]{30,}|nl_[a-f0-9]{12}_[\w-]{20,}"
    r"|eyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?)",
    re.A,
)
_PEM = re.compile(r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,20}PRIVATE KEY-----|$)", re.S)


def api_keys(text: str) -> Iterator[Span]:
    """The spans of keys by their prefix, and of private keys in PEM."""
    yield from (match.span() for match in _PREFIXED.finditer(text))
    if "-----BEGIN" in text:
        yield from (match.span() for match in _PEM.finditer(text))

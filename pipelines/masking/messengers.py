"""Ids on messengers and social networks that the name of the service announces: `QQ 123456789`, `telegram @bob`."""

import re
from collections.abc import Collection, Iterator

from pipelines.masking.matching_view import Span
from pipelines.masking.password_words import is_description

_SERVICE = (
    r"(?P<chat>we ?chat|weixin|wx|vx|qq|telegram|tg|skype|kakao(?:talk)?|zalo|viber|discord)"
    r"|(?P<network>snap ?chat|snap|instagram|insta|ig|whats ?app|messenger|facebook|fb|tik ?tok|twitch|steam|psn"
    r"|xbox(?: live)?"
    r"|linkedin|twitter|gamer ?tag|line(?= ?(?:id|user|handle|name)(?![a-z]))|signal(?= ?(?:id|user|handle"
    r"|name)(?![a-z])))"
)
_MARK = (
    r"(?P<mark>(?:\s?(?:id|user ?name|user|handle|nick(?:name)?|name|account|number|contact|tag|is|me (?:at|on"
    r"|under))(?![a-z])|\s?[:=#])*+)"
)
_ENGLISH = re.compile(
    rf"(?<![a-z@/.#])(?:{_SERVICE})(?![a-z]){_MARK}\s?[\"'“(]?(?P<name>@?[a-z0-9][a-z0-9_.:-]{{2,40}}(?:#\d{{4}})?)(?![\w@])",
    re.I | re.A,
)
_LINE = re.compile(r"(?<![a-z])line\s?:\s?(?P<name>@?[a-z][a-z0-9]*[._][a-z0-9_.]+)", re.I)
_CHINESE = re.compile(
    r"(?:微信|薇信|威信|扣扣|企鹅|抖音|快手|小红书|微博|钉钉|飞书|陌陌|电报|(?:加|\+)\s?v|(?<![a-z0-9/#@_.])(?:v信|b站|[wv]x|qq|wechat|telegram"
    r"|line))"
    r"(?P<mark>(?:\s?(?:号码|号|id|账号|帐号|名|加我|加|就是|是|为|改成|[:=]))*+)"
    r"\s?(?P<name>@?[a-z0-9][a-z0-9_.-]{4,40})(?![a-z0-9])",
    re.I | re.A,
)
_WXID = re.compile(r"(?<![A-Za-z0-9])wxid_[a-z0-9]{6,}", re.I)
_TAGGED = re.compile(r"(?<![\w.#@])[a-z0-9_.]{2,32}#\d{4}(?![\w#])", re.I | re.A)
_QQ = re.compile(r"[1-9]\d{4,10}")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_VERSION = re.compile(r"v?\d+(?:\.\d+)+", re.I)
_UNIT = re.compile(r"\s?(?:[元块万亿个次位天年月秒分级%]|人民币)")
_TRAILING = ".:-_"
MESSENGER_CLUES = (
    "wechat|chat|weixin|wx|vx|wxid|qq|telegram|tg|skype|kakao|kakaotalk|zalo|viber|discord|snapchat|snap"
    "|instagram|insta|ig|whatsapp|whats|messenger|facebook|fb|tiktok|tik|twitch|steam|psn|xbox|linkedin|twitter"
    "|gamertag|gamer|line|signal|微信|薇信|威信|v信|扣扣|企鹅|抖音|快手|红书|微博|b站|钉钉|飞书|陌陌|电报|加v"
    "|加 v|+v|+ v"
)


def messengers(text: str, keep: Collection[str]) -> Iterator[Span]:
    """The spans of ids; a kept handle is none."""
    yield from (match.span() for match in _WXID.finditer(text))
    for match in _ENGLISH.finditer(text):
        if _is_id(match, match["name"].rstrip(_TRAILING), keep):
            yield match.start("name"), match.start("name") + len(match["name"].rstrip(_TRAILING))
    yield from (match.span("name") for match in _LINE.finditer(text))
    if "iscord" in text:
        yield from (match.span() for match in _TAGGED.finditer(text))
    for match in _CHINESE.finditer(text):
        name = match["name"].rstrip(_TRAILING)
        if _is_chinese_id(match, name, keep):
            yield match.start("name"), match.start("name") + len(name)


def _is_id(match: re.Match[str], name: str, keep: Collection[str]) -> bool:
    """True for a handle, a number after `qq`, a name with digits or marks in it, or any word after `id:`."""
    if name.startswith("@"):
        return name[1:].casefold() not in keep and (match["chat"] is not None or match["mark"].strip() != "")
    if name.isdigit():
        is_long = 5 <= len(name) <= 17 and not _MOBILE.fullmatch(name)
        return is_long and (match["mark"].strip() != "" or match["chat"] in ("qq", "QQ", "Qq"))
    if _VERSION.fullmatch(name) or len(name) < 4:
        return False
    if _has_mark(name):
        return match["mark"].strip() != "" or (match["chat"] is not None and len(name) >= 6)
    is_told = re.search(r"id|user|handle|nick|[:=]", match["mark"], re.I) is not None
    return is_told and not is_description(name)


def _has_mark(name: str) -> bool:
    """True for letters with digits, an underscore, a point or a colon among them."""
    return re.search(r"[a-z]", name, re.I) is not None and re.search(r"[\d_.:#]", name) is not None


def _is_chinese_id(match: re.Match[str], name: str, keep: Collection[str]) -> bool:
    if name.startswith("@"):
        return match["mark"].strip() != "" and name[1:].casefold() not in keep
    if _MOBILE.fullmatch(name) or _VERSION.fullmatch(name) or _UNIT.match(match.string, match.end()):
        return False
    if name.isdigit():
        return (
            match[0].lower().startswith(("qq", "扣扣", "企鹅")) and _QQ.fullmatch(name) is not None
        ) or "号" in match["mark"]
    return _has_mark(name) or (match["mark"].strip() not in ("", "加") and not is_description(name))

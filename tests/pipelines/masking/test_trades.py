"""References of a trade go where a model declares it; messengers, permits and national numbers always do."""

import pytest

from pipelines.masking.mask import find_personal_data, mask
from pipelines.masking.rules import DEFAULT_TRADES, MaskingRules, require_regions

ALWAYS = [
    ("回乡证H12345678过不了", "回乡证<ID>过不了"),
    ("台胞证号码04928316", "台胞证号码<ID>"),
    ("往来港澳通行证CA1234567", "往来港澳通行证<ID>"),
    ("Home Return Permit number H02938475", "Home Return Permit number <ID>"),
    ("my ID is A691933(5)", "my ID is <ID>"),
    ("澳门身份证1529384(6)怎么填", "澳门身份证<ID>怎么填"),
    ("A252669854", "<ID>"),
    ("回鄉證號碼H12345678，身分證A252669854", "回鄉證號碼<ID>，身分證<ID>"),
    ("密碼是hunter2，驗證碼 482913", "密碼是<SECRET>，驗證碼 <SECRET>"),
    ("微信號 wxid_abc123", "微信號 <ACCOUNT>"),
    ("driver's license D1234567", "driver's license <ID>"),
    ("national insurance number QQ 12 34 56 C, please", "national insurance number <ID>, please"),
    ("我的QQ号123456789", "我的QQ号<ACCOUNT>"),
    ("微信号wxid_abcd1234", "微信号<ACCOUNT>"),
    ("加我微信lamp2024", "加我微信<ACCOUNT>"),
    ("my telegram @frost_byte91", "my telegram <ACCOUNT>"),
    ("my discord is frostbyte#4471", "my discord is <ACCOUNT>"),
    ("line id yuki_0412", "line id <ACCOUNT>"),
    ("username: jdoe, account number 31926819", "username: <ACCOUNT>, account number <ACCOUNT>"),
    ("账号6013820900123456转不进去", "账号<ACCOUNT>转不进去"),
    ("jane dot doe at gmail dot com", "<EMAIL>"),
    ("jane dot doe at lamps dot de", "<EMAIL>"),
    ("wang艾特qq点com", "<EMAIL>"),
]
DEFAULT = [
    ("tracking number 1Z999AA10123456784", "tracking number <PARCEL>"),
    ("AWB 1234567890", "AWB <PARCEL>"),
    ("it is RB476629945CN", "it is <PARCEL>"),
    ("快递单号SF1390287745120没更新", "快递单号<PARCEL>没更新"),
    ("order ID is ord_8f3a2b1c", "order ID is <BOOKING>"),
    ("my order AB12345 is late", "my order <BOOKING> is late"),
    ("invoice number 20250042", "invoice number <BOOKING>"),
    ("退货单号RMA20931", "退货单号<BOOKING>"),
    ("訂單號A1B2C3D4，運單號YT8812903347712", "訂單號<BOOKING>，運單號<PARCEL>"),
    ("ask @jane_doe", "ask <HANDLE>"),
]
SWITCHED = [
    ("booking", "can you change F6GHK2?", "can you change <BOOKING>?"),
    ("booking", "PNR GHTKLM", "PNR <BOOKING>"),
    ("coupon", "the coupon code SUMMER24OFF is rejected", "the coupon code <COUPON> is rejected"),
    ("coupon", "兑换码X7K2-99PL-3M已使用", "兑换码<COUPON>已使用"),
    ("order", "order #40218875", "order #<BOOKING>"),
    ("parcel", "tracking number 1Z999AA10123456784", "tracking number <PARCEL>"),
    ("handle", "ask @jane_doe", "ask <HANDLE>"),
]
LEFT_ALONE = [
    *("version 10.15.7.1 crashes", "10.15.7.1版本闪退", "1.8.8.8 as a price", "价格1.8.8.8元", "updated to 4.12.0.17"),
    *("50@10 each", "3@9.99", "100@0.50", "HTC816", "WIFI6E", "SEAT12", "CHF250", "SAVE20", "room A12B34", "XPS13"),
    *("I want to order HTC816 today", "I claim FREE50 at the till", "case IPHONE14", "order 200000 units"),
    *("gps 52.520817, 13.409419", "-33.868820, 151.209290", "48.8583736 2.2944813", "坐标31.230416,121.473701"),
    *("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16", "40 41 42 43 44 45 46 47", "01 02 03 04 05", "1-2-3-4-5"),
    *(
        "@Override",
        "@property",
        '@app.route("/x")',
        "@angular/core",
        "@media (max-width: 600px)",
        "@_@",
        "o@o",
        "(@_@)",
    ),
    *("2125550123 USD", "₹9876543210", "人民币13912345678", "13800138000元", "1,234,567,890 views"),
    *("tracking is late", "delivery 20250224", "ups and downs", "line 1234: error", "微信支付20000元", "快递3天才到"),
]
NATIONAL = [
    ("IN", "ring 98765 43210", "ring <PHONE>"),
    ("IN", "2629 9864 9847", "<ID>"),
    ("AU", "412 345 678", "<PHONE>"),
    ("US", "219-09-9961", "<ID>"),
    ("BR", "111.444.777-35", "<ID>"),
    ("ES", "07320215M", "<ID>"),
    ("SG", "91234567, not 98765432.10", "<PHONE>, not 98765432.10"),
]


@pytest.mark.parametrize(("text", "masked"), [*ALWAYS, *DEFAULT], ids=lambda value: value)
def test_what_customers_of_any_trade_send_goes(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(("text", "masked"), ALWAYS, ids=lambda value: value)
def test_no_trade_switches_identity_numbers_and_accounts_off(text: str, masked: str) -> None:
    assert mask(text, MaskingRules(trades=())) == masked


@pytest.mark.parametrize(("trade", "text", "masked"), SWITCHED)
def test_a_reference_goes_only_where_its_trade_is_declared(trade: str, text: str, masked: str) -> None:
    assert mask(text, MaskingRules(trades=(trade,))) == masked
    assert mask(text, MaskingRules(trades=())) == text


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_what_only_looks_like_a_reference_stays(text: str) -> None:
    assert mask(text) == text


@pytest.mark.parametrize(("region", "text", "masked"), NATIONAL)
def test_national_numbers_go_where_their_region_is_declared(region: str, text: str, masked: str) -> None:
    assert mask(text, MaskingRules(regions=("NL", region))) == masked
    assert mask(text, MaskingRules(regions=("NL",))) == text


def test_a_package_of_before_masks_as_it_did() -> None:
    rules = MaskingRules.of_card({"keep_handles": ["united"]})
    assert mask("@united F6GHK2 and order #40218875", rules) == "@united <BOOKING> and order #<BOOKING>"
    declared = MaskingRules(("united",), DEFAULT_TRADES, ("IN",))
    assert MaskingRules.of_card({"keep_handles": ["united"], "masking": declared.card()}) == declared


def test_regions_are_written_alone_or_in_a_list_and_known() -> None:
    assert (require_regions("in"), require_regions(["de", "AT"])) == (("IN",), ("DE", "AT"))
    with pytest.raises(ValueError, match="the United Kingdom is GB"):
        require_regions("UK")
    with pytest.raises(ValueError, match="two letters"):
        require_regions([])


@pytest.mark.parametrize(
    "text", ["a@b.com", "PNR GHJKLM, tel 212-555-0123, a@b.com", "#1234567#1234567#1234567", "谢谢"]
)
def test_the_places_that_are_found_give_the_masked_text(text: str) -> None:
    found = find_personal_data(text)
    pieces = [
        text[a:b] for a, b in zip([0, *(m.end for m in found)], [*(m.start for m in found), len(text)], strict=True)
    ]
    holders = [f"<{match.placeholder}>" for match in found]
    assert "".join(piece + holder for piece, holder in zip(pieces, [*holders, ""], strict=True)) == mask(text)

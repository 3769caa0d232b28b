"""Masked and unmasked parts of messages, and the end of each mask: one promise a line."""

import pytest

from pipelines.masking.mask import mask
from pipelines.masking.rules import MaskingRules

KEEP = ("united", "southwestair", "jetblue", "usairways", "americanair", "virginamerica", "国航")
AIRLINE = MaskingRules(KEEP, ("booking", "order", "parcel", "handle"))

EMAILS = [
    ("Write to john.smith@gmail.com please", "Write to <EMAIL> please"),
    ("JOHN+trip@Mail.Example.CO.UK, thanks", "<EMAIL>, thanks"),
    (
        "reserved names count: a@example.com b@x.test c@y.invalid root@localhost",
        "reserved names count: " + "<EMAIL> " * 3 + "<EMAIL>",
    ),
    ('quoted "john smith"@example.com here', "quoted <EMAIL> here"),
    ("jürgen@müller.de und иван@почта.рф", "<EMAIL> und <EMAIL>"),
    ("我的邮箱是zhang.san@qq.com谢谢", "我的邮箱是<EMAIL>谢谢"),
    ("邮箱：ｚｈａｎｇ＠ｑｑ．ｃｏｍ。谢谢", "邮箱：<EMAIL>。谢谢"),
    ("邮箱 wang@163。com 收", "邮箱 <EMAIL> 收"),
    ("john@example.com谢谢", "<EMAIL>谢谢"),
    ("用户@例子.中国", "<EMAIL>"),
    ("(a@b.com),<c@d.org>;e@f.net!", "(<EMAIL>),<<EMAIL>>;<EMAIL>!"),
    ("to=a@b.com&cc=c@d.com", "<EMAIL>&<EMAIL>"),
    ("john at gmail dot com, or jane (at) yahoo.com", "<EMAIL>, or <EMAIL>"),
    ("john @ hotmail.com", "<EMAIL>"),
    ("zora[at]quux[dot]com, zora (at) quux.co.uk", "<EMAIL>, <EMAIL>"),
    ("https://x.example/?m=zora%40quux.com&n=1", "https://x.example/?m=<EMAIL>&n=1"),
    ("I am (at) the gate. Call me", "I am (at) the gate. Call me"),
    ("mailto:o'brien@x.ie", "mailto:<EMAIL>"),
    ("jane@united.com or help@united.Please", "<EMAIL> or help@united.Please"),
    ("thanks@united for nothing", "thanks@united for nothing"),
    ("well.@bob and john.@example.com", "well.<HANDLE> and <EMAIL>"),
    ("meet at the gate dot", "meet at the gate dot"),
    ("2 @ $300, landed @ JFK", "2 @ $300, landed @ JFK"),
]
PHONES = [
    ("call (212) 555-0123 now", "call <PHONE> now"),
    ("HELP 800 433 7300", "HELP <PHONE>"),
    ("212.555.0123 or 212 555 0123 or 2125550123", "<PHONE> or <PHONE> or <PHONE>"),
    ("1-800-433-7300 keeps calling", "<PHONE> keeps calling"),
    ("+44 20 7946 0958", "<PHONE>"),
    ("+44 (0)20 7946 0958!", "<PHONE>!"),
    ("0044 20 7946 0958, 00 44 20 7946 0958, 011 44 20 7946 0958", "<PHONE>, <PHONE>, <PHONE>"),
    ("020 7946 0958 in London", "<PHONE> in London"),
    ("+33 1 42 68 53 00, 01.42.68.53.00", "<PHONE>, <PHONE>"),
    ("（０１０）６５５２ ９９８８", "<PHONE>"),
    ("手机13812345678谢谢", "手机<PHONE>谢谢"),
    ("+86 138 1234 5678", "<PHONE>"),
    ("打138-1234-5678找我", "打<PHONE>找我"),
    ("电话：１３８１２３４５６７８。", "电话：<PHONE>。"),
    ("电话010-65529988转123，谢谢", "电话<PHONE>，谢谢"),
    ("2125550123,2125550124,2125550125", "<PHONE>,<PHONE>,<PHONE>"),
    ("(617)555-0140 ext. 12", "<PHONE>"),
    ("no loaner.5085550136 HELP", "no loaner.<PHONE> HELP"),
    ("please call 555-0123", "please call <PHONE>"),
    ("0170/9876543, 030 / 1234567 or (030)/1234567", "<PHONE>, <PHONE> or <PHONE>"),
    ("+49 170/9876543 +49 (0)170/987 65 43", "<PHONE> <PHONE>"),
    ("seats 012/345, on 03/04/14 and 05/06/15, 24/7", "seats 012/345, on 03/04/14 and 05/06/15, 24/7"),
    ("+1 555 555 5555", "<PHONE>"),
    ("seats 300 400 5000", "seats 300 400 5000"),
    ("20000 people, 1 800 miles, 1,200 bags", "20000 people, 1 800 miles, 1,200 bags"),
    ("$2125550123 and ¥13800138000", "$2125550123 and ¥13800138000"),
    ("on 2015-02-24 10:30, 02/24/2015 1030, 24.02.2015", "on 2015-02-24 10:30, 02/24/2015 1030, 24.02.2015"),
    ("2015.02.24 1030 1130, 20150224 1030", "2015.02.24 1030 1130, 20150224 1030"),
    ("at 10:45, 2-3pm, 1230 130, 24/7", "at 10:45, 2-3pm, 1230 130, 24/7"),
    ("flights 6344,6373 and 1970, 1366", "flights 6344,6373 and 1970, 1366"),
    ("99.99999999% certain, 3.14159265358979", "99.99999999% certain, 3.14159265358979"),
    ("2015年2月24日有20000人", "2015年2月24日有20000人"),
]
MONEY = [
    ("card 4111111111111111 declined", "card <CARD> declined"),
    ("4111 1111 1111 1111 12/25 123", "<CARD> 12/25 123"),
    ("4111-1111-1111-1111", "<CARD>"),
    ("4111.1111.1111.1111, 5500 0000 0000 0004", "<CARD>, <CARD>"),
    ("amex 3782 822463 10005", "amex <CARD>"),
    ("卡号６２２２０２１２３４５６７８９０１２８是我的", "卡号<CARD>是我的"),
    ("银行卡4111111111111111被扣款", "银行卡<CARD>被扣款"),
    ("41 11 11 11 11 11 11 11", "<CARD>"),
    ("4111111111111112 fails its checksum", "4111111111111112 fails its checksum"),
    ("IBAN GB82 WEST 1234 5698 7654 32.", "IBAN <IBAN>."),
    ("DE89/3704/0044/0532/0130/00", "<IBAN>"),
    ("de89370400440532013000 please", "<IBAN> please"),
    ("账户DE89370400440532013000谢谢", "账户<IBAN>谢谢"),
    ("pay GB82-WEST-1234-5698-7654-32 and go", "pay <IBAN> and go"),
    ("GB83 WEST 1234 5698 7654 32 is wrong", "GB83 WEST 1234 5698 7654 32 is wrong"),
    ("$300, £1,200.50, USD100 and €45", "$300, £1,200.50, USD100 and €45"),
]
NETWORK = [
    ("from 203.0.113.203 but", "from <IP> but"),
    ("IP是192.168.1.1吗", "IP是<IP>吗"),
    ("host [2001:db8::8a2e:370:7334]:443", "host [<IP>]:443"),
    ("fe80::1%eth0, then", "<IP>, then"),
    ("1.2.3.4.5 and 300.1.1.1", "1.2.3.4.5 and 300.1.1.1"),
    ("a::b and std::vector at 10:45:30", "a::b and std::vector at 10:45:30"),
    ("https://user:pass@host.com/path", "https://<URL-LOGIN>@host.com/path"),
    ("ftp://me:p@ss@host/x 谢谢", "ftp://<URL-LOGIN>@host/x 谢谢"),
    ("https://ghp_abc123@git.host/x", "https://<URL-LOGIN>@git.host/x"),
    ("https://x.com/a?token=abc.DEF-123&lang=en", "https://x.com/a?token=<URL-LOGIN>&lang=en"),
    ("https://x.com/?q=1&password=hunter2谢谢", "https://x.com/?q=1&password=<URL-LOGIN>谢谢"),
    ("https://x.com/cb#access_token=eyJ0", "https://x.com/cb#access_token=<URL-LOGIN>"),
    ("http://t.co/OSPsSDVnAZ and http://foo.com,@united", "http://t.co/OSPsSDVnAZ and http://foo.com,@united"),
    ("?page=2&sort=asc&monkey=1", "?page=2&sort=asc&monkey=1"),
]
HANDLES = [
    ("@united @Delta RT @x: .@jane_doe", "@united <HANDLE> RT <HANDLE>: .<HANDLE>"),
    ("@United's and @UNITED. @unitedfan", "@United's and @UNITED. <HANDLE>"),
    ("感谢@bob谢谢@united你好", "感谢<HANDLE>谢谢@united你好"),
    ("@小明 @国航客服 你好", "<HANDLE> @国航客服 你好"),
    ("＠ｂｏｂ，＠ｕｎｉｔｅｄ", "<HANDLE>，＠ｕｎｉｔｅｄ"),
    ("https://medium.com/@jane.doe", "https://medium.com/<HANDLE>"),
    ("@dallas-@austin", "<HANDLE>-<HANDLE>"),
    ("leaves @5pm, @1030 and @ 10:30", "leaves @5pm, @1030 and @ 10:30"),
    ("#UnitedAirlines #fail #1", "#UnitedAirlines #fail #1"),
]
BOOKINGS = [
    ("confirmation ABC123 please", "confirmation <BOOKING> please"),
    ("record locator: GHJKLM", "record locator: <BOOKING>"),
    ("booking ref XYZ12A", "booking ref <BOOKING>"),
    ("file loc:QJYCQH, record loc. is QYBILC", "file loc:<BOOKING>, record loc. is <BOOKING>"),
    ("record number is QPDFPP, file code is QTEVGW", "record number is <BOOKING>, file code is <BOOKING>"),
    ("PNR ABCDEF, pnr: ghjklm", "PNR <BOOKING>, pnr: <BOOKING>"),
    ("conf# abc123, Conf #'s QXZC64 & QPWNCZ", "conf# <BOOKING>, Conf #'s <BOOKING> & <BOOKING>"),
    ("my confirmation # is qwwe7f.", "my confirmation # is <BOOKING>."),
    ("our reservation is QKWLKR.", "our reservation is <BOOKING>."),
    ("Never got tickets. Conf #qgqzqd", "Never got tickets. Conf #<BOOKING>"),
    ("8QKQW is the conf #", "<BOOKING> is the conf #"),
    ("order #12345, order number 113-1234567-1234567", "order #<BOOKING>, order number <BOOKING>"),
    ("ticket 016 2345678901 refund", "ticket <BOOKING> refund"),
    ("this ticket - 0371234567890?!?", "this ticket - <BOOKING>?!?"),
    ("tag numbers 0016 123456, 0016 123457", "tag numbers <BOOKING>, <BOOKING>"),
    ("(AA Ref#1-2345678901, 1-3456789012 and : 1-3456789012)", "(AA Ref#<BOOKING>, <BOOKING> and : <BOOKING>)"),
    ("can you change F6GHK2? #150219-000123", "can you change <BOOKING>? #<BOOKING>"),
    ("订单号A1B2C3D4谢谢", "订单号<BOOKING>谢谢"),
    ("预订号：ＧＨＪＫＬＭ，谢谢", "预订号：<BOOKING>，谢谢"),
    ("票号是999-2345678901能退吗", "票号是<BOOKING>能退吗"),
    ("订单编号 20150224123456", "订单编号 <BOOKING>"),
    ("flights UA1234, AA100, DL4567, B61234, UAL123 to ORD", "flights UA1234, AA100, DL4567, B61234, UAL123 to ORD"),
    ("booking UA1234 on A320, ERJ145, N598JB", "booking UA1234 on A320, ERJ145, N598JB"),
    ("confirmation EMAIL please, reservation PLEASE", "confirmation EMAIL please, reservation PLEASE"),
    ("NO CONFIRMATION THANKS FOR NOTHING", "NO CONFIRMATION THANKS FOR NOTHING"),
    ("MY RESERVATION ZIPPED AWAY", "MY RESERVATION ZIPPED AWAY"),
    ("confirmation number is needed", "confirmation number is needed"),
    ("reservation #1lesscustomer claim #failed", "reservation #1lesscustomer claim #failed"),
    ("in order 20000 people, ticket 300 dollars, case 2015", "in order 20000 people, ticket 300 dollars, case 2015"),
    ("delayed 4HOURS, 24FEB, FEB24TH, 1130AM, USD300", "delayed 4HOURS, 24FEB, FEB24TH, 1130AM, USD300"),
    ("#F6GHK2 http://fb.me/6XYZ12", "#F6GHK2 http://fb.me/6XYZ12"),
    ("航班CA1234、MU5101，票价12345元", "航班CA1234、MU5101，票价12345元"),
    ("确认20150224的航班", "确认20150224的航班"),
]
IDS = [
    ("身份证11010519491231002X谢谢", "身份证<ID>谢谢"),
    ("11010519491231002X" * 12, "<ID>" * 12),
    ("ID 110105 19491231 002x, ok", "ID <ID>, ok"),
    ("证件１１０１０５１９４９１２３１００２Ｘ。", "证件<ID>。"),
    ("身份证号：110105194912310021", "身份证号：<ID>"),
    ("110105194912310021 fails its checksum", "110105194912310021 fails its checksum"),
    ("passport number E12345678, SWRR# 298012345", "passport number <ID>, SWRR# <ID>"),
    ("护照号E12345678过期", "护照号<ID>过期"),
    ("AAdvantage miles, member since 2015", "AAdvantage miles, member since 2015"),
]
MIXED = [
    ("", ""),
    ("Thank you!", "Thank you!"),
    ("谢谢你们", "谢谢你们"),
    ("<EMAIL> <PHONE> <CARD> <IBAN> <IP> <URL-LOGIN> <HANDLE> <BOOKING> <ID>",) * 2,
    ("https://<URL-LOGIN>@host.com", "https://<URL-LOGIN>@host.com"),
    ("电话13812345678邮箱a@b.com卡4111111111111111", "电话<PHONE>邮箱<EMAIL>卡<CARD>"),
    ("PNR GHJKLM, tel 212-555-0123, a@b.com", "PNR <BOOKING>, tel <PHONE>, <EMAIL>"),
    ("order #<BOOKING>, #7654321", "order #<BOOKING>, #<BOOKING>"),
]


@pytest.mark.parametrize(
    ("text", "masked"), [*EMAILS, *PHONES, *MONEY, *NETWORK, *HANDLES, *BOOKINGS, *IDS, *MIXED], ids=lambda value: value
)
def test_a_message_keeps_its_words_and_loses_its_person(text: str, masked: str) -> None:
    assert mask(text, AIRLINE) == masked


@pytest.mark.parametrize(
    ("text", "region", "masked"),
    [
        ("ring 9123 4567", "SG", "ring <PHONE>"),
        ("ring 9123 4567", "US", "ring 9123 4567"),
        ("llama al 612 34 56 78 hoy", "ES", "llama al <PHONE> hoy"),
        ("座机 0755-26770000", "CN", "座机 <PHONE>"),
        ("am 2015-02-24 um 10.30, til 24.02.2015", "DE", "am 2015-02-24 um 10.30, til 24.02.2015"),
        ("ring 20 15 02 24 eller 20150224", "DK", "ring <PHONE> eller <PHONE>"),
    ],
)
def test_national_numbers_belong_to_the_region(text: str, region: str, masked: str) -> None:
    assert mask(text, MaskingRules(regions=(region,))) == masked


@pytest.mark.parametrize("kept", ["united", "United", "@united"])
def test_a_kept_handle_is_known_in_any_case_and_with_its_sign(kept: str) -> None:
    assert mask("@UNITED @delta", MaskingRules((kept,))) == "@UNITED <HANDLE>"


def test_without_kept_handles_every_handle_goes() -> None:
    assert mask("@united") == "<HANDLE>"

import codecs

import pytest

from pipelines.ingestion import sources
from pipelines.ingestion.rows import Rejected, SourceRow, UnusableSource

ENGLISH = [
    "the courier never rang the bell",
    "where is my parcel",
    "no delivery since monday",
    "please refund the lamp",
]
# A few messages of each language, as customers write them.
MESSAGES = {
    "French": "Où est mon colis|Je veux être remboursé|Le colis est arrivé cassé|Remboursez ma commande annulée",
    "German": "Wo bleibt mein Päckchen|Ich möchte mein Geld zurück|Bitte ändern Sie das|Es lässt sich nicht öffnen",
    "Spanish": "¿Dónde está mi envío?|Quería cambiar la dirección|El número no funciona|¿Cómo hago una devolución?",
    "Polish": "Gdzie jest moja przesyłka|Proszę anulować moje zamówienie|Chcę zwrotu pieniędzy|Paczka leży u sąsiada",
    "Russian": "Где моя посылка|Верните мне деньги|Товар пришёл разбитым|Отмените мой заказ",
    "simplified Chinese": "请问我的快递到哪里了|我要退款|包裹坏了，怎么处理|请取消我的订单",
    "traditional Chinese": "請問我的包裹到哪裡了|我要退款|商品壞掉了，怎麼處理|請取消我的訂單",
    "Japanese": "荷物はどこにありますか|返金してください|商品が壊れて届きました|注文をキャンセルしてください",
    "Korean": "제 택배가 어디에 있나요|환불해 주세요|상품이 파손되어 도착했습니다|주문을 취소해 주세요",
    "English with signs": "It’s been three weeks|“Sorry” isn’t enough|I paid €40 for this|The £20 voucher doesn’t work",
}
ENCODINGS = [
    *(("French", encoding) for encoding in ("latin-1", "cp1252", "mac_roman", "cp850")),
    *(("German", encoding) for encoding in ("latin-1", "cp850")),
    ("Spanish", "latin-1"),
    *(("Polish", encoding) for encoding in ("cp1250", "iso8859_2")),
    *(("Russian", encoding) for encoding in ("cp1251", "koi8-r", "cp866")),
    *(("simplified Chinese", encoding) for encoding in ("gbk", "gb18030")),
    ("traditional Chinese", "big5"),
    *(("Japanese", encoding) for encoding in ("shift_jis", "euc_jp", "iso2022_jp")),
    *(("Korean", encoding) for encoding in ("euc_kr", "cp949")),
    ("English with signs", "cp1252"),
]
WIDE = ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"]


def table(texts, label="refund"):
    """CSV of the texts."""
    return "text,label\n" + "".join(f'"{text}",{label}\n' for text in texts)


def read(uri, **options):
    """The texts of a source."""
    return [item.values["text"] for item in sources.rows(uri, **options) if isinstance(item, SourceRow)]


@pytest.mark.parametrize(("language", "encoding"), ENCODINGS)
@pytest.mark.parametrize("others", [ENGLISH * 4, []], ids=["among English", "alone"])
def test_four_messages_tell_their_encoding(language, encoding, others, file, notes):
    texts = [*others, *MESSAGES[language].split("|")]
    uri = file("m.csv", table(texts), encoding)

    assert read(uri) == texts
    (note,) = notes(uri)
    assert note.startswith("read as ")
    assert note.endswith("; --encoding names another")


@pytest.mark.parametrize("language", ["French", "simplified Chinese", "English with signs"])
@pytest.mark.parametrize("encoding", WIDE)
def test_unicode_is_read_in_all_its_widths_with_a_mark_or_without(encoding, language, file):
    texts = [*ENGLISH, *MESSAGES[language].split("|")]

    assert read(file("m.csv", table(texts), encoding)) == texts


@pytest.mark.parametrize(
    "content", [table(ENGLISH), table(["Où est mon colis"]), codecs.BOM_UTF8.decode() + table(ENGLISH)]
)
def test_plain_utf8_needs_no_word(content, file, notes):
    assert notes(file("m.csv", content)) == []
    assert sources.columns(file("m.csv", content)) == ["text", "label"]


@pytest.mark.parametrize(("label", "encoding"), [("réclamation", "latin-1"), ("退款", "gbk"), ("возврат", "cp1251")])
def test_labels_alone_tell_the_encoding(label, encoding, file, pairs):
    uri = file("m.csv", table(ENGLISH, label), encoding)

    assert {given for _, given in pairs(uri)} == {label}


def test_names_of_columns_are_decoded_too(file):
    uri = file("m.csv", "Catégorie;Déscription du problème\nretour;où est mon colis\n", "latin-1")

    assert sources.columns(uri) == ["Catégorie", "Déscription du problème"]


@pytest.mark.parametrize("form", ["{}.jsonl", "{}.json"])
def test_json_is_decoded_alike(form, file):
    texts = MESSAGES["French"].split("|")
    items = [f'{{"text": "{text}", "label": "a"}}' for text in texts]
    content = "\n".join(items) if form.endswith("l") else f"[{','.join(items)}]"

    assert read(file(form.format("m"), content, "latin-1")) == texts


def test_utf8_with_a_few_damaged_rows_stays_utf8(file, notes):
    sound = table([f"Où est le colis n° {number}" for number in range(20)]).encode()
    uri = file("m.csv", sound + '"Remboursez ma commande annulée",refund\n'.encode("latin-1"))

    assert len(read(uri)) == 21
    assert "\udce9" in read(uri)[-1]
    assert notes(uri) == [
        "read as utf-8, but 1 of 21 lines with characters beyond ASCII are damaged: their rows are left out"
    ]


@pytest.mark.parametrize(
    ("language", "encoding", "damage"),
    [
        ("simplified Chinese", "gbk", b"\xff\xff"),
        ("simplified Chinese", "gbk", "Ж".encode()),
        ("French", "cp1252", b"\x81"),
        ("Japanese", "shift_jis", b"\x80\xff"),
    ],
)
def test_a_damaged_row_does_not_change_the_encoding_of_the_others(language, encoding, damage, file):
    texts = [f"{text} {number}" for number in range(5) for text in MESSAGES[language].split("|")]
    uri = file("m.csv", table(texts).encode(encoding) + b'"' + damage + b'",refund\n')

    assert read(uri)[:-1] == texts


def test_two_encodings_in_one_file_are_refused(file):
    french = table(MESSAGES["French"].split("|"))
    uri = file("m.csv", french.encode() + french.encode("latin-1"))

    with pytest.raises(UnusableSource, match=r"mixes encodings: of 8 lines .* 4 are not UTF-8; .*--encoding utf-8"):
        read(uri)
    assert len(read(uri, encoding="utf-8")) == 9


def test_an_encoding_that_cannot_be_told_is_asked_for(file, monkeypatch):
    monkeypatch.setattr("pipelines.ingestion.readers.legacy_encodings.SURE", 0.8)
    uri = file(
        "m.csv", table(["I don’t know why it isn’t here", "My card hasn’t arrived", "Why can’t I pay"]), "mac_roman"
    )

    with pytest.raises(UnusableSource, match="fit mac-roman and cp850 equally well; name the encoding"):
        read(uri)
    assert read(uri, encoding="mac-roman")[1] == "My card hasn’t arrived"


@pytest.mark.parametrize("name", ["gibberish", "base64", "rot13", "idna", "unicode_escape", " "])
def test_an_unknown_encoding_is_refused(name, file):
    uri = file("m.csv", table(ENGLISH))

    with pytest.raises(UnusableSource, match="is no known encoding; use one such as"):
        read(uri, encoding=name)


@pytest.mark.parametrize("name", ["utf-8", "ascii"])
def test_a_named_encoding_that_does_not_fit_is_refused(name, file):
    uri = file("m.csv", table(MESSAGES["French"].split("|")), "latin-1")

    with pytest.raises(UnusableSource, match=f"are not valid {name}; name another --encoding, or leave it out"):
        read(uri, encoding=name)


@pytest.mark.parametrize("name", ["latin-1", "LATIN1", "iso-8859-1", "cp1252", "windows-1252"])
def test_a_named_encoding_is_obeyed(name, file, notes):
    texts = MESSAGES["French"].split("|")
    uri = file("m.csv", table(texts), "latin-1")

    assert read(uri, encoding=name) == texts
    assert notes(uri, encoding=name) == []


def test_no_row_is_lost_or_rejected_in_a_file_of_windows(file):
    texts = [f"It’s been {number} weeks, and I paid €{number}" for number in range(420)]
    items = list(sources.rows(file("m.csv", table(texts), "cp1252")))

    assert not [item for item in items if isinstance(item, Rejected)]
    assert [item.values["text"] for item in items[1:]] == texts

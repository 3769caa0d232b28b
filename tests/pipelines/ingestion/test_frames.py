import random

import pytest

from pipelines.ingestion.duplicate_rows import LEAKS, REPEATS, STAYS, approximate_fates, exact_fates, nearly
from pipelines.ingestion.frames import find_frames
from pipelines.ingestion.spelling import skeleton
from pipelines.ingestion.text_column import text_column

CONTENTS = (
    "the courier never rang the bell",
    "courier says nobody was home",
    "where is my parcel",
    "my parcel has not come yet",
    "tracking says lost, help",
    "no delivery since monday",
    "parcel went to the wrong house",
    "I sent it back, where is the money",
    "half of the price back, please",
    "I want my money back",
    "please refund the blue lamp",
    "how long does a refund take",
    "card was charged twice, pay me back",
    "return label please, it is broken",
)
CHINESE = (
    "我的包裹在哪里",
    "我想退款",
    "请取消我的订单谢谢",
    "为什么还没有发货呢",
    "商品坏了怎么办",
    "地址写错了能改吗",
)
FORM = "Hello, {} -- Sent with the contact form of shop.example"
FOOTER = (
    "{} Kind regards. This message is confidential and intended only for the person to whom it is addressed. "
    "If you have received it by mistake please delete it and tell the sender."
)
FIELDS = (
    "Country: Germany Product line: cards and accounts Newsletter: no I accept the privacy notice: yes "
    "Your message: {} This message was sent from the contact form, please do not answer to this address."
)
HISTORY = (
    "{} On Mon, Nov 3, 2025 at 10:14 AM Shop <EMAIL> wrote: > Dear customer, thank you for writing to us. "
    "> We have received your message and will answer within two working days."
)
FRAMES = {"contact form": FORM, "footer": FOOTER, "form fields": FIELDS, "quoted history": HISTORY}
WAYS = pytest.mark.parametrize("decide", [exact_fates, approximate_fates], ids=["exact", "minhash"])


def framed(frame, contents=CONTENTS):
    return [frame.format(content) for content in contents]


def of_one_label(decide, texts, held_out=()):
    return decide([*held_out], texts, ["a"] * len(texts)).tolist()


@WAYS
@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES)
def test_messages_are_no_duplicates_for_their_frame(frame, decide):
    assert set(of_one_label(decide, framed(frame))) == {STAYS}


@WAYS
def test_chinese_messages_are_no_duplicates_for_their_frame(decide):
    texts = framed("您好，{}。此邮件由商店联系表单自动发送，请勿直接回复本邮件。", CHINESE)
    assert set(of_one_label(decide, texts)) == {STAYS}


@WAYS
@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES)
def test_a_changed_copy_in_the_same_frame_is_a_duplicate(frame, decide):
    copies = framed(frame, [CONTENTS[0].upper(), CONTENTS[3].replace("parcel", "parcl"), f"{CONTENTS[7]}!!"])
    assert of_one_label(decide, framed(frame) + copies)[-3:] == [REPEATS] * 3
    assert of_one_label(decide, copies, held_out=framed(frame)) == [LEAKS] * 3


@WAYS
def test_a_train_text_does_not_leave_for_the_frame_of_a_held_out_text(decide):
    texts = framed(FOOTER)
    assert set(of_one_label(decide, texts[4:], held_out=texts[:4])) == {STAYS}
    assert not any(nearly(texts[:4], texts[4:]))


@WAYS
def test_the_same_message_in_two_frames_is_a_duplicate(decide):
    texts = [*framed(FOOTER), *framed(FIELDS)]
    assert of_one_label(decide, texts) == [STAYS] * len(CONTENTS) + [REPEATS] * len(CONTENTS)


@WAYS
def test_short_contents_of_one_frame_differ(decide):
    texts = framed(FOOTER, [*CONTENTS, "yes", "no", "ok", "Yes!"])
    assert of_one_label(decide, texts)[-4:] == [STAYS, STAYS, STAYS, REPEATS]


@WAYS
def test_the_same_short_content_in_another_frame_is_another_answer(decide):
    texts = [*framed(FOOTER, [*CONTENTS, "yes"]), FIELDS.format("yes")]
    assert of_one_label(decide, [*texts, *framed(FIELDS)])[len(texts) - 1] == STAYS


@WAYS
def test_a_message_of_frames_alone_is_compared_whole(decide):
    empty = framed(FOOTER, ["", ""])
    assert of_one_label(decide, [*framed(FOOTER), *empty])[-2:] == [STAYS, REPEATS]


@WAYS
def test_the_number_of_a_notification_makes_no_other_message(decide):
    texts = [f"Your order {number} left our house in Denver today and will be with you soon" for number in range(200)]
    assert of_one_label(decide, texts).count(STAYS) < 20


def test_frames_depend_on_the_texts_and_not_on_their_order():
    texts = [skeleton(text) for frame in FRAMES.values() for text in framed(frame)]
    shuffled = random.Random(1).sample(texts, len(texts))
    first, second = (find_frames(text_column(order)).split(texts) for order in (texts, shuffled))
    assert first == second
    assert {parts.content for parts in first if parts.frame} > {"my parcel has not come yet", "i want my money back"}


def test_a_content_that_begins_like_others_is_left_whole():
    contents = [f"I want {content}" for content in CONTENTS[:5]] + [*CONTENTS[5:]]
    texts = [skeleton(text) for text in framed(FOOTER, contents)]
    parts = find_frames(text_column(texts)).split(texts)
    assert [part.content for part in parts] == [skeleton(content) for content in contents]


def test_ordinary_messages_have_no_frame(messages):
    texts = text_column(text for text, _ in messages(2000))
    assert len(find_frames(texts)) == 0

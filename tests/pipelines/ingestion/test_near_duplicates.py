import random
import time

import pytest

from pipelines.ingestion import near_duplicates

LONG = "@united my bag has been in Denver since Tuesday and nobody at the counter answers the phone"
QUOTED = "On Mon, Nov 3, 2025 at 10:14 AM Shop <EMAIL> wrote: > Dear customer, your parcel is on its way to you"
ALIKE = {
    "a quoted mail": ("where is my parcel", f"where is my parcel {QUOTED}"),
    "a forwarded mail": ("where is my parcel", f"where is my parcel -----Original Message----- From: Shop {LONG}"),
    "another handle": ("@united where is my bag", "@jetblue where is my bag"),
    "a masked handle": ("@united where is my bag", "<HANDLE> where is my bag"),
    "another address": ("look at this http://t.co/abc please", "look at this https://t.co/xyz please"),
    "more marks": ("@united thanks!", "@united thanks!!!!!"),
    "case": ("where is my bag", "WHERE is my Bag"),
    "a curly apostrophe": ("I can't find it", "I can’t find it"),
    "a slipped letter": (LONG, LONG.replace("nobody", "noboby")),
    "a missing letter": (LONG, LONG.replace("counter", "conter")),
    "a slip in a short text": ("@united where is my bag", "@united whre is my bag"),
    "two letters swapped": ("great flight crew", "graet flight crew"),
    "one more word": (LONG, LONG + " please"),
}
APART = {
    "the same quoted mail": (f"where is my parcel {QUOTED}", f"I want my money back {QUOTED}"),
    "short answers to quoted mails": (f"yes {QUOTED}", f"yes {QUOTED[:60]} wrote: > Do you want to close your account"),
    "what a website wrote": (
        "on your website you wrote: free delivery, but I was charged",
        "on your website you wrote: no fees, and now my card is blocked",
    ),
    "two ways to thank": ("@united thanks!", "@united thank you so much"),
    "one way to thank, more often": ("thank you", "thank you thank you thank you"),
    "short words": ("now", "not"),
    "another mark out of ten": ("service was 1 of 10", "service was 9 of 10"),
    "another emoji": ("great job 👍", "great job 👎"),
    "another question": ("where is my bag", "where is my flight"),
    "the same topic": (LONG, "@united my bag is still in Denver, I called the counter twice on Tuesday"),
    "another Chinese character": ("味道真的很好吃下次再来", "味道真的不好吃下次再来"),
    "nothing but handles": ("@united @jetblue", "@delta"),
}


def knows(one, other):
    first, second = near_duplicates.signatures([one, other])
    return second in near_duplicates.Index([first]), first in near_duplicates.Index([second])


@pytest.mark.parametrize(("one", "other"), ALIKE.values(), ids=ALIKE)
def test_a_text_is_recognised_after_a_small_change(one, other):
    assert knows(one, other) == (True, True)


@pytest.mark.parametrize(("one", "other"), APART.values(), ids=APART)
def test_similar_messages_are_not_the_same_message(one, other):
    assert knows(one, other) == (False, False)


def test_the_index_finds_exactly_what_comparing_every_pair_finds():
    chance = random.Random(3)
    words = [chance.choice("abcdefgh") * chance.randint(1, 3) + str(n) for n in range(12)]
    texts = [" ".join(chance.choices(words, k=chance.randint(10, 14))) for _ in range(120)]
    texts += [" ".join(text.split()[: -chance.randint(1, 3)]) for text in texts]
    prints = near_duplicates.signatures(texts)

    def alike(one, other):
        first, second = set(one.ranks), set(other.ranks)
        lengths = sorted((len(one.skeleton), len(other.skeleton)))
        close = (
            len(first & second) / len(first | second) >= near_duplicates.MIN_SIMILARITY
            and lengths[0] >= near_duplicates.MIN_SIMILARITY * lengths[1]
        )
        return close or one.skeleton == other.skeleton

    pairs = [(one, other) for one in range(len(texts)) for other in range(one)]
    expected = [alike(prints[one], prints[other]) for one, other in pairs]
    assert [prints[one] in near_duplicates.Index([prints[other]]) for one, other in pairs] == expected
    assert 50 < sum(expected) < len(pairs) / 2


def test_ten_thousand_texts_of_one_template_take_seconds():
    texts = [
        f"Your order {number} left our house in Denver today and will be with you soon" for number in range(10_000)
    ]
    started = time.process_time()
    index = near_duplicates.Index()
    kept = 0
    for text in near_duplicates.signatures(texts):
        if text not in index:
            index.add(text)
            kept += 1

    assert kept < 20
    assert time.process_time() - started < 10

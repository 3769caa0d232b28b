"""Small labelled files: fourteen messages of two labels, four of which are held out by their hash."""

import json

BASE = [
    ("the courier never rang the bell", "delivery"),
    ("courier says nobody was home", "delivery"),
    ("where is my parcel", "delivery"),
    ("my parcel has not come yet", "delivery"),
    ("tracking says lost, help", "delivery"),
    ("no delivery since monday", "delivery"),
    ("parcel went to the wrong house", "delivery"),
    ("I sent it back, where is the money", "refund"),
    ("half of the price back, please", "refund"),
    ("I want my money back", "refund"),
    ("please refund the blue lamp", "refund"),
    ("how long does a refund take", "refund"),
    ("card was charged twice, pay me back", "refund"),
    ("return label please, it is broken", "refund"),
]


def csv_of(rows, header="text,label"):
    return "\n".join(
        [header, *(",".join(f'"{cell}"' if " " in str(cell) else str(cell) for cell in row) for row in rows)]
    )


def jsonl_of(rows):
    return "\n".join(json.dumps({"text": text, "label": label}) for text, label in rows)


def row_count(document):
    return document["rows"]["train"] + document["rows"]["test"]

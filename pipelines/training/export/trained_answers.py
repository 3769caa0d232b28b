"""What the trained network answered, in memory, before anything was exported: what its package must answer too."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from transformers import PreTrainedTokenizerBase

from pipelines.inference.artefact import RECORDED, card
from pipelines.kinds.kind import Answer
from pipelines.kinds.known import find
from pipelines.training.network.batches import encoded, in_order, padded
from pipelines.training.network.encoder import Classifier
from pipelines.training.optimisation.ensemble import Averaged

ROWS, BATCH = 500, 64


def record(model: Classifier | Averaged, tokenizer: PreTrainedTokenizerBase, rows: pd.DataFrame, package: Path) -> None:
    """Write `recorded.json` into a package: masked texts of `rows` and the network's own answers to them, as cells."""
    texts = rows.head(ROWS)["text"].tolist()
    answers = _answers(model, tokenizer, texts, package)
    said = [{"text": text, **_recorded(answer)} for text, answer in zip(texts, answers, strict=True)]
    (package / RECORDED).write_text(json.dumps(said, ensure_ascii=False, indent=0), encoding="utf-8")


def _recorded(answer: Answer) -> dict[str, Any]:
    return {"payload": answer.payload} if answer.label is None else {"label": answer.label}


@torch.no_grad()
def _answers(
    model: Classifier | Averaged, tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], package: Path
) -> list[Answer]:
    about = card(package)
    reader = find(about["kind"]).reader(about)
    ids = encoded(texts, tokenizer, about["max_tokens"]) if texts else []
    answers: dict[int, Answer] = {}
    model.eval()
    for places in in_order([len(row) for row in ids], BATCH):
        batch, mask = padded([ids[place] for place in places], tokenizer.pad_token_id or 0)
        rows = reader.calibrated(model(batch, mask).numpy())
        answers |= {place: reader.answer(row) for place, row in zip(places, rows, strict=True)}
    return [answers[place] for place in range(len(ids))]

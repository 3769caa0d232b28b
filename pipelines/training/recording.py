"""What the trained network answered, in memory, before anything was exported: what its package must answer too."""

import json
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import torch
from transformers import PreTrainedTokenizerBase

from pipelines.catalog import ModelSpec
from pipelines.inference.artefact import RECORDED
from pipelines.training.batches import encoded, in_order, padded
from pipelines.training.encoder import Classifier
from pipelines.training.ensemble import Averaged

ROWS, BATCH = 500, 64


def record(
    model: Classifier | Averaged, tokenizer: PreTrainedTokenizerBase, spec: ModelSpec, rows: pd.DataFrame, package: Path
) -> None:
    """Write `recorded.json` into a package: masked texts of `rows` and the network's own answers to them."""
    texts = rows.head(ROWS)["text"].tolist()
    answers = _answers(model, tokenizer, spec, texts)
    said = [{"text": text, "label": label} for text, label in zip(texts, answers, strict=True)]
    (package / RECORDED).write_text(json.dumps(said, ensure_ascii=False, indent=0), encoding="utf-8")


@torch.no_grad()
def _answers(
    model: Classifier | Averaged, tokenizer: PreTrainedTokenizerBase, spec: ModelSpec, texts: Sequence[str]
) -> list[str]:
    ids = encoded(texts, tokenizer, spec.recipe.max_tokens) if texts else []
    found = [""] * len(ids)
    model.eval()
    for places in in_order([len(row) for row in ids], BATCH):
        batch, mask = padded([ids[place] for place in places], tokenizer.pad_token_id or 0)
        for place, number in zip(places, model(batch, mask).argmax(1).tolist(), strict=True):
            found[place] = spec.labels[number]
    return found

"""Reference answers of the trained network, in memory, before export: its package must give the same."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from transformers import PreTrainedTokenizerBase

from pipelines.inference.artefact import REFERENCE_FILE, read_package_metadata
from pipelines.inference.truncation import HEAD
from pipelines.kinds.kind import Answer
from pipelines.kinds.known import find_kind
from pipelines.training.network.batches import batches_by_length, pad_rows, tokenise
from pipelines.training.network.encoder import Classifier
from pipelines.training.optimisation.ensemble import EnsembleMean

ROWS, BATCH = 500, 64


def record_answers(
    model: Classifier | EnsembleMean, tokenizer: PreTrainedTokenizerBase, rows: pd.DataFrame, package: Path
) -> None:
    """Write `recorded.json` into a package: masked texts of `rows` and the network's answers, as cells."""
    texts = rows.head(ROWS)["text"].tolist()
    answers = _answers(model, tokenizer, texts, package)
    records = [{"text": text, **_record(answer)} for text, answer in zip(texts, answers, strict=True)]
    (package / REFERENCE_FILE).write_text(json.dumps(records, ensure_ascii=False, indent=0), encoding="utf-8")


def _record(answer: Answer) -> dict[str, Any]:
    return {"payload": answer.payload} if answer.label is None else {"label": answer.label}


@torch.no_grad()
def _answers(
    model: Classifier | EnsembleMean, tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], package: Path
) -> list[Answer]:
    metadata = read_package_metadata(package)
    reader = find_kind(metadata["kind"]).reader(metadata)
    truncation = metadata.get("truncation", HEAD)
    ids = tokenise(texts, tokenizer, metadata["max_tokens"], truncation) if texts else []
    answers: dict[int, Answer] = {}
    model.eval()
    for indices in batches_by_length([len(row) for row in ids], BATCH):
        batch, mask = pad_rows([ids[index] for index in indices], tokenizer.pad_token_id or 0)
        rows = reader.calibrate(model(batch, mask).numpy())
        answers |= {index: reader.answer(row) for index, row in zip(indices, rows, strict=True)}
    return [answers[index] for index in range(len(ids))]

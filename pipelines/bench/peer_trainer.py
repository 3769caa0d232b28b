"""The Trainer of the peer: its model, arguments, rows and scores."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.metrics import f1_score
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    DataCollatorWithPadding,
    EvalPrediction,
    PreTrainedTokenizerBase,
    Trainer,
    TrainingArguments,
)

from pipelines.bench.split import Rows, Split
from pipelines.catalog.recipe import Recipe
from pipelines.training.network.device import choose_device, compute_dtype
from pipelines.training.network.encoder_files import locate_encoder


@dataclass(frozen=True)
class Setting:
    """The swept settings of the Trainer; the others are those of its tutorials."""

    rate: float
    epochs: int

    def __str__(self) -> str:
        return f"rate {self.rate:g}, {self.epochs} epochs"


def make_trainer(
    split: Split, setting: Setting, base: str, seed: int, folder: Path
) -> tuple[Trainer, PreTrainedTokenizerBase]:
    """The Trainer over a base, and the tokenizer; it evaluates nothing before `eval_dataset` is set."""
    path = locate_encoder(base)
    tokenizer = AutoTokenizer.from_pretrained(path, trust_remote_code=False)
    model = AutoModelForSequenceClassification.from_pretrained(
        path, num_labels=len(split.labels), use_safetensors=True, trust_remote_code=False
    )
    trainer = Trainer(
        model=model,
        args=_arguments(setting, seed, folder),
        train_dataset=features(split.train, split.labels, tokenizer),
        eval_dataset=[],  # set while the clock is paused
        processing_class=tokenizer,
        data_collator=DataCollatorWithPadding(tokenizer),
        compute_metrics=_scores,
    )
    return trainer, tokenizer


def _arguments(setting: Setting, seed: int, folder: Path) -> TrainingArguments:
    device = choose_device()
    return TrainingArguments(
        output_dir=str(folder),
        learning_rate=setting.rate,
        num_train_epochs=setting.epochs,
        per_device_train_batch_size=32,
        per_device_eval_batch_size=64,
        weight_decay=0.01,
        lr_scheduler_type="linear",
        warmup_steps=0.1,  # a fraction: version 5 has no warmup_ratio
        train_sampling_strategy="group_by_length",
        eval_strategy="epoch",
        save_strategy="no",
        logging_strategy="no",
        report_to="none",
        disable_tqdm=True,
        use_cpu=device.type == "cpu",
        bf16=compute_dtype(device) is torch.bfloat16,  # as in Needloop: the faster precision
        dataloader_pin_memory=False,
        seed=seed,
    )


def features(rows: Rows, labels: Sequence[str], tokenizer: PreTrainedTokenizerBase) -> list[dict[str, Any]]:
    """The rows as token ids and label numbers."""
    ids = tokenizer(list(rows.texts), truncation=True, max_length=Recipe().max_tokens)["input_ids"]
    return [{"input_ids": row, "labels": labels.index(label)} for row, label in zip(ids, rows.labels, strict=True)]


def _scores(predictions: EvalPrediction) -> dict[str, float]:
    answers = np.argmax(predictions.predictions, axis=1)
    f1 = f1_score(predictions.label_ids, answers, average="macro", zero_division=0.0)
    return {"accuracy": float(np.mean(answers == predictions.label_ids)), "f1": float(f1)}

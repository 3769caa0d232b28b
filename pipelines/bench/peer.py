"""The peer: the Trainer of transformers, used as in its tutorials and tuned, on the same base and texts."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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
    PrinterCallback,
    Trainer,
    TrainerCallback,
    TrainingArguments,
    set_seed,
)
from transformers.utils import logging as transformers_logging

from pipelines.bench.clock import Clock
from pipelines.bench.part import Progress
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


@dataclass(frozen=True)
class Epoch:
    """Scores after an epoch, and seconds of loading, tokenising and training; `test` only if requested."""

    seconds: float
    accuracy: float
    macro_f1: float
    test: float | None


def train(
    split: Split, setting: Setting, base: str, seed: int, folder: Path, progress: Progress, *, test: bool
) -> list[Epoch]:
    """Train once, with an evaluation after every epoch while the clock is paused."""
    with _quiet():
        watch = _Stopwatch(f"Trainer {setting} seed {seed}", progress)
        set_seed(seed)
        trainer, tokenizer = _trainer(split, setting, base, seed, folder)
        trainer.remove_callback(PrinterCallback)
        trainer.add_callback(watch)
        watch.clock.pause()
        evaluated = {"validation": split.validation, **({"test": split.test} if test else {})}
        trainer.eval_dataset = {name: _features(rows, split.labels, tokenizer) for name, rows in evaluated.items()}
        watch.clock.resume()
        trainer.train()
    rows_by_epoch: list[dict[str, float]] = [
        {name: value for row in trainer.state.log_history if row["epoch"] == epoch for name, value in row.items()}
        for epoch in range(1, setting.epochs + 1)
    ]
    return [
        Epoch(seconds, row["eval_validation_accuracy"], row["eval_validation_f1"], row.get("eval_test_accuracy"))
        for seconds, row in zip(watch.seconds, rows_by_epoch, strict=True)
    ]


def _trainer(
    split: Split, setting: Setting, base: str, seed: int, folder: Path
) -> tuple[Trainer, PreTrainedTokenizerBase]:
    path = locate_encoder(base)
    tokenizer = AutoTokenizer.from_pretrained(path, trust_remote_code=False)
    model = AutoModelForSequenceClassification.from_pretrained(
        path, num_labels=len(split.labels), use_safetensors=True, trust_remote_code=False
    )
    trainer = Trainer(
        model=model,
        args=_arguments(setting, seed, folder),
        train_dataset=_features(split.train, split.labels, tokenizer),
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


def _features(rows: Rows, labels: Sequence[str], tokenizer: PreTrainedTokenizerBase) -> list[dict[str, Any]]:
    ids = tokenizer(list(rows.texts), truncation=True, max_length=Recipe().max_tokens)["input_ids"]
    return [{"input_ids": row, "labels": labels.index(label)} for row, label in zip(ids, rows.labels, strict=True)]


def _scores(predictions: EvalPrediction) -> dict[str, float]:
    answers = np.argmax(predictions.predictions, axis=1)
    f1 = f1_score(predictions.label_ids, answers, average="macro", zero_division=0.0)
    return {"accuracy": float(np.mean(answers == predictions.label_ids)), "f1": float(f1)}


class _Stopwatch(TrainerCallback):
    """Seconds of work at the end of each epoch; paused from there until the next epoch."""

    def __init__(self, name: str, progress: Progress) -> None:
        self.clock, self.name, self.progress = Clock(), name, progress
        self.seconds: list[float] = []

    def on_epoch_begin(self, *_arguments: object, **_named: object) -> None:
        """Resume the clock."""
        self.clock.resume()

    def on_step_end(self, args: object, state: Any, control: object, **_named: object) -> None:  # noqa: ARG002  the Trainer passes them by name
        """Report progress."""
        self.progress(self.name, state.global_step, state.max_steps)

    def on_epoch_end(self, *_arguments: object, **_named: object) -> None:
        """Pause the clock for the evaluation."""
        self.seconds.append(self.clock.pause())


@contextmanager
def _quiet() -> Iterator[None]:
    """Show only errors of transformers in the context: its warning about a new head is expected."""
    level = transformers_logging.get_verbosity()
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    try:
        yield
    finally:
        transformers_logging.set_verbosity(level)

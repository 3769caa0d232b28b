"""The peer: transformers' own Trainer, used as its tutorials do and tuned, on the same base and texts."""

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
from pipelines.training.network.device import device, precision
from pipelines.training.network.encoder import located


@dataclass(frozen=True)
class Setting:
    """What is swept of the Trainer; the rest is what its tutorials advise."""

    rate: float
    epochs: int

    def __str__(self) -> str:
        return f"rate {self.rate:g}, {self.epochs} epochs"


@dataclass(frozen=True)
class Epoch:
    """After an epoch: seconds of loading, tokenising and training, and scores; `test` only where it was asked for."""

    seconds: float
    accuracy: float
    macro_f1: float
    test: float | None


def trained(
    split: Split, setting: Setting, base: str, seed: int, folder: Path, progress: Progress, *, test: bool
) -> list[Epoch]:
    """Train once, and evaluate after every epoch while the clock stands still."""
    with _quiet():
        watch = _Stopwatch(f"Trainer {setting} seed {seed}", progress)
        set_seed(seed)
        trainer, tokenizer = _trainer(split, setting, base, seed, folder)
        trainer.remove_callback(PrinterCallback)
        trainer.add_callback(watch)
        watch.clock.pause()
        judged = {"validation": split.validation, **({"test": split.test} if test else {})}
        trainer.eval_dataset = {name: _features(rows, split.labels, tokenizer) for name, rows in judged.items()}
        watch.clock.resume()
        trainer.train()
    logged: list[dict[str, float]] = [
        {name: value for one in trainer.state.log_history if one["epoch"] == epoch for name, value in one.items()}
        for epoch in range(1, setting.epochs + 1)
    ]
    return [
        Epoch(seconds, one["eval_validation_accuracy"], one["eval_validation_f1"], one.get("eval_test_accuracy"))
        for seconds, one in zip(watch.seconds, logged, strict=True)
    ]


def _trainer(
    split: Split, setting: Setting, base: str, seed: int, folder: Path
) -> tuple[Trainer, PreTrainedTokenizerBase]:
    place = located(base)
    tokenizer = AutoTokenizer.from_pretrained(place, trust_remote_code=False)
    model = AutoModelForSequenceClassification.from_pretrained(
        place, num_labels=len(split.labels), use_safetensors=True, trust_remote_code=False
    )
    trainer = Trainer(
        model=model,
        args=_arguments(setting, seed, folder),
        train_dataset=_features(split.train, split.labels, tokenizer),
        eval_dataset=[],  # follows while the clock stands still
        processing_class=tokenizer,
        data_collator=DataCollatorWithPadding(tokenizer),
        compute_metrics=_scores,
    )
    return trainer, tokenizer


def _arguments(setting: Setting, seed: int, folder: Path) -> TrainingArguments:
    place = device()
    return TrainingArguments(
        output_dir=str(folder),
        learning_rate=setting.rate,
        num_train_epochs=setting.epochs,
        per_device_train_batch_size=32,
        per_device_eval_batch_size=64,
        weight_decay=0.01,
        lr_scheduler_type="linear",
        warmup_steps=0.1,  # a share: version 5 has no warmup_ratio
        train_sampling_strategy="group_by_length",
        eval_strategy="epoch",
        save_strategy="no",
        logging_strategy="no",
        report_to="none",
        disable_tqdm=True,
        use_cpu=place.type == "cpu",
        bf16=precision(place) is torch.bfloat16,  # as ours: what the probe finds faster
        dataloader_pin_memory=False,
        seed=seed,
    )


def _features(rows: Rows, labels: Sequence[str], tokenizer: PreTrainedTokenizerBase) -> list[dict[str, Any]]:
    ids = tokenizer(list(rows.texts), truncation=True, max_length=Recipe().max_tokens)["input_ids"]
    return [{"input_ids": one, "labels": labels.index(label)} for one, label in zip(ids, rows.labels, strict=True)]


def _scores(found: EvalPrediction) -> dict[str, float]:
    answers = np.argmax(found.predictions, axis=1)
    f1 = f1_score(found.label_ids, answers, average="macro", zero_division=0.0)
    return {"accuracy": float(np.mean(answers == found.label_ids)), "f1": float(f1)}


class _Stopwatch(TrainerCallback):
    """Seconds of work at the end of each epoch; it stands still from there until the next begins."""

    def __init__(self, name: str, progress: Progress) -> None:
        self.clock, self.name, self.progress = Clock(), name, progress
        self.seconds: list[float] = []

    def on_epoch_begin(self, *_arguments: object, **_named: object) -> None:
        """Work goes on."""
        self.clock.resume()

    def on_step_end(self, args: object, state: Any, control: object, **_named: object) -> None:  # noqa: ARG002  the Trainer names them all
        """Tell people."""
        self.progress(self.name, state.global_step, state.max_steps)

    def on_epoch_end(self, *_arguments: object, **_named: object) -> None:
        """What follows is evaluation."""
        self.seconds.append(self.clock.pause())


@contextmanager
def _quiet() -> Iterator[None]:
    """Within, transformers says only what is an error: a new head is what is wanted."""
    level = transformers_logging.get_verbosity()
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    try:
        yield
    finally:
        transformers_logging.set_verbosity(level)

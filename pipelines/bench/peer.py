"""The peer: the Trainer of transformers, used as in its tutorials and tuned, on the same base and texts."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transformers import (
    PrinterCallback,
    TrainerCallback,
    set_seed,
)
from transformers.utils import logging as transformers_logging

from pipelines.bench.clock import Clock
from pipelines.bench.part import Progress
from pipelines.bench.peer_trainer import Setting, features, make_trainer
from pipelines.bench.split import Split


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
        trainer, tokenizer = make_trainer(split, setting, base, seed, folder)
        trainer.remove_callback(PrinterCallback)
        trainer.add_callback(watch)
        watch.clock.pause()
        evaluated = {"validation": split.validation, **({"test": split.test} if test else {})}
        trainer.eval_dataset = {name: features(rows, split.labels, tokenizer) for name, rows in evaluated.items()}
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

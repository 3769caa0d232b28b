"""TensorBoard files, for those who ask for them: `recipe.tensorboard = true`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.training.optimisation.training_loop import Watch


@contextmanager
def write_tensorboard(folder: Path, watch: Watch, figure: str) -> Iterator[Watch]:
    """Within, what is watched is also written as events that `tensorboard --logdir` shows while it happens.

    `figure` is the name of the score. What comes before the labels (masked words, pairs) and each member of an ensemble
    go on where the last one ended.
    """
    from torch.utils.tensorboard import SummaryWriter

    writer, before, last = SummaryWriter(str(folder)), 0, 0

    def seen(step: int, steps: int, loss: float, score: float | None) -> None:
        nonlocal before, last
        watch(step, steps, loss, score)
        before, last = before + (last if step < last else 0), step
        if score is None:
            writer.add_scalar("train/loss", loss, before + step)
        else:
            writer.add_scalar(f"validation/{figure}", score, before + step)

    try:
        yield seen
    finally:
        writer.close()

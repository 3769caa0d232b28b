"""TensorBoard files of a training, with `recipe.tensorboard = true`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.training.optimisation.training_loop import ProgressCallback


@contextmanager
def write_tensorboard(folder: Path, progress: ProgressCallback, figure: str) -> Iterator[ProgressCallback]:
    """Within, the yielded callback also writes each step as an event for `tensorboard --logdir`.

    `figure` is the name of the score. Step numbers continue over pretraining, contrastive training and each member of
    an ensemble.
    """
    from torch.utils.tensorboard import SummaryWriter

    writer, offset, last = SummaryWriter(str(folder)), 0, 0

    def write_step(step: int, steps: int, loss: float, score: float | None) -> None:
        nonlocal offset, last
        progress(step, steps, loss, score)
        offset, last = offset + (last if step < last else 0), step
        if score is None:
            writer.add_scalar("train/loss", loss, offset + step)
        else:
            writer.add_scalar(f"validation/{figure}", score, offset + step)

    try:
        yield write_step
    finally:
        writer.close()

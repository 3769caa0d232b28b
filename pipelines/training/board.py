"""TensorBoard files, for those who ask for them: `recipe.tensorboard = true`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.training.loop import Watch


@contextmanager
def board(folder: Path, watch: Watch) -> Iterator[Watch]:
    """Within, what is watched is also written as events that `tensorboard --logdir` shows while it happens."""
    from torch.utils.tensorboard import SummaryWriter

    writer = SummaryWriter(str(folder))

    def seen(step: int, steps: int, loss: float, score: float | None) -> None:
        watch(step, steps, loss, score)
        if score is None:
            writer.add_scalar("train/loss", loss, step)
        else:
            writer.add_scalar("validation/macro_f1", score, step)

    try:
        yield seen
    finally:
        writer.close()

"""Folders that `datasets` wrote with `save_to_disk`: one data set, or one folder for each split."""

from pathlib import Path
from typing import Any

from pipelines.ingestion.rows import UnusableSource

_STATE = "state.json"


def find(name: str) -> dict[str, Path] | None:
    """The folders by split, a single data set under an empty name; None for anything else."""
    folder = Path(name)
    if (folder / _STATE).is_file():
        return {"": folder}
    return {state.parent.name: state.parent for state in sorted(folder.glob(f"*/{_STATE}"))} or None


def load(splits: dict[str, Path], split: str) -> Any:
    """A data set, read from its own files. Raises UnusableSource if there are several and none of that name."""
    from datasets import load_from_disk  # 2 s

    if split not in splits and len(splits) > 1:
        raise UnusableSource(
            f"it has no split {split!r}; choose one of {', '.join(splits)}, as in hf://FOLDER?split={next(iter(splits))}"
        )
    return load_from_disk(str(splits.get(split) or next(iter(splits.values()))))

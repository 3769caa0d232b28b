"""Removal and renaming of a declaration in a TOML catalog; ledger, versions and feedback stay."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock

from pipelines.catalog.built_in import BUILT_IN
from pipelines.catalog.catalog_file import declared_in
from pipelines.catalog.names import require_name
from pipelines.kinds.declaring import NotDeclarable
from pipelines.ledger.queries import active_rollouts, decisions
from pipelines.onboarding.catalog_edits import edited, replace_catalog, table_of
from pipelines.onboarding.scaffold import require_free
from pipelines.promotion.pausing import active_pauses, pause
from pipelines.promotion.rollout import withdraw_rollout
from pipelines.runtime.wording import counted_noun
from pipelines.store.feedback_filter import FeedbackFilter
from pipelines.workspace.workspace import Workspace

REASON = "its declaration was removed from the catalog"
_HEADER = re.compile(r"""\s*\[\[\s*["']?model["']?\s*\]\]""")


@dataclass(frozen=True)
class Stored:
    """Records under the name of a model: versions that were decided on, answered texts, feedback rows."""

    versions: int
    texts: int
    feedback: int

    def __str__(self) -> str:
        counts = ((self.versions, "version"), (self.texts, "answered text"), (self.feedback, "feedback row"))
        return ", ".join(counted_noun(count, noun) for count, noun in counts)


@dataclass(frozen=True)
class Removal:
    """A removed declaration: the champion that was paused for it, or None, and the records that stay.

    `built_in` is true if the built-in model of this name is declared again.
    """

    model: str
    file: Path
    paused: int | None
    stored: Stored
    built_in: bool


def remove(model: str, workspace: Workspace) -> Removal:
    """Remove a declaration; its champion is paused in the ledger, and a running rollout is withdrawn.

    Raises NotDeclarable for a model that this catalog does not declare.
    """
    file = workspace.catalog_file
    require_own(model, file)
    built_in = _is_built_in(model)
    with FileLock(f"{file}.lock"):
        content = without_model(file.read_bytes().decode("utf-8"), model, file)
        paused = None if built_in else _silence(model, workspace)
        replace_catalog(file, content.encode())
    return Removal(model, file, paused, stored(model, workspace), built_in)


def rename(old: str, new: str, workspace: Workspace) -> Path:
    """Rename a declaration in the catalog; returns its file.

    Raises InvalidName for a wrong name; NotDeclarable if the new name is taken, or if versions, texts or feedback
    are stored under the old one: they would be lost for the new model.
    """
    require_name(new)
    file = workspace.catalog_file
    require_own(old, file)
    require_free(new, file)
    records = stored(old, workspace)
    if records != Stored(0, 0, 0):
        raise NotDeclarable(
            f"{old!r} has {records} under its name, which {new!r} would not have: keep the name, or declare {new!r} as "
            f"a model of its own (needloop add {new} --data FILE), train it, then run: needloop remove {old}"
        )
    with edited(file) as models:
        table_of(models, old, file)["name"] = new
    return file


def require_own(model: str, file: Path) -> None:
    """Raise NotDeclarable unless the catalog file declares the model, and is TOML."""
    own = {spec.name for spec in declared_in(file)} if file.exists() else set()
    if model not in own and _is_built_in(model):
        raise NotDeclarable(f"{model!r} is built in and stays; to let it answer nothing, run: needloop pause {model}")
    if model not in own:
        raise NotDeclarable(f"{model!r} is not declared in {file}; declared there: {', '.join(sorted(own)) or 'none'}")
    if file.suffix == ".py":
        raise NotDeclarable(f"{file} is Python: change the declaration of {model!r} there by hand")


def without_model(text: str, model: str, file: Path) -> str:
    """The text of a catalog without the table of one model; every comment above and below it stays.

    Raises NotDeclarable for a table that cannot be cut out line by line, such as an inline one.
    """
    lines = text.split("\n")
    starts = [number for number, line in enumerate(lines) if _HEADER.match(line)]
    names = [table.get("name") for table in _tables(text)]
    if len(starts) == len(names):
        start, end = starts[names.index(model)], [*starts, len(lines)][names.index(model) + 1]
        while end > start + 1 and lines[end - 1].strip()[:1] in ("", "#"):
            end -= 1
        shorter = "\n".join(lines[:start] + lines[end:])
        if _tables(shorter) == [table for table in _tables(text) if table.get("name") != model]:
            return shorter
    raise NotDeclarable(f"the table of {model!r} in {file} cannot be cut out: remove it by hand")


def stored(model: str, workspace: Workspace) -> Stored:
    """The records under the name of a model."""
    versions = {entry.version for entry in decisions(workspace.ledger.entries()) if entry.model == model}
    feedback = workspace.store.feedback_cleanup().count(FeedbackFilter(model=model)).rows
    return Stored(len(versions), len(workspace.store.answered_keys(model)), feedback)


def _silence(model: str, workspace: Workspace) -> int | None:
    """Pause the champion and withdraw a running rollout; the champion's version, or None without one."""
    champion = workspace.ledger.champion(model)
    if champion is None:
        return None
    if model in active_rollouts(workspace.ledger.entries()):
        withdraw_rollout(workspace.ledger, model, REASON)
    running = active_pauses(workspace.ledger.entries()).get(model)
    if running is None or running.event.answer:
        pause(workspace.ledger, model, REASON, "", workspace.files.packages)
    return champion.version


def _tables(text: str) -> list[dict[str, Any]]:
    try:
        tables: list[dict[str, Any]] = tomllib.loads(text).get("model", [])
    except tomllib.TOMLDecodeError:
        return []
    return tables


def _is_built_in(model: str) -> bool:
    return model in {spec.name for spec in BUILT_IN}

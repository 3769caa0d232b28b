"""Write the chosen base and recipe into the user's catalog, in place of the declaration of that name."""

import re
import shutil
from pathlib import Path
from typing import Any

import tomli_w
from filelock import FileLock

from pipelines.catalog.catalog_file import BrokenCatalog, declared_in
from pipelines.catalog.spec import ModelSpec
from pipelines.kinds.declaring import NotDeclarable

_MODEL = re.compile(r"^\s*\[\[\s*model\s*\]\]")
_TABLE = re.compile(r"^\s*\[")
_PART = re.compile(r"^\s*\[\[?\s*model\s*\.")


def apply(spec: ModelSpec, file: Path) -> None:
    """Write a declaration to a TOML catalog; every other byte of the file stays. Raises NotDeclarable.

    Of the replaced declaration only the comments stay, above the new one.
    """
    if file.suffix == ".py":
        raise NotDeclarable(
            f"{file} is Python and is not changed: copy base and recipe from needloop tune --json by hand"
        )
    file.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{file}.lock"):
        declared = declared_in(file) if file.exists() else ()
        before = file.read_text(encoding="utf-8") if file.exists() else ""
        temporary = file.with_suffix(".tmp")
        temporary.write_text(_replace_model(before, spec), encoding="utf-8")
        if file.exists():  # keep the user's own file permissions
            shutil.copymode(file, temporary)
        try:
            _require_models(temporary, file, {**{known.name: known for known in declared}, spec.name: spec})
        except (BrokenCatalog, NotDeclarable) as error:
            temporary.unlink()
            raise NotDeclarable(
                f"the declaration of {spec.name!r} in {file} cannot be replaced ({error}); copy base and recipe "
                "from needloop tune --json by hand"
            ) from error
        temporary.replace(file)


def _require_models(file: Path, shown: Path, expected: dict[str, ModelSpec]) -> None:
    """Raise NotDeclarable unless the file declares exactly the expected models."""
    written = {known.name: known for known in declared_in(file, shown)}
    if written != expected:
        changed = [name for name in {**written, **expected} if written.get(name) != expected.get(name)]
        raise NotDeclarable(f"it would change {', '.join(changed)} too")


def _replace_model(text: str, spec: ModelSpec) -> str:
    lines = text.splitlines(keepends=True)
    spans = [span for span in _spans(lines) if _names(lines[slice(*span)], spec.name)]
    start, end = spans[-1] if spans else (len(lines), len(lines))
    comments = [line for line in lines[start:end] if line.lstrip().startswith("#")]
    before = "".join([*lines[:start], *comments])
    return f"{before}{'' if before.endswith(chr(10)) or not before else chr(10)}{_table(spec)}{''.join(lines[end:])}"


def _spans(lines: list[str]) -> list[tuple[int, int]]:
    """First and last line of every `[[model]]` with its tables, without the comments above the next one."""
    starts = [number for number, line in enumerate(lines) if _MODEL.match(line)]
    return [(start, _end(lines, start)) for start in starts]


def _end(lines: list[str], start: int) -> int:
    end = start + 1
    while end < len(lines) and (not _TABLE.match(lines[end]) or _PART.match(lines[end])):
        end += 1
    while end < len(lines) and end > start + 1 and not lines[end - 1].split("#")[0].strip():
        end -= 1
    return end


def _names(lines: list[str], name: str) -> bool:
    return any(re.match(rf"""^\s*name\s*=\s*["']{re.escape(name)}["']""", line) for line in lines)


def _table(spec: ModelSpec) -> str:
    table: dict[str, Any] = spec.model_dump(mode="json", exclude_none=True, by_alias=False)
    if spec.source.label is None:
        table["source"]["label"] = ""  # TOML has no null, and without the key it would be `label`
    return tomli_w.dumps({"model": [table]})

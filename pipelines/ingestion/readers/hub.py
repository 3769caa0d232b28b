"""Reader of Hugging Face repositories, streamed: the plain loader would cache unmasked rows on disk."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pipelines.ingestion.rows import SourceRow, UnusableSource
from pipelines.masking.mask import mask
from pipelines.storage import blobs

SCHEME = "hf://"


@dataclass(frozen=True)
class Repository:
    """`hf://owner/name@revision?split=train&config=default`, or `hf:///a/folder` in the hub's own layout."""

    name: str
    revision: str | None
    split: str
    config: str | None


def repository(uri: str) -> Repository:
    """The parts of an address. Raises UnusableSource for an unknown option."""
    parts = urlsplit(uri, allow_fragments=False)
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    if unknown := options.keys() - {"split", "config"}:
        raise UnusableSource(f"{uri!r} has the unknown options {sorted(unknown)}; use split and config")
    name, revision = parts.netloc + parts.path, ""
    if not name.startswith("/"):
        name, _, revision = name.partition("@")
    return Repository(name, revision or None, options.get("split", "train"), options.get("config"))


def rows(uri: str) -> Iterator[SourceRow]:
    """Every row of the split, in memory only. Class numbers are replaced by their names."""
    from datasets.exceptions import DatasetGenerationError, DatasetNotFoundError

    try:
        stream = _stream(repository(uri))
        names = {name: feature.names for name, feature in (stream.features or {}).items() if hasattr(feature, "names")}
        for number, values in enumerate(stream, start=1):
            yield SourceRow(number, {name: _value(value, names.get(name)) for name, value in values.items()})
    except (DatasetGenerationError, DatasetNotFoundError, OSError, ValueError, RuntimeError) as error:
        # Arrow quotes the value that it could not convert; a chained error would print it unmasked.
        raise UnusableSource(f"the repository could not be read: {mask(str(error))}") from None


def identity(uri: str) -> str:
    """The commit of a repository, or the digests of a local one's files."""
    source = repository(uri)
    if source.name.startswith("/"):
        files = sorted(file for file in Path(source.name).rglob("*") if file.is_file())
        return str([(str(file.relative_to(source.name)), blobs.identity(str(file))) for file in files])
    from huggingface_hub import HfApi

    return str(HfApi().dataset_info(source.name, revision=source.revision).sha)


def _stream(source: Repository) -> Any:
    from datasets import load_dataset_builder  # 2 s

    # It logs values that it could not convert, unmasked; the error that follows is masked.
    logging.getLogger("datasets").setLevel(logging.CRITICAL)
    builder = load_dataset_builder(source.name, source.config, revision=source.revision)
    if hasattr(builder.config, "encoding_errors"):
        builder.config.encoding_errors = "replace"  # one bad byte would end the stream
    if hasattr(builder.config, "keep_default_na"):
        builder.config.keep_default_na = False  # a customer may write "NA" or "null"
    return builder.as_streaming_dataset(split=source.split)


def _value(value: Any, names: list[str] | None) -> Any:
    if names is not None and isinstance(value, int) and 0 <= value < len(names):
        return names[value]
    # U+FFFD replaces undecodable bytes; the other readers use surrogate escapes for them.
    return value.replace("\ufffd", "\udcff") if isinstance(value, str) else value

"""Reader of Hugging Face data sets: repositories, streamed, because the plain loader caches unmasked rows; folders."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pipelines.ingestion.readers import saved_splits
from pipelines.ingestion.readers.source_file import SourceFile
from pipelines.ingestion.readers.text_form import TextForm, decide
from pipelines.ingestion.rows import Note, SourceRow, UnusableSource
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


def rows(uri: str, encoding: str | None = None) -> Iterator[SourceRow | Note]:
    """Every row of the split, in memory only. Class numbers are replaced by their names."""
    yield from _rows(repository(uri), encoding)


def folder_rows(path: str, encoding: str | None = None) -> Iterator[SourceRow | Note]:
    """The split `train` of a local folder: the hub's layout, or what `save_to_disk` wrote."""
    yield from _rows(Repository(str(Path(path).expanduser().absolute()), None, "train", None), encoding)


def folder_identity(path: str) -> str:
    """The digests of a folder's files."""
    folder = Path(path).expanduser()
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return str([(str(file.relative_to(folder)), blobs.identity(str(file))) for file in files])


def _rows(source: Repository, encoding: str | None) -> Iterator[SourceRow | Note]:
    from datasets.data_files import EmptyDatasetError
    from datasets.exceptions import DatasetGenerationError, DatasetNotFoundError

    try:
        saved = saved_splits.find(source.name)
        stream = saved_splits.load(saved, source.split) if saved else None
        if stream is None:
            stream, note = _stream(source, encoding)
            if note:
                yield Note(note)
        names = {name: feature.names for name, feature in (stream.features or {}).items() if hasattr(feature, "names")}
        for number, values in enumerate(stream, start=1):
            yield SourceRow(number, {name: _value(value, names.get(name)) for name, value in values.items()})
    except UnusableSource:
        raise
    except EmptyDatasetError:
        raise UnusableSource("it is a folder without data files; name one file, or put CSV or Parquet there") from None
    except (DatasetGenerationError, DatasetNotFoundError, OSError, ValueError, RuntimeError) as error:
        # Arrow quotes the value that it could not convert; a chained error would print it unmasked.
        raise UnusableSource(f"the repository could not be read: {mask(str(error))}") from None


def identity(uri: str) -> str:
    """The commit of a repository, or the digests of a local one's files."""
    source = repository(uri)
    if source.name.startswith("/"):
        return folder_identity(source.name)
    from huggingface_hub import HfApi

    return str(HfApi().dataset_info(source.name, revision=source.revision).sha)


def _stream(source: Repository, encoding: str | None) -> tuple[Any, str | None]:
    """The rows of a repository as they arrive, and a note on the encoding of a local one."""
    from datasets import load_dataset_builder  # 2 s

    # It logs values that it could not convert, unmasked; the error that follows is masked.
    logging.getLogger("datasets").setLevel(logging.CRITICAL)
    builder = load_dataset_builder(source.name, source.config, revision=source.revision)
    form = _text_form(builder.config, source, encoding) if hasattr(builder.config, "encoding") else None
    if form:
        builder.config.encoding = form.encoding
    if hasattr(builder.config, "encoding_errors"):
        builder.config.encoding_errors = "replace"  # one bad byte would end the stream
    if hasattr(builder.config, "keep_default_na"):
        builder.config.keep_default_na = False  # a customer may write "NA" or "null"
    return builder.as_streaming_dataset(split=source.split), form.note if form else None


def _text_form(config: Any, source: Repository, encoding: str | None) -> TextForm | None:
    """The form of the first file of the split, which the others share; None if it is not on this machine."""
    files = [str(file) for file in (config.data_files or {}).get(source.split, ())]
    return decide(SourceFile(files[0]), encoding) if files and Path(files[0]).is_file() else None


def _value(value: Any, names: list[str] | None) -> Any:
    if names is not None and isinstance(value, int) and 0 <= value < len(names):
        return names[value]
    # U+FFFD replaces undecodable bytes; the other readers use surrogate escapes for them.
    return value.replace("\ufffd", "\udcff") if isinstance(value, str) else value

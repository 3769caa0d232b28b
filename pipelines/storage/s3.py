"""The only access to S3: addresses, objects and streams. boto3 itself reads `AWS_*`, the endpoint included."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

SCHEME = "s3://"
_BLOCK = 2**20  # bytes: one read carries thousands of messages


@contextmanager
def open_stream(uri: str) -> Iterator[BinaryIO]:
    """A stream of one object as it arrives; raises FileNotFoundError."""
    bucket, key = address(uri)
    body = _call(uri, "get_object", Bucket=bucket, Key=key)["Body"]
    try:
        yield cast(BinaryIO, io.BufferedReader(body, _BLOCK))
    finally:
        body.close()


def write(data: bytes, uri: str) -> None:
    """Write one object; S3 replaces it atomically."""
    bucket, key = address(uri)
    _call(uri, "put_object", Bucket=bucket, Key=key, Body=data)


def upload(file: Path, uri: str) -> None:
    """Upload one file, in parts if it is large."""
    _client().upload_file(str(file), *address(uri))


def objects(uri: str) -> dict[str, str]:
    """ETags by key of the object, or of all objects below it as a folder."""
    return {entry["Key"]: entry["ETag"] for entry in _entries(uri)}


def sizes(uri: str) -> dict[str, int]:
    """Bytes by address of the object, or of all objects below it as a folder."""
    bucket, _ = address(uri)
    return {f"{SCHEME}{bucket}/{entry['Key']}": entry["Size"] for entry in _entries(uri)}


def download(uri: str, target: Path) -> None:
    """Download the object as a file, or all objects under the prefix as a folder; no key leads out of `target`."""
    bucket, key = address(uri)
    for name in objects(uri):
        inner = PurePosixPath(name.removeprefix(key).lstrip("/"))
        if ".." in inner.parts:
            raise ValueError(f"{SCHEME}{bucket}/{name} leads out of its folder; delete that object")
        (target / inner).parent.mkdir(parents=True, exist_ok=True)
        with _file_errors(uri):
            _client().download_file(bucket, name, str(target / inner))


def delete(uri: str) -> None:
    """Delete the object, or all objects under the prefix."""
    for name in objects(uri):
        _call(uri, "delete_object", Bucket=address(uri)[0], Key=name)


def address(uri: str) -> tuple[str, str]:
    """Bucket and key of a URI."""
    bucket, _, key = uri.removeprefix(SCHEME).partition("/")
    if not bucket:
        raise ValueError(f"{uri!r} names no bucket; write s3://bucket/key")
    return bucket, key.rstrip("/")


def _entries(uri: str) -> list[Any]:
    bucket, key = address(uri)
    with _file_errors(uri):
        pages = _client().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=key)
        entries = [entry for page in pages for entry in page.get("Contents", ())]
    folder = f"{key}/" if key else ""
    return [
        entry
        for entry in entries
        if not entry["Key"].endswith("/") and (entry["Key"] == key or entry["Key"].startswith(folder))
    ]


def _client() -> Any:  # boto3's stubs are a separate package
    import boto3  # takes 0.3 s, and most runs do not use S3

    return boto3.client("s3")


def _call(uri: str, call: str, **parameters: object) -> Any:
    with _file_errors(uri):
        return getattr(_client(), call)(**parameters)


@contextmanager
def _file_errors(uri: str) -> Iterator[None]:
    """Translate errors of boto3 into those of a file system, so that callers and retries need no boto3."""
    from botocore.exceptions import ClientError, HTTPClientError
    from botocore.exceptions import ConnectionError as NotConnected

    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code == "NoSuchBucket":
            raise FileNotFoundError(f"{uri} does not exist: create its bucket, or correct the address") from error
        if code in ("NoSuchKey", "404"):
            raise FileNotFoundError(f"{uri} does not exist") from error
        raise
    except (NotConnected, HTTPClientError) as error:
        raise ConnectionError(f"{uri} cannot be reached: {error}") from error

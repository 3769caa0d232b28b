"""Check of a package in a new process, as a server that starts later would load it."""

import json
import subprocess
import sys
from pathlib import Path

from pipelines.inference.artefact import open_package
from pipelines.inference.packaged import ModelPackage
from pipelines.runtime.interpreter import MODULE


def answer_in_subprocess(location: str, digest: str, texts: list[str], home: Path) -> list[str]:
    """Answers to masked texts as comparison keys. Raises RuntimeError with the child's last line of output."""
    folder = open_package(location, digest, home / "cache" / "packages")
    process = subprocess.run(
        [*MODULE, __name__, str(folder)],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        check=False,
    )
    if process.returncode:
        last_line = process.stderr.strip().splitlines()[-1:]
        raise RuntimeError(f"the package {folder} does not answer in a fresh process: {' '.join(last_line)}")
    keys: list[str] = json.loads(process.stdout)
    return keys


if __name__ == "__main__":
    packaged = ModelPackage.load(Path(sys.argv[1]))
    json.dump([answer.comparison_key for answer in packaged.predict(json.load(sys.stdin))], sys.stdout)

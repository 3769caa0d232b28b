"""Ask a package in a fresh process, as a server that starts tomorrow would load it."""

import json
import subprocess
import sys
from pathlib import Path

from pipelines.inference.artefact import open_package
from pipelines.inference.packaged import Packaged
from pipelines.runtime.interpreter import MODULE


def answers(location: str, digest: str, texts: list[str], home: Path) -> list[str]:
    """What the package answers to masked texts, as compared; raises RuntimeError with the child's last words."""
    folder = open_package(location, digest, home / "cache" / "packages")
    found = subprocess.run(
        [*MODULE, __name__, str(folder)],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        check=False,
    )
    if found.returncode:
        last = found.stderr.strip().splitlines()[-1:]
        raise RuntimeError(f"the package {folder} does not answer in a fresh process: {' '.join(last)}")
    told: list[str] = json.loads(found.stdout)
    return told


if __name__ == "__main__":
    packaged = Packaged.load(Path(sys.argv[1]))
    json.dump([answer.told for answer in packaged.predict(json.load(sys.stdin))], sys.stdout)

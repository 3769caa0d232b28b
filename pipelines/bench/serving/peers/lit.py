"""LitServe: `python -m pipelines.bench.serving.peers.lit PACKAGE PORT`."""

import sys
from pathlib import Path
from typing import Any

import litserve

from pipelines.bench.serving.peers.bare import Bare


class LitApi(litserve.LitAPI):  # type: ignore[misc]  # it has no types
    """Texts in, labels and scores out, in LitServe's own process."""

    def setup(self, _device: str) -> None:
        """Load the package."""
        self.answer = Bare(Path(sys.argv[1]))

    def predict(self, request: dict[str, Any]) -> list[dict[str, Any]]:
        """Label the texts."""
        return self.answer(request["texts"])


if __name__ == "__main__":
    litserve.LitServer(LitApi(), accelerator="cpu").run(
        port=int(sys.argv[2]), generate_client_file=False, log_level="error"
    )

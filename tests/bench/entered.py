"""Count the files that one message and its feedback enter, from a CSV to an answer: `entered.py` (takes half a minute).

A file is entered if one of its functions is called. Training is that of the tests: a random encoder, three epochs.
"""

import os
import sys
import threading
import time
from pathlib import Path
from tempfile import mkdtemp
from types import FrameType
from typing import Any

from starlette.testclient import TestClient

TREE = Path(__file__).parents[2]
ROOMS = ("flows", "tasks", "expectations", "pipelines")
MAX_LINES = 150  # the longest file that the house rules want
# Threads that look at the ledger and the store twice a second: no part of the way of a message once the service runs.
POLLERS = ("StoreHealth", "Pauses", "Champions", "Rollouts", "Checkpoints")
steps: dict[str, set[str]] = {}


def step(name: str) -> None:
    """Count the files that are entered from now on for this step."""
    steps[name] = set()


def note(frame: FrameType, event: str, _: Any) -> None:
    """Profiler: record the file of each function of ours that is called."""
    file = Path(frame.f_code.co_filename)
    polls = threading.current_thread().name in POLLERS and "answer" in steps
    called = event == "call" and frame.f_code.co_name != "<module>" and bool(steps) and not polls
    if called and file.is_relative_to(TREE) and file.relative_to(TREE).parts[0] in ROOMS:
        next(reversed(steps.values())).add(str(file))


def walk() -> None:
    """Ingest one corpus, train and register one version, answer one message, label it, and ingest the corpus again."""
    from pipelines.ingestion import corpus, snapshot
    from pipelines.ledger.events import Promotion
    from pipelines.promotion.decision_event import subject
    from pipelines.serving.application import app
    from pipelines.store.votes import ANY_LABEL
    from pipelines.training.fine_tuning import fine_tune
    from pipelines.workspace.settings import Settings
    from tests.conftest import _encoder, topics_model, write_topics

    folder = Path(mkdtemp())
    os.environ["NEEDLOOP_HOME"] = str(folder / "home")
    spec = topics_model(write_topics(folder / "topics.csv"), _encoder(folder / "encoder"))
    settings = Settings(_env_file=None).activate()
    workspace = settings.workspace
    threading.setprofile(note)
    sys.setprofile(note)
    step("read and split")
    read = corpus.ingest(spec, workspace)
    step("train and package")
    challenger = fine_tune(snapshot.read(read.train), spec, folder / "work", None, lambda *_: None)
    step("register and promote")
    version = workspace.registry.register(challenger, spec, read.train, "key", feedback=0)
    workspace.ledger.append(Promotion(subject(version, ""), ("counted",), None))
    step("start the service")
    with TestClient(app(settings), base_url="http://127.0.0.1:8000") as client:
        while client.get("/readyz").status_code != 200:
            time.sleep(0.2)
        step("answer")
        answer = client.post("/v1/models/topics/predict", json={"texts": ["my suitcase is lost"]}).json()
        step("feedback")
        label = {"prediction": answer["predictions"][0]["id"], "label": "delay"}
        client.post("/v1/feedback", json=label).raise_for_status()
    step("read it again")
    corpus.ingest(spec, workspace, workspace.store.labelled_texts("topics", ANY_LABEL))
    sys.setprofile(None)


def size(names: list[str]) -> str:
    """The files of some steps, their lines, and the fewest files of at most 150 lines that could hold these."""
    files = set().union(*(steps[name] for name in names))
    lines = sum(len(Path(file).read_text(encoding="utf-8").splitlines()) for file in files)
    return f"{len(files)} files of {lines} lines; with {MAX_LINES} lines a file at least {-(-lines // MAX_LINES)}"


def main() -> None:
    walk()
    for name, files in steps.items():
        print(f"{name}: {len(files)}")
    message, feedback = [*steps][:5], [*steps][5:]
    print(f"a message, from CSV to answer: {size(message)}")
    print(f"a label, from request to corpus: {size(feedback)}")


if __name__ == "__main__":
    main()

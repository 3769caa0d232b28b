"""A real service in its own process, over packages so small that they answer by single words."""

import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import httpx
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit

import pipelines
from pipelines.inference.artefact import package_digest
from pipelines.ledger.ledger import Ledger
from pipelines.store import signin
from pipelines.store.key_scopes import SCOPES
from pipelines.store.store import Store
from tests.forking import Forked, Forker
from tests.pipelines.ledger import made

ROOT = Path(pipelines.__file__).parents[1]
LABELS = ("negative", "neutral", "positive")
MAIN = "pipelines.serving.__main__:main"
WORDS = {"[UNK]": 0, "bad": 1, "so": 2, "good": 3, "<EMAIL>": 4}
VOTES = ((0, 0.1, 0), (3, 0, 0), (0, 3, 0), (0, 0, 3), (0, 0, 9))


def write_package(folder, labels=LABELS, work=0, words=WORDS, votes=VOTES, **more):
    """A package whose words vote: `bad` for the first label, `so` for the second, `good` and `<EMAIL>` for the third.

    `work` is the side of a matrix that is multiplied for each text, to take time. A word of `words` with an id of 5 or
    more makes the package fail. `votes` has a row for each word and a value for each output. `more` goes into
    `package.json`.
    """
    folder.mkdir(parents=True)
    nodes = [
        helper.make_node("Gather", ["votes", "input_ids"], ["each"]),
        helper.make_node("ReduceSum", ["each", "axis"], ["sums"], keepdims=0),
    ]
    weights = {"votes": np.array(votes, np.float32), "axis": np.array([1], np.int64)}
    if work:
        weights |= {"matrix": np.full((work, work), 1e-3, np.float32), "zero": np.zeros(1, np.float32)}
        nodes += [
            helper.make_node("ReduceMax", ["sums"], ["most"], keepdims=0),
            helper.make_node("Mul", ["matrix", "most"], ["scaled"]),
            helper.make_node("MatMul", ["scaled", "matrix"], ["product"]),
            helper.make_node("ReduceMax", ["product"], ["top"], keepdims=0),
            helper.make_node("Mul", ["top", "zero"], ["nothing"]),
            helper.make_node("Add", ["sums", "nothing"], ["logits"]),
        ]
    else:
        nodes.append(helper.make_node("Identity", ["sums"], ["logits"]))
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "tokens"])
        for name in ("input_ids", "attention_mask")
    ]
    outputs = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["texts", len(votes[0])])]
    constants = [numpy_helper.from_array(array, name) for name, array in weights.items()]
    graph = helper.make_graph(nodes, "votes", inputs, outputs, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, folder / "model.onnx")
    tokenizer = Tokenizer(WordLevel(words, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = WhitespaceSplit()
    tokenizer.save(str(folder / "tokenizer.json"))
    card = {"kind": "classification", "labels": labels, "keep_handles": ["united"], "max_tokens": 32}
    (folder / "package.json").write_text(json.dumps({"model": "sentiment", **card, **more}))
    return folder


def promote(home, version, folder, model="sentiment", digest=None, event="promote", **more):
    """Make a package the champion; `more` are fields of the event."""
    values = {"location": str(folder), "digest": digest or package_digest(folder)}
    return Ledger(home / "ledger.jsonl").append(made.event(event, model, version, **{**values, **more}))


def record(folder, **answers):
    """Write recorded answers of the trained network into a package; returns the package."""
    said = [{"text": text, "label": label} for text, label in answers.items()]
    (folder / "recorded.json").write_text(json.dumps(said))
    return folder


@dataclass
class Running:
    """A running service."""

    process: subprocess.Popen | Forked
    http: httpx.Client
    home: Path
    log: Path

    @cached_property
    def store(self):
        return Store(f"sqlite:///{self.home / 'needloop.db'}")

    def sign_in(self):
        """Send the secret of the home's sign-in link from now on."""
        secret = signin.link(self.home, "").partition("#token=")[2]
        self.http.headers["Authorization"] = f"Bearer {secret}"
        return self

    def predict(self, *texts, **more):
        return self.http.post("/v1/models/sentiment/predict", json={"texts": texts, **more})

    def first(self, text="so so", **more):
        return self.predict(text, **more).json()["predictions"][0]


def environment(home, **more):
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("NEEDLOOP_", "PREFECT_"))}
    return inherited | {"NEEDLOOP_HOME": str(home), "PYTHONPATH": str(ROOT)} | more


@cache
def _forker():
    ours = "pipelines.serving.__main__", "pipelines.serving.application"
    imported_late = "alembic.command", "alembic.context", "uvicorn.lifespan.on", "uvicorn.loops.uvloop"
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    return Forker(folder / "f", *ours, *imported_late, env=environment(Path(os.devnull)))


def ended(home, *options, **more):
    """Run a service that ends by itself: its exit code and output."""
    return _forker().run(MAIN, ["serving", *options], environment(home, **more), home, timeout=60)


@contextmanager
def running(home, *options, own=False, call=MAIN, **more):
    """Start a service over a home, with extra environment; it is killed at the end of the block.

    With `own` it is a fresh process, else it is forked from one with all modules imported. `call` is its entry point.
    """
    home.mkdir(parents=True, exist_ok=True)
    address, log = home / "address", home / "log"
    address.unlink(missing_ok=True)
    words, surroundings = ["--port", "0", "--address-file", str(address), *options], environment(home, **more)
    with log.open("w") as out:
        if own:
            command = [sys.executable, "-m", "pipelines.serving", *words]
            process = subprocess.Popen(command, cwd=home, env=surroundings, stdout=out, stderr=subprocess.STDOUT)
        else:
            process = _forker().start(call, ["serving", *words], surroundings, home, out, out)
    try:
        until(address.exists, log=log, process=process)
        with httpx.Client(base_url=address.read_text(), timeout=30, verify=False) as http:  # no TLS to prepare
            yield Running(process, http, home, log)
    finally:
        process.kill()
        process.wait()


def until(true, seconds=60, log=None, process=None):
    """Wait until a function returns a true value; `seconds` is only a limit for a wait without success."""
    end = time.monotonic() + seconds
    while not (found := true()):
        told = log.read_text() if log else ""
        assert process is None or process.poll() is None, told
        assert time.monotonic() < end, f"not within {seconds} s {told}"
        time.sleep(0.02)
    return found


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """A service for the module, with version 3 of `sentiment`."""
    home = tmp_path_factory.mktemp("home")
    promote(home, 3, write_package(home / "packages" / "3"))
    with running(home) as service:
        yield service


@pytest.fixture(scope="module")
def locked(tmp_path_factory):
    """A service that requires keys, and a key for each scope."""
    home = tmp_path_factory.mktemp("locked")
    promote(home, 3, write_package(home / "packages" / "3"))
    store = Store(f"sqlite:///{home / 'needloop.db'}")
    keys = {scope: store.create_key(scope, [scope]) for scope in SCOPES}
    with running(home) as service:
        yield service, keys


@pytest.fixture(scope="session")
def start():
    """The context manager `running`: `with start(home) as service`."""
    return running


@pytest.fixture(scope="session", name="promote")
def _promote():
    return promote


@pytest.fixture(scope="session", name="write_package")
def _write_package():
    return write_package


@pytest.fixture(scope="session", name="until")
def _until():
    return until

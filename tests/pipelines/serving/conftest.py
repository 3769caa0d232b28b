"""A real service in a process of its own, over packages so small that they answer by single words."""

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

    `work` is the side of a matrix that each text is made to multiply for nothing, to take time; of `words` it fails at
    those with a number of 5 or more; `votes` are the words' own, one for each output; `more` is for its card.
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
    """Make a package the champion; `more` is for the event."""
    values = {"location": str(folder), "digest": digest or package_digest(folder)}
    return Ledger(home / "ledger.jsonl").append(made.event(event, model, version, **{**values, **more}))


def record(folder, **answers):
    """Let a package say what the trained network answered; returns the package."""
    said = [{"text": text, "label": label} for text, label in answers.items()]
    (folder / "recorded.json").write_text(json.dumps(said))
    return folder


@dataclass
class Running:
    """A service that runs."""

    process: subprocess.Popen | Forked
    http: httpx.Client
    home: Path
    log: Path

    @cached_property
    def store(self):
        return Store(f"sqlite:///{self.home / 'needloop.db'}")

    def sign_in(self):
        """Show the secret of the home's sign-in link from now on."""
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
    """A service that comes to its end by itself, with its exit code and what it wrote."""
    return _forker().run(MAIN, ["serving", *options], environment(home, **more), home, timeout=60)


@contextmanager
def running(home, *options, own=False, call=MAIN, **more):
    """Start a service over a home, with more environment; it is killed in the end.

    Its modules are imported already, unless the process is to be all its `own`; `call` is what runs in it.
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
    """Wait for something to become true; how long is no claim, only an end for what never comes."""
    end = time.monotonic() + seconds
    while not (found := true()):
        told = log.read_text() if log else ""
        assert process is None or process.poll() is None, told
        assert time.monotonic() < end, f"not within {seconds} s {told}"
        time.sleep(0.02)
    return found


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """One service for the module, with version 3 of `sentiment`."""
    home = tmp_path_factory.mktemp("home")
    promote(home, 3, write_package(home / "packages" / "3"))
    with running(home) as service:
        yield service


@pytest.fixture(scope="module")
def locked(tmp_path_factory):
    """A service that asks for keys, and a key of each scope by its name."""
    home = tmp_path_factory.mktemp("locked")
    promote(home, 3, write_package(home / "packages" / "3"))
    store = Store(f"sqlite:///{home / 'needloop.db'}")
    keys = {scope: store.create_key(scope, [scope]) for scope in SCOPES}
    with running(home) as service:
        yield service, keys


@pytest.fixture(scope="session")
def start():
    """`with start(home) as service`."""
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

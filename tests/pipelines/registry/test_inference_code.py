"""A registered version predicts anywhere: its logged model includes exactly the code that it needs."""

import json
import subprocess
import sys

import pytest

from pipelines.catalog.built_in import BUILT_IN
from pipelines.inference.packaged import ModelPackage
from pipelines.registry.inference_code import TREE, inference_code, required_files
from pipelines.workspace.settings import Settings
from tests.flows.versions import registered

# As on a machine without this project.
ELSEWHERE = """
import json, sys
sys.meta_path = [finder for finder in sys.meta_path if "editable" not in getattr(finder, "__module__", "")]
from importlib.util import find_spec
assert find_spec("pipelines") is None
import mlflow, pandas
model = mlflow.pyfunc.load_model(sys.argv[1])
texts = pandas.DataFrame({"text": json.loads(sys.argv[2])})
print(json.dumps([model.predict(texts).to_dict("records"), sys.modules["pipelines"].__file__]))
"""
TEXTS = ["bad bad so", "so  so", "good <EMAIL>", "write me at jane.roe@somewhere.org"]


@pytest.fixture(scope="module")
def version(tmp_path_factory):
    """A registered version of `sentiment`, and the settings of its home."""
    settings = Settings(home=tmp_path_factory.mktemp("home"), _env_file=None).activate()
    return registered(next(spec for spec in BUILT_IN if spec.name == "sentiment"), settings, 1), settings


def test_a_registered_version_answers_where_this_project_is_not_installed(version, tmp_path):
    made, settings = version
    place = f"{settings.home / made.location}".removesuffix("/artifacts/package")
    command = [sys.executable, "-P", "-c", ELSEWHERE, place, json.dumps(TEXTS)]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "MLFLOW_DISABLE_TELEMETRY": "true"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    answers, where = json.loads(done.stdout.splitlines()[-1])
    masked = [*TEXTS[:1], "so so", TEXTS[2], "write me at <EMAIL>"]
    expected = ModelPackage.load(settings.home / made.location).predict(masked)
    assert answers == [{"label": one.label, "score": one.score} for one in expected]
    assert where.startswith(place)


def test_it_carries_the_code_of_inference_and_nothing_of_training_flows_or_service(version):
    made, settings = version
    code = (settings.home / made.location).parents[1] / "code"
    files = {file.relative_to(code / "pipelines").as_posix() for file in code.rglob("*.py")}
    assert {"inference/pyfunc.py", "inference/packaged.py", "masking/mask.py", "__init__.py"} <= files
    assert not {file.split("/")[0] for file in files} & {"training", "serving", "registry", "bench", "store", "tuning"}


def test_what_is_copied_is_found_by_imports_also_within_functions_and_not_for_types_alone(tmp_path, monkeypatch):
    tree = tmp_path / "tree" / "pipelines"
    for name, text in {
        "__init__.py": "",
        "a/__init__.py": "",
        "a/entry.py": "import json\nfrom pipelines.b import one\nfrom typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from pipelines.c.types import T\ndef late():\n    import pipelines.d.late\n",
        "b/__init__.py": "",
        "b/one.py": "from pipelines.a.entry import late",
        "c/__init__.py": "",
        "c/types.py": "",
        "d/__init__.py": "",
        "d/late.py": "from pipelines.e import VALUE",
        "e.py": "VALUE = 1",
    }.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text)
    monkeypatch.setattr("pipelines.registry.inference_code.TREE", tree)
    copy = inference_code(tree / "a" / "entry.py", tmp_path / "copy")
    files = {file.relative_to(copy).as_posix() for file in copy.rglob("*") if file.is_file()}
    names = {"__init__.py", "a/__init__.py", "a/entry.py", "b/__init__.py", "b/one.py", "d/__init__.py", "d/late.py"}
    assert files == names | {"e.py"}


def test_inference_needs_few_modules():
    found = required_files(TREE / "inference" / "pyfunc.py")
    assert len(found) < 50
    assert sum(file.stat().st_size for file in found) < 160_000

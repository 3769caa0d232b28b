import os
import subprocess
import sys

import pytest

from tests.pipelines.serving.conftest import write_package

LOAD = """
import sys
from pathlib import Path
from pipelines.inference.packaged import ModelPackage
ModelPackage.load(Path(sys.argv[1]))
"""


@pytest.mark.parametrize(("chosen", "silent"), [({}, True), ({"ORT_DISABLE_TELEMETRY": "0"}, False)])
def test_a_loaded_package_leaves_nothing_in_the_user_s_cache_unless_the_user_turns_telemetry_on(
    tmp_path, chosen, silent
):
    # No other variable: with `CI` or a similar name the runtime prints nothing anyway.
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path / "user")}
    command = [sys.executable, "-c", LOAD, str(write_package(tmp_path / "package"))]
    subprocess.run(command, check=True, env=environment | chosen)
    assert (not [*tmp_path.glob("user/**/*onnxruntime*")]) is silent

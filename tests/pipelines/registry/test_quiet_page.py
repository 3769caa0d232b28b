"""The connections that we close in MLflow's page are those that this version of MLflow opens."""

import re

import pytest

from pipelines.registry.mlflow_page import DISMISSED, SCRIPT, with_script
from pipelines.registry.mlflow_server import PAGE


@pytest.fixture(scope="module")
def scripts():
    return "".join(file.read_text(encoding="utf-8") for file in (PAGE.parent / "static" / "js").glob("*.js"))


@pytest.mark.parametrize("key", DISMISSED)
def test_mlflow_s_page_reads_each_key_that_is_set(key, scripts):
    name, version = re.fullmatch(r"(.+)_v(\d)", key).groups()
    assert f'"{name}"' in scripts
    assert version == "1"


def test_the_script_stands_before_mlflow_s_own():
    page = with_script(PAGE.read_text(encoding="utf-8"))
    assert page.index(SCRIPT) < page.index("static-files/")

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
DECLARED = [Requirement(line) for line in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]]


def locked(name):
    """The version of each package, and its number of hashes."""
    entries = (ROOT / name).read_text().replace("\\\n", " ").splitlines()
    found = (re.match(r"([\w.-]+)(?:\[[\w,-]+\])?==(\S+)", line) for line in entries if not line.startswith("#"))
    return {canonicalize_name(one[1]): (one[2], one.string.count("--hash=sha256:")) for one in found}


def test_every_locked_package_has_the_hashes_of_its_files():
    assert [name for name, (_, hashes) in locked("requirements.lock").items() if not hashes] == []


@pytest.mark.parametrize("requirement", DECLARED, ids=str)
def test_what_the_project_declares_is_locked_within_its_range(requirement):
    every = locked("requirements.lock") | locked("requirements-torch.lock")
    assert requirement.specifier.contains(every[canonicalize_name(requirement.name)][0])

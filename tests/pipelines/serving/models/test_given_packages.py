"""A service started with packages serves these under their names, and follows no ledger."""

import pytest

from pipelines.store.store import Store
from tests.pipelines.serving.conftest import ended, promote, running, write_package


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """A service over two packages, beside an invalid ledger."""
    home = tmp_path_factory.mktemp("given")
    promote(home, 3, write_package(home / "packages" / "3"))
    (home / "ledger.jsonl").write_text("no ledger\n")
    one, other = write_package(home / "one"), write_package(home / "other", labels=("a", "b", "c"))
    with running(home, f"--package=challenger={one}", f"--package=champion={other}") as service:
        yield service


def test_the_packages_answer_under_their_names_and_nothing_else_does(service):
    assert service.http.get("/readyz").json()["models"] == {"challenger": 1, "champion": 1}
    served = {one["model"]: one["labels"] for one in service.http.get("/v1/models").json()["models"]}
    assert served == {"challenger": ["negative", "neutral", "positive"], "champion": ["a", "b", "c"]}
    for model, label in (("challenger", "negative"), ("champion", "a")):
        answer = service.http.post(f"/v1/models/{model}/predict", json={"texts": ["bad"]}).json()
        assert (answer["version"], answer["predictions"][0]["label"]) == (1, label)
    refused = service.http.post("/v1/models/sentiment/predict", json={"texts": ["bad"]})
    assert refused.json() == {"detail": "no such model; choose from challenger, champion"}


def test_the_console_which_shows_the_ledger_is_not_there(service):
    assert [service.http.get(path).status_code for path in ("/", "/v1/loop", "/v1/models/sentiment/history")] == [
        404
    ] * 3
    assert "console" not in service.log.read_text()


def test_it_asks_for_keys_where_the_home_has_some(tmp_path):
    Store(f"sqlite:///{tmp_path / 'needloop.db'}").create_key("a", ["predict"])
    with running(tmp_path, f"--package=mood={write_package(tmp_path / 'one')}") as service:
        assert service.http.post("/v1/models/mood/predict", json={"texts": ["bad"]}).status_code == 401


@pytest.mark.parametrize("argument", ["mood", "=/tmp", "mood=", "mood=/nowhere/at/all"])
def test_what_is_no_name_and_folder_is_refused_at_once(tmp_path, argument):
    done = ended(tmp_path, "--package", argument)
    told = f"{argument!r} is not NAME=PATH with the path of an existing folder"
    assert (done.returncode, told in done.stderr) == (2, True)

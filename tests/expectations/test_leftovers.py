"""A run killed while Great Expectations writes leaves a torn file; the next run must succeed without manual repair."""

import shutil

import pytest

from pipelines.ingestion.corpus import Corpus
from pipelines.ingestion.snapshot import write
from pipelines.workspace.settings import Settings
from tests.expectations.conftest import validate

TORN = {
    "suite": "gx/expectations/mood.json",
    "result": "gx/uncommitted/validations/mood/*/*/*.json",
    "identifier of a store": "gx/expectations/.ge_store_backend_id",
    "project file": "gx/great_expectations.yml",
    "page of a suite": "docs/expectations/mood.html",
    "page of a result": "docs/validations/mood/*/*/*.html",
    "front page": "docs/index.html",
}


@pytest.fixture(scope="module")
def validated(good, spec, tmp_path_factory):
    """A home with the result of one validation; no test works in it."""
    folder = tmp_path_factory.mktemp("validated")
    stored = [write(frame, str(folder / "snapshots")) for frame in good]
    validate(Corpus(*stored, None), spec, Settings(home=folder / "home").workspace)
    return folder / "home"


@pytest.fixture
def settings(settings, validated):
    """A home with that result."""
    shutil.copytree(validated, settings.home)
    return settings


@pytest.fixture
def first(settings):
    """The page of that result."""
    (found,) = settings.home.glob("docs/validations/**/*.html")
    return found


@pytest.fixture
def tear(settings):
    """Cut the matching file to a share of its length; without a match, make it from the start of such a file."""

    def torn(pattern, share=0.5):
        found = next(settings.home.glob(pattern), settings.home / pattern)
        whole = found.read_bytes() if found.exists() else b"store_backend_id = 5f0c64f2-b5d3: [\n"
        found.write_bytes(whole[: int(len(whole) * share)])

    return torn


@pytest.fixture
def mended(good, validate_frames, settings, capfd, caplog):
    """Assert that the next run succeeds, prints nothing, and leaves only whole pages."""

    def check():
        assert validate_frames(*good).success
        assert (*capfd.readouterr(), caplog.text) == ("", "", "")
        assert all(page.read_text().rstrip().endswith("</html>") for page in settings.home.glob("docs/**/*.html"))

    return check


@pytest.mark.parametrize("pattern", TORN.values(), ids=TORN.keys())
def test_a_torn_file_is_mended_by_the_next_run(pattern, tear, mended):
    tear(pattern)
    mended()


def test_files_that_were_only_just_begun_are_mended_by_the_next_run(tear, mended):
    for pattern in TORN.values():
        tear(pattern, share=0)
    mended()


def test_a_torn_page_is_no_longer_linked(first, good, validate_frames, page, settings, tear):
    tear(str(first.relative_to(settings.home)))
    second = page(validate_frames(*good))

    front = (settings.home / "docs" / "index.html").read_text()
    assert [str(file.relative_to(settings.home / "docs")) in front for file in (first, second)] == [False, True]


def test_whole_files_are_kept(first, good, validate_frames, page):
    second = page(validate_frames(*good))
    assert first.exists()
    assert second.exists()

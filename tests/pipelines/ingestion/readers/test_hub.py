import gc

import pytest

from pipelines.catalog.spec import Source
from pipelines.ingestion import records, snapshot, sources
from pipelines.ingestion.corpus import UnusableSource, fingerprint, ingest
from pipelines.ingestion.readers import hub
from pipelines.ingestion.records import Record, Rejected

pytest.importorskip("datasets")


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """The folder in which the library would store its cache."""
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")
    return tmp_path / "cache"


@pytest.fixture
def repository(tmp_path, messages):
    """A repository in the hub's own layout: two splits, class labels, Parquet."""
    from datasets import ClassLabel, Dataset, Features, Value

    features = Features({"text": Value("string"), "label": ClassLabel(names=["good", "bad"])})
    rows = messages(120)
    for split, part in {"train": rows[:90], "test": rows[90:]}.items():
        columns = {"text": [text for text, _ in part], "label": [label for _, label in part]}
        file = tmp_path / "repo" / "data" / f"{split}-00000-of-00001.parquet"
        file.parent.mkdir(parents=True, exist_ok=True)
        Dataset.from_dict(columns, features=features).to_parquet(file)
    return tmp_path / "repo"


def test_a_local_repository_gives_its_splits_with_class_names(repository, messages, declare, settings):
    spec = declare(f"hf://{repository}", test=f"hf://{repository}?split=test")
    corpus = ingest(spec, settings.workspace)

    assert (corpus.train.rows, corpus.test.rows) == (90, 30)
    assert sorted(snapshot.read(corpus.test).text) == sorted(text for text, _ in messages(120)[90:])
    assert set(snapshot.read(corpus.train).label) == {"good", "bad"}


def test_nothing_that_was_read_is_cached(repository, messages, declare, settings, cache):
    ingest(declare(f"hf://{repository}"), settings.workspace)

    assert sum(file.stat().st_size for file in cache.rglob("*") if file.is_file()) == 0


def test_a_repository_of_csv_keeps_its_good_rows_and_its_words(tmp_path):
    sound = "".join(f"Où est le colis n° {number},good\n" for number in range(20)).encode()
    (tmp_path / "train.csv").write_bytes(b"text,label\nNA,good\ncaf\xe9,bad\nnull,bad\n" + sound)
    uri = f"hf://{tmp_path}"
    rows = list(records.read(uri, Source(uri=uri)))

    assert [row.text for row in rows if isinstance(row, Record)][:2] == ["NA", "null"]
    assert [(row.line, row.reason) for row in rows if isinstance(row, Rejected)] == [(2, "encoding")]


def test_a_repository_of_csv_in_an_old_encoding_is_read_in_it(tmp_path):
    (tmp_path / "train.csv").write_bytes("text,label\nOù est mon colis,réclamation\nça va,bien\n".encode("cp1252"))
    note, *rows = sources.rows(f"hf://{tmp_path}")

    assert "cp1252" in note.text
    assert [row.values["text"] for row in rows] == ["Où est mon colis", "ça va"]


@pytest.mark.parametrize("kind", ["one data set", "one folder for each split", "the hub's layout"])
def test_a_folder_is_read_by_its_path(kind, repository, messages, tmp_path):
    from datasets import DatasetDict, load_dataset

    saved = load_dataset(str(repository))
    folder = {"the hub's layout": repository}.get(kind, tmp_path / "saved")
    if folder != repository:
        (saved["train"] if kind == "one data set" else DatasetDict(saved)).save_to_disk(folder)
    rows = list(sources.rows(str(folder)))

    assert [(row.values["text"], row.values["label"]) for row in rows] == messages(120)[:90]


def test_another_split_of_a_saved_folder_is_chosen_in_its_address(repository, tmp_path):
    from datasets import load_dataset

    load_dataset(str(repository)).save_to_disk(tmp_path / "saved")

    assert len(list(sources.rows(f"hf://{tmp_path / 'saved'}?split=test"))) == 30
    with pytest.raises(UnusableSource, match="has no split 'dev'; choose one of test, train"):
        list(sources.rows(f"hf://{tmp_path / 'saved'}?split=dev"))


def test_the_identity_of_a_folder_follows_its_files(repository):
    first = sources.identity(str(repository))
    (repository / "data" / "more.txt").write_text("more")

    assert sources.identity(str(repository)) != first


def test_code_in_a_repository_is_not_run(repository, declare, settings):
    ran = repository / "ran"
    (repository / "repo.py").write_text(f"open({str(ran)!r}, 'w').close()")

    with pytest.raises(UnusableSource, match="scripts are no longer supported"):
        ingest(declare(f"hf://{repository}"), settings.workspace)
    assert not ran.exists()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # the library leaves its file open
def test_an_unreadable_repository_does_not_quote_a_person(tmp_path, declare, settings, caplog):
    features = "dataset_info:\n  features:\n  - name: text\n    dtype: string\n  - name: label\n    dtype: int64\n"
    (tmp_path / "README.md").write_text(f"---\n{features}---\n")
    (tmp_path / "train.csv").write_text("text,label\nfine,jane@example.org\n")

    with pytest.raises(UnusableSource, match="<EMAIL>") as caught:
        ingest(declare(f"hf://{tmp_path}"), settings.workspace)
    assert "jane" not in str(caught.value) + caplog.text
    assert caught.value.__cause__ is None
    del caught
    gc.collect()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_the_library_logs_no_row_that_it_could_not_read(tmp_path, declare, settings, caplog):
    (tmp_path / "train.csv").write_text("text,label\nfine,good\nask, jane@example.org,good\n")

    with pytest.raises(UnusableSource, match="Expected 2 fields in line 3, saw 3"):
        ingest(declare(f"hf://{tmp_path}"), settings.workspace)
    gc.collect()
    assert caplog.text == ""


def test_the_fingerprint_follows_the_files(repository, declare):
    spec = declare(f"hf://{repository}")
    first = fingerprint(spec)
    (repository / "README.md").write_text("---\n---\n")

    assert fingerprint(spec) != first


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("hf://owner/name", hub.Repository("owner/name", None, "train", None)),
        ("hf://name", hub.Repository("name", None, "train", None)),
        ("hf://owner/name@v1.0?split=validation", hub.Repository("owner/name", "v1.0", "validation", None)),
        ("hf://owner/name?config=plus&split=test", hub.Repository("owner/name", None, "test", "plus")),
        ("hf:///data/a@b?split=test", hub.Repository("/data/a@b", None, "test", None)),
    ],
)
def test_an_address_names_repository_revision_split_and_config(uri, expected):
    assert hub.repository(uri) == expected


def test_an_unknown_option_is_refused():
    with pytest.raises(UnusableSource, match="use split and config"):
        hub.repository("hf://owner/name?splits=test")


def test_a_missing_split_is_named(repository, declare, settings):
    with pytest.raises(UnusableSource, match="Bad split: dev"):
        ingest(declare(f"hf://{repository}?split=dev"), settings.workspace)

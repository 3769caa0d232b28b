import warnings
from itertools import islice
from pathlib import Path
from urllib.parse import urlparse
from urllib.request import url2pathname

import pandas as pd
import pytest

from pipelines.catalog.gate import Gate
from pipelines.catalog.spec import ModelSpec, Source
from pipelines.ingestion.airline import airline_rows
from pipelines.ingestion.corpus import Corpus
from pipelines.ingestion.snapshot import write
from pipelines.ingestion.text import digest
from pipelines.workspace.settings import Settings

with warnings.catch_warnings():
    # Great Expectations 1.24 imports `sre_constants`, which Python 3.11 deprecates; a second import does not warn.
    warnings.simplefilter("ignore", DeprecationWarning)
    from expectations.docs import failed_expectations
    from expectations.evidence import evidence
    from expectations.labelled_text import labelled_text
    from expectations.validation import validate


@pytest.fixture(scope="session")
def spec():
    return ModelSpec(
        name="mood",
        labels=("negative", "neutral", "positive"),
        source=Source(uri="unused.csv"),
        gate=Gate(min_macro_f1=0, min_accuracy=0, margin=0, min_gain_over_baseline=0),
        min_label_share=0.01,
    )


@pytest.fixture(scope="session")
def good():
    """400 training messages and 100 held-out ones."""
    texts = {row["text"]: row["sentiment"] for _, row in islice(airline_rows(), 0, None, 29)}
    rows = pd.DataFrame({"text": list(texts), "label": list(texts.values())}).sample(frac=1, random_state=1)
    rows = rows.assign(key=rows["text"].map(digest), validation=False, origin="source", weight=1.0)
    rows = rows.drop_duplicates("key").reset_index(drop=True)
    return rows[:400], rows[400:500]


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path / "home")


@pytest.fixture
def validate_frames(tmp_path, settings, spec):
    """The validation of a train and a test frame."""

    def judge(train, test, spec=spec):
        stored = [write(frame, str(tmp_path / "snapshots")) for frame in (train, test)]
        return validate(Corpus(*stored, None), spec, settings.workspace)

    return judge


@pytest.fixture
def failed(spec):
    """The suite's messages about failures in a train and a test frame; no result is stored."""
    return lambda train, test: failed_expectations(evidence(train, test, spec), labelled_text(spec, None))


@pytest.fixture
def page():
    """The file of a validation's page."""
    return lambda validation: Path(url2pathname(urlparse(validation.docs).path))

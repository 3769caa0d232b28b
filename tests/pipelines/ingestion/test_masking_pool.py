import pytest

from pipelines.ingestion.masking_pool import MaskingStopped, masked_chunks
from pipelines.ingestion.records import Record
from pipelines.ingestion.text_masking import TextMasker
from pipelines.masking.rules import MaskingRules

MASKER = TextMasker(MaskingRules(), 10_000, "head", with_originals=True)


def chunks(number, rows=7):
    """Chunks of different messages with an address."""
    return [
        [Record(row, f"chunk {chunk} row {row} jane.roe@example.org", None) for row in range(rows)]
        for chunk in range(number)
    ]


def test_chunks_masked_in_processes_are_those_masked_here_in_the_same_order():
    here = list(masked_chunks(chunks(7), MASKER, processes=1))

    assert list(masked_chunks(chunks(7), MASKER, processes=3)) == here
    assert here[6][1].texts[0] == "chunk 6 row 0 <EMAIL>"
    assert here[6][1].originals[0] == "chunk 6 row 0 jane.roe@example.org"


def test_chunks_larger_than_a_pipe_pass():
    large = [[Record(1, "so late " * 1_000, None)] * 50 for _ in range(5)]

    assert [len(masked.texts) for _, masked in masked_chunks(large, MASKER, processes=2)] == [50] * 5


def test_few_rows_start_no_process(monkeypatch):
    monkeypatch.setattr("pipelines.ingestion.masking_pool.subprocess.Popen", None)

    assert len(list(masked_chunks(chunks(1), MASKER, processes=2))) == 1


def test_a_process_that_ends_early_is_an_error_with_a_remedy(monkeypatch):
    monkeypatch.setattr("pipelines.ingestion.masking_pool.MODULE", ("/bin/false",))

    with pytest.raises(MaskingStopped, match="read the source again"):
        list(masked_chunks(chunks(4), MASKER, processes=2))

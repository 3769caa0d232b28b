import pytest

from pipelines.bench import table
from pipelines.bench.data import NoData
from pipelines.bench.part import Bench, BenchMeasure
from pipelines.bench.reading.generated_source import lengthened, questions
from pipelines.bench.reading.measured_process import cost_of
from pipelines.bench.reading.naive_join import similar_pairs
from pipelines.bench.reading.reading_benchmark import run_reading_benchmark
from pipelines.bench.reading.reading_plot import plot_curve
from pipelines.runtime.interpreter import MODULE

BASE = [("my card is late", "card"), ("where is my refund", "refund")]


def test_more_rows_begin_with_the_same_rows():
    assert lengthened(BASE, 5) == lengthened(BASE, 9)[:5]
    assert len({text for text, _ in lengthened(BASE, 100)}) == 100


def test_the_naive_join_finds_the_similar_pairs_and_no_others():
    texts = ["where is the refund for my flight", "so late", "where is the refund for my flights", "so kind"]

    assert similar_pairs(texts).values.tolist() == [[0, 2]]


def test_the_memory_of_a_command_includes_that_of_its_children(tmp_path):
    file = tmp_path / "parent.py"
    large = "import time; kept = b'1' * 2**27; time.sleep(1)"
    file.write_text(f"import subprocess, sys; subprocess.run([sys.executable, '-c', {large!r}])")
    cost = cost_of([MODULE[0], str(file)], {}, tmp_path / "log.txt")

    assert cost.peak_mib > 128
    assert cost.seconds > 1


def test_without_the_data_it_is_skipped_with_a_reason(tmp_path):
    with pytest.raises(NoData, match=r"banking77/train\.csv"):
        questions(None)
    results = run_reading_benchmark(Bench(None, tmp_path / "work", lambda _: None))

    assert "needs --data FOLDER" in results.skipped["reading"]
    assert not results.measures


def test_the_picture_has_a_line_of_the_reading(tmp_path):
    measures = [
        BenchMeasure("curve", f"{rows:,} rows", figure, 1.0)
        for rows in (10, 20_000)
        for figure in ("seconds", "processor seconds")
    ]

    assert b"curve: seconds" in plot_curve(measures, tmp_path / "curve.svg").read_bytes()
    assert table.verdict(BenchMeasure("curve", "1 rows", "seconds", 4.0, 5.0, at_most=True)) == "reached"
    with pytest.raises(ValueError, match="no reading"):
        plot_curve([], tmp_path / "none.svg")

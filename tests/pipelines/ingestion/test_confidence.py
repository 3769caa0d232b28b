from pipelines.ingestion.corpus import ingest
from pipelines.ingestion.snapshot import read

HEADER = ("text", "label", "sure")


def test_the_annotators_agreement_becomes_the_weight_in_the_loss(declare, table, messages, settings):
    rows = [(text, label, f"{0.2 + number % 5 / 10:.1f}") for number, (text, label) in enumerate(messages(80))]
    corpus = ingest(declare(table(rows, header=HEADER), confidence="sure"), settings.workspace)
    told = {text: float(sure) for text, _, sure in rows}
    train = read(corpus.train)
    assert len(train) > 50
    assert train["weight"].tolist() == [told[text] for text in train["text"]]


def test_a_row_without_agreement_counts_fully_and_one_with_nonsense_is_put_aside(declare, table, messages, settings):
    written = ["", "0.4", "half", "1.7", "0", "nan", "1"]
    rows = [(text, label, written[number % 7]) for number, (text, label) in enumerate(messages(140))]
    corpus = ingest(declare(table(rows, header=HEADER), confidence="sure"), settings.workspace)
    assert corpus.report.left_out["confidence is no number between 0 and 1"] == 60
    assert set(read(corpus.train)["weight"]) == {0.4, 1.0}

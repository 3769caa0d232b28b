import json

import pytest

from pipelines.ingestion import quarantine
from pipelines.ingestion.corpus import UnusableSource, ingest, unlabelled
from pipelines.ingestion.rows import Rejected
from pipelines.store.labelled_feedback import LabelledText

ADDRESS = "jane.roe@example.org"


def on_disk(home):
    """Every byte and every name under the home."""
    files = [path for path in home.rglob("*") if path.is_file()]
    return b"".join(file.read_bytes() + str(file).encode() for file in files)


def in_clear(home):
    """The content of all files, with Parquet files unpacked."""
    import pyarrow.parquet as pq

    unpacked = [json.dumps(pq.read_table(file).to_pylist()) for file in home.rglob("*.parquet")]
    return on_disk(home) + "".join(unpacked).encode()


def test_no_unmasked_text_reaches_the_disk(tmp_path, messages, declare, settings):
    good = [f"{text} write to {ADDRESS},{label}\n".encode() for text, label in messages(60)]
    bad = [
        f"caf\xe9 {ADDRESS},good\n".encode("latin-1"),
        f"ask {ADDRESS},meh\n".encode(),
        f"ask {ADDRESS}\n".encode(),
        f'"ask {ADDRESS},good\n'.encode(),
        f"{ADDRESS} {'x' * 20_000},good\n".encode(),
        f"{'x ' * 495}{ADDRESS} {'y ' * 9_000},good\n".encode(),
        f"ask {ADDRESS},good\n".encode("utf-16-le") + b"\n",
    ]
    (tmp_path / "m.csv").write_bytes(b"text,label\n" + b"".join([*good, *bad]))
    spec = declare(tmp_path / "m.csv", traffic=0.2)
    corpus = ingest(
        spec, settings.workspace, [LabelledText("f" * 64, f"unmasked by mistake {ADDRESS} on the way", "good", 1)]
    )
    unlabelled(spec.source.uri, spec.source, settings.workspace)

    written = in_clear(settings.home)
    assert sum(corpus.report.left_out.values()) == len(bad) - 2  # the two long texts are cut and used
    assert b"<EMAIL>" in written
    assert b"jane" not in written
    assert b"j a n e" not in written


def test_a_malformed_json_line_hides_nothing_behind_escapes():
    raw = '{"text": "write to \\njane.roe\\u0040example.org or 212-555-0147", '
    text = quarantine.entry("m.jsonl", Rejected(1, "malformed", raw)).text

    assert "<EMAIL>" in text
    assert "jane" not in text


@pytest.mark.parametrize("bad_byte", [b"\xe9", b"\xff", b"\xc3"])
def test_an_address_with_a_lost_byte_is_still_an_address(bad_byte):
    raw = (b"write to jos" + bad_byte + b".roe@example.org").decode("utf-8", "surrogateescape")

    assert quarantine.entry("m.csv", Rejected(1, "encoding", raw)).text == "write to <EMAIL>"


@pytest.mark.parametrize("before", range(0, 100, 9))
def test_an_excerpt_never_ends_in_half_an_address(before):
    address = "jane" + "x" * 80 + "@example.org "  # a hundred of them, masked, are shorter than an excerpt
    shown = quarantine.excerpt("z" * before + " " + address * 200)

    assert "<EMAIL>" in shown
    assert "jane" not in shown


def test_an_error_about_columns_does_not_quote_a_person(tmp_path, declare, settings):
    (tmp_path / "m.csv").write_text(f"write to {ADDRESS},good\nask,bad\n")

    with pytest.raises(UnusableSource, match="<EMAIL>") as caught:
        ingest(declare(tmp_path / "m.csv"), settings.workspace)
    assert "jane" not in str(caught.value)

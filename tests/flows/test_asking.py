"""Answers of `needloop ask` in a terminal of 80 columns."""

from rich.console import Console

from flows.commands.answer_table import answers_table
from pipelines.client.responses import Prediction, PredictResponse, Word

ID = "557631b3338f49aa557631b3338f49bb"
TEXT = "@united you lost my bag again and nobody answers me"


def rendered(explain, width):
    why = (Word("lost", 0.31), Word("bag", 0.2), Word("united", -0.02)) if explain else ()
    one = Prediction(ID, "seat-boarding", 0.987, {}, True, why)
    console = Console(width=width)
    with console.capture() as said:
        console.print(answers_table([TEXT], PredictResponse("intent", 2, (one,)), explain))
    return said.get()


def test_an_id_is_never_cut_because_feedback_asks_for_it():
    for explain, width in ((True, 80), (False, 80), (True, 60), (True, 40)):
        assert ID in rendered(explain, width)


def test_in_80_columns_nothing_else_is_cut_either():
    told = rendered(True, 80)
    assert "…" not in told
    assert {"nobody", "+0.31,", "0.987"} <= set(told.split())

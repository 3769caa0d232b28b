"""Labels and texts come from strangers: any content of theirs stays text, in Markdown and in HTML."""

from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.card.card import card
from pipelines.card.card_page import page
from pipelines.card.markdown import bullet_list, plain, table
from pipelines.evaluation.behaviour.capability import Capability
from pipelines.evaluation.fairness import Fairness, Group
from pipelines.evaluation.measure import Measure
from pipelines.evaluation.measure import to_plain as values


class Read(HTMLParser):
    """The tags and attributes of a page, and the texts of its cells and bullets."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes, self.cells, self.inside = [], [], [], False
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes
        if tag in ("td", "li"):
            self.cells.append("")
            self.inside = True

    def handle_endtag(self, tag):
        self.inside = self.inside and tag not in ("td", "li")

    def handle_data(self, data):
        if self.inside:
            self.cells[-1] += data


EVIL = (
    "<script>alert(1)</script>",
    "a | b || c",
    "one\ntwo\r\n\r\n| three |",
    "</td></table><img src=x onerror=alert(1)>",
    "[click](javascript:alert(1)) <https://evil.example> https://evil.example",
    "![x](https://evil.example/x.png)",
    "`code` *bold* __more__ ~~gone~~ # heading",
    "&lt;b&gt; &amp; &#124;",
    "ends with a backslash \\",
    "\\| \\\\| \\",
    "- - -",
    "1. first",
    "--- | ---",
    "\x1b[31mred\x00",
    "",
)


@pytest.mark.parametrize("text", EVIL)
def test_no_text_breaks_a_table_or_comes_alive(text):
    found = Read(page("# title\n\n" + table(("a", "b"), [(text, "after"), ("next", "row")]), {}))
    assert found.cells[1:] == ["after", "next", "row"]
    assert not {"script", "img", "a", "code", "strong", "em", "h1"} & set(found.tags[found.tags.index("table") :])


@given(st.text())
def test_every_text_comes_back_as_it_was(text):
    """Exceptions: white space, and characters that cannot be printed."""
    (cell, other) = Read(page("# t\n\n" + table(("a", "b"), [(text, "after")]), {})).cells
    (bullet,) = Read(page("# t\n\n" + bullet_list([text]), {})).cells
    wanted = " ".join(text.split())
    assert other == "after"
    if wanted.isprintable():
        assert (cell, bullet.strip()) == (wanted, wanted)


@pytest.mark.parametrize("text", EVIL)
def test_a_card_of_evil_labels_has_the_shape_of_any_other(text, lineage, scorecard, entry):
    def shape(name):
        found = {
            "labels": (name,),
            "per_label": {name: scorecard.attachments["per_label"]["neutral"]},
            "harmful": (name,),
            "behaviour": (Capability("typos", "invariance", 2, 1, (name,)),),
            "fairness": Fairness((Group(name, 2, 1),), 0.5, name),
        }
        measures = (Measure(name, 0.5), Measure(f"failed.{name}", 0.5, limit=0.4, direction="at most", wording=name))
        told = replace(scorecard, measures=measures, attachments=scorecard.attachments | values(found))
        evil = replace(
            lineage,
            labels=(name,),
            scorecard=told,
            flips=((name, name, name),),
            entries=(replace(entry, by=name, event=replace(entry.event, reasons=(name,), override=name)),),
            parameters={"base": name, "source": name, "recipe.epochs": name},
            faults=(name,),
        )
        found = Read(page(card(evil), {}))
        return found.tags, [one for one in found.attributes if one[0] in ("href", "src")]

    assert shape(text) == shape("harmless")


def test_what_a_terminal_or_a_file_could_not_take_is_replaced():
    assert plain("\x1b[31mred \ud800") == "\ufffd\\[31mred \ufffd"

"""HTML is no part of a message, and a text without HTML stays as it is."""

import time

import pytest

from pipelines.ingestion.text import digest, normalise
from pipelines.masking.markup import strip_markup
from pipelines.masking.mask import mask

FRAME = (
    "<html><head><style>p {color:#333; font-family:Arial,sans-serif; margin:0 0 10px}</style></head><body><p>Hello,</p>"
    "<div class='message'>TEXT</div><p>--<br>Sent with the contact form of shop.example</p>"
    "<img src='https://cdn.shop.example/logo.png'></body></html>"
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (FRAME, "Hello, TEXT -- Sent with the contact form of shop.example"),
        ("I <b>really</b> want my money", "I really want my money"),
        ("<p>Where is it?<p>I wait since <BR/>Monday", "Where is it? I wait since Monday"),
        ("<ul><li>one</li><li>two</li></ul>", "one two"),
        ("see <a href='https://x.example/?a=1' title=\"x > y\">my order</a>.", "see my order."),
        ('<img alt="<logo>" src=x>hello', "hello"),
        ('<p class=MsoNormal style="font-family:"Calibri",sans-serif">hello<o:p></o:p></p>', "hello"),
        ("<!-- ticket 12 --><!DOCTYPE html><title>Mail</title>hello", "Mail hello"),
        ("<!--[if mso]><table><tr><td>x<![endif]-->hello<![if !mso]> you<![endif]>", "hello you"),
        ("<script>if (a < b) { track('<p>') }</script>hello", "hello"),
        ("<br>&nbsp;caf&eacute;&nbsp;&amp;&nbsp;bar", "café & bar"),
        ("<html><body>the mail is cut <td style='width:10", "the mail is cut"),
        ("<<b>b>hello</b>", "<b>hello"),
        ("<p>回复：<br>我的包裹<strong>还没</strong>到</p>", "回复： 我的包裹还没到"),
        ("<div><br></div><img src=x>", ""),
    ],
)
def test_tags_styles_and_scripts_are_no_part_of_a_message(text, message):
    assert strip_markup(text) == message
    assert strip_markup(message) == message


@pytest.mark.parametrize(
    "text",
    [
        "I <3 your shop  <3",
        "if a < b and b > c, or a<b>c",
        "a <b and c> d; x <p and y> 3",
        "call me at <PHONE> or <EMAIL>, booking <BOOKING>",
        "std::vector<a> x; #include <map> #include <iostream> List<String> std::map<i, b>",
        "click <link>, then give your <address> and <title>: <name>",
        "<unknown>stays</unknown> </rant> <sarcasm>",
        "<!-- never closed",
        "the <script> on your page, a <style> of your own",
        "<?php echo 1 ?>",
        "AT&amp;T &nbsp; stays",
    ],
)
def test_a_text_without_html_stays_byte_for_byte(text):
    assert strip_markup(text) == text


def test_masking_begins_with_the_removal_of_markup_and_the_digest_keeps_it():
    raw = "<p>write to jane<wbr>.doe@gmail.com</p>"
    assert mask(normalise(raw)) == "write to <EMAIL>"
    assert digest(normalise(raw)) != digest("write to jane.doe@gmail.com")


HOSTILE = (
    *("<", "<p ", "<!--", "<style>", "<style ", "<b>", "</b>", "<<b>b>", '<p x="', '<p x=">" ', "<p a=", "&lt;p>"),
    *("<p y' z='", '<a b="c>d"', '<p x="\'" ', "</style ", "<head", "<p x = ' <", "<p><", "<p hidden "),
)


@pytest.mark.parametrize("pattern", HOSTILE)
def test_the_time_is_linear_on_hostile_texts(pattern):
    begin = time.perf_counter()
    strip_markup(pattern * (200_000 // len(pattern)))
    assert time.perf_counter() - begin < 2

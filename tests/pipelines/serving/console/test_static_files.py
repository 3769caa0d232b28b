import re
from typing import get_args

import pytest

from pipelines.ledger.entry import EVENT_CLASSES
from pipelines.serving.console.loop_schemas import Schedule
from pipelines.serving.console.static_files import STATIC

FILES = sorted(STATIC.iterdir())
SCRIPTS = {file.name: file.read_text(encoding="utf-8") for file in FILES if file.suffix == ".js"}
INDEX = (STATIC / "index.html").read_text(encoding="utf-8")


def words(language):
    """Every sentence of a language, by its key."""
    return dict(re.findall(r'\b(\w+): "((?:[^"\\]|\\.)*)"', SCRIPTS[f"words-{language}.js"]))


def placeholders(sentence):
    return sorted(re.findall(r"\{(\w+)\}", sentence))


def test_the_page_is_open_to_all_and_runs_only_what_is_ours(console):
    answer = console.service.http.get("/")
    assert answer.status_code == 200
    policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["require-trusted-types-for"] == "'script'"
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_each_of_its_files_is_served_with_a_type_that_a_browser_believes(console, file):
    answer = console.service.http.get(f"/static/{file.name}")
    assert answer.content == file.read_bytes()
    types = {".js": "javascript", ".css": "text/css", ".svg": "image/svg+xml", ".html": "text/html"}
    assert types[file.suffix] in answer.headers["content-type"]
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["..%2Fmodels.py", "../models.py", "nothing.js", "%2e%2e/models.py", ""])
def test_no_other_file_is_served(console, path):
    assert console.service.http.get(f"/static/{path}").status_code in (401, 404)


def test_the_page_holds_no_script_and_no_style_of_its_own():
    assert re.findall(r"<script(?![^>]* src=)[^>]*>", INDEX) == []
    assert "<style" not in INDEX
    assert re.findall(r'\s(?:style|on\w+)="', INDEX) == []


def test_every_file_that_is_named_is_there():
    named = re.findall(r'(?:src|href)="/static/([^"]+)"', INDEX)
    imports = r'(?:from |import\()"\./([^"]+)"'
    named += [name for script in SCRIPTS.values() for name in re.findall(imports, script)]
    assert named
    assert {name for name in named if not (STATIC / name).exists()} == set()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_nobody_else_is_asked_for_anything(file):
    addresses = re.findall(r"(?:https?:)?//[\w.-]+\.\w+", file.read_text(encoding="utf-8"))
    assert [one for one in addresses if one != "http://www.w3.org"] == []


@pytest.mark.parametrize("name", SCRIPTS)
def test_text_never_becomes_markup_and_no_text_becomes_a_program(name):
    forbidden = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment|eval\(|Function\("
    )
    assert re.findall(forbidden, SCRIPTS[name]) == []


def test_both_languages_say_the_same_things():
    english, chinese = words("en"), words("zh")
    assert len(english) > 120
    assert set(english) == set(chinese)
    for key, sentence in english.items():
        assert placeholders(sentence) == placeholders(chinese[key]), key
        assert sentence.strip(), key
        assert chinese[key].strip(), key


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_kind_of_entry_and_of_schedule_has_a_word(language):
    wanted = {f"event_{event}" for event in EVENT_CLASSES}
    states = set(get_args(Schedule.model_fields["state"].annotation)) - {"scheduled"}  # it has a time
    wanted |= {f"next_{state}" for state in states}
    assert wanted - set(words(language)) == set()


def test_every_word_that_is_asked_for_is_there_and_every_word_there_is_asked_for():
    asked = "\n".join(script for name, script in SCRIPTS.items() if not name.startswith(("words-", "reasons-")))
    plain = set(re.findall(r'"(\w+)"', asked))
    begun = {"head_", "ended_", "next_"} | {f"{kind}_" for kind in re.findall(r'\bnamed\("(\w+)"', asked)}
    direct = set(re.findall(r'\bt\("(\w+)"', asked))
    assert direct - set(words("en")) == set()
    unused = [key for key in words("en") if key not in plain and not key.startswith(tuple(begun))]
    assert unused == []


def test_files_are_small():
    assert {name for name, script in SCRIPTS.items() if script.count("\n") > 180} == set()

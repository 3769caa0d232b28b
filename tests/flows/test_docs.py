"""The pages of README and docs: working links, existing commands, and equal content in both languages."""

import re
from pathlib import Path

import pytest
import typer

from flows.commands.app import app

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [*ROOT.glob("README*.md"), *(page for page in (ROOT / "docs").rglob("*.md") if "_build" not in page.parts)]
)
CHINESE = [page for page in PAGES if page.name.endswith(".zh.md")]
IDS = [str(page.relative_to(ROOT)) for page in PAGES]


def text_of(page):
    return page.read_text(encoding="utf-8")


def blocks(page, language):
    """The code of the fenced blocks of a language, without comments."""
    found = re.findall(rf"```{language}\n(.*?)```", text_of(page), re.DOTALL)
    lines = [re.split(r"\s+#(?=\s)", line)[0].rstrip() for block in found for line in block.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_every_link_leads_somewhere(page):
    paths = [path for path in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text_of(page)) if "://" not in path]
    assert [path for path in paths if not (page.parent / path).exists() and "_build" not in path] == []


@pytest.mark.parametrize("page", CHINESE, ids=[page.name for page in CHINESE])
@pytest.mark.parametrize("language", ["bash", "toml", "python"])
def test_both_languages_show_the_same_code(page, language):
    assert blocks(page, language) == blocks(page.with_name(page.name.replace(".zh.md", ".md")), language)


def test_the_readmes_fit_in_two_hundred_lines():
    assert [page.name for page in ROOT.glob("README*.md") if text_of(page).count("\n") > 200] == []


def known(group, words):
    """The command that words lead to, and the remaining words."""
    while hasattr(group, "commands") and words and words[0] in group.commands:
        group, words = group.commands[words[0]], words[1:]
    return group, words


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_every_command_shown_is_one_that_the_program_has(page):
    program = typer.main.get_command(app)
    for line in blocks(page, "bash"):
        for shown in re.findall(r"(?:^|[ (])needloop ([^|;&)]*)", line):
            command, rest = known(program, shown.split())
            assert not hasattr(command, "commands"), line
            options = {name for one in command.params for name in (*one.opts, *one.secondary_opts)} | {"--help"}
            asked = {word.partition("=")[0] for word in rest if re.match(r"--[a-z]", word)}
            assert asked <= options, line

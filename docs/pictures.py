"""Make the pictures of README and docs: `PYTHONPATH=. .venv/bin/python docs/pictures.py`; needs Chromium."""

import re
import shutil
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright
from rich.console import Console
from rich.text import Text

from tests.drills.browsing import BROWSERS, address, secret
from tests.pipelines.serving.conftest import promote, running, write_package
from tests.pipelines.serving.console.furniture import furnished

HERE = Path(__file__).parent
LOOKS = {
    "inbox": ("inbox", {"locale": "en-US", "color_scheme": "light"}),
    "inbox-dark": ("inbox", {"locale": "en-US", "color_scheme": "dark"}),
    "inbox-zh": ("inbox", {"locale": "zh-CN", "color_scheme": "light"}),
    "loop": ("loop", {"locale": "en-US", "color_scheme": "light"}),
    "version": ("models/sentiment/3", {"locale": "en-US", "color_scheme": "light"}),
}
SIZE = {"width": 1200, "height": 640}


def console() -> None:
    """Take the screenshots of the console, with a home of invented messages."""
    with TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir()
        furnished(home)
        package = write_package(home / "intent", labels=("delay", "refund", "praise"), model="intent")
        promote(home, 1, package, model="intent")
        with running(home) as service, sync_playwright() as playwright:
            chromium = next(filter(None, map(shutil.which, BROWSERS)))
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            for name, (page, look) in LOOKS.items():
                tab = browser.new_context(viewport=SIZE, **look).new_page()
                tab.add_init_script(f"sessionStorage.setItem('needloop.key', '{secret(service)}')")
                tab.goto(f"{address(service)}/#{page}")
                tab.wait_for_selector(".messages li, .card, table")
                tab.screenshot(path=HERE / "pictures" / f"{name}.png")
            browser.close()


def run() -> None:
    """Draw the table of `make run` on the page about the first run, as a terminal shows it."""
    page = (HERE / "start" / "first-run.md").read_text(encoding="utf-8")
    (transcript,) = re.findall(r"```text\n(.*?)```", page, re.DOTALL)
    terminal = Console(record=True, width=82, file=StringIO())
    table = transcript[
        transcript.index(" " * 21 + "Results and decisions") : transcript.index("sentiment 1, trained with")
    ]
    terminal.print(Text(table.rstrip()))
    drawn = terminal.export_svg(title="make run")
    # Without fonts, which the picture would load from another server.
    drawn = re.sub(r"@font-face \{.*?\}", "", drawn, flags=re.DOTALL)
    (HERE / "pictures" / "run.svg").write_text(drawn.replace("Fira Code", "monospace"), encoding="utf-8")


if __name__ == "__main__":
    (HERE / "pictures").mkdir(exist_ok=True)
    run()
    console()

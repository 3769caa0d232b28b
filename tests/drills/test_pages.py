"""Every page that `needloop up` starts or links, in Chromium: no error, nothing missing, no foreign requests."""

import json
import re
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from pipelines.web.credentials import basic_auth_header
from tests.flows.conftest import NEEDLOOP
from tests.flows.environments import environment

pytestmark = [pytest.mark.drill, pytest.mark.timeout(1800)]

FREE_PORTS = ("--port", "0", "--prefect-port", "0", "--mlflow-port", "0")
PATIENCE_MS = 90_000
ERRORS = re.compile(
    r"something went wrong|went wrong|can't be reached|failed to (load|fetch)|error (loading|fetching)|page not found"
    r"|unauthorized|no deployments|no runs found|no results|0 matching runs"
    r"|welcome to mlflow assistant|mlflow collects usage data",
    re.IGNORECASE,
)
# Requests of these pages that fail: on every server MLflow's users and Prefect's pictures, on ours also the
# assistant.
DEAD = re.compile(r"""\]\((?!https?:)[^)]*|href=["'](?!https?:|#)[^"']*""")  # from a page of another server
NEVER_THERE = (
    "/ajax-api/2.0/mlflow/users/current",
    "/ajax-api/3.0/mlflow/assistant/",
    "/completed.svg",
    "/favicon.ico",
    "/favicon-dark.ico",
)


@pytest.fixture
def addresses(declared, settings):
    """A home with a trained model, and all services of `needloop up` over it."""
    around = environment(settings)
    subprocess.run([*NEEDLOOP, "train", "topics"], env=around, check=True, timeout=900)
    command = [*NEEDLOOP, "up", "--json", *FREE_PORTS]
    with subprocess.Popen(command, env=around, stdout=subprocess.PIPE, text=True) as up:
        line = up.stdout.readline()
        assert line, "needloop up ended before it was up"
        yield json.loads(line)
        up.send_signal(signal.SIGINT)
        assert up.wait(timeout=120) == 0


@dataclass(frozen=True)
class Page:
    """An address, the texts and elements that it must show, and the element to click first, if any."""

    name: str
    url: str
    texts: tuple[str, ...]
    elements: tuple[str, ...] = ()
    click: str = ""


class Viewer:
    """A browser that records the failures of each page, and takes its picture."""

    def __init__(self, browser, addresses, pictures, **options):
        self.context = browser.new_context(viewport={"width": 1400, "height": 1000}, **options)
        self.tab, self.pictures, self.problems, self.page = self.context.new_page(), pictures, [], "start"
        self.ours = {urlsplit(addresses[name]).netloc for name in ("service", "prefect", "mlflow")}
        self.tab.on("pageerror", lambda error: self.note(f"error: {error}"))
        self.tab.on(
            "request", lambda asked: self.note(f"asks another machine: {asked.url}", self.is_foreign(asked.url))
        )
        self.tab.on("response", lambda got: self.note(f"{got.status} {got.url}", self.is_missing(got)))

    def note(self, problem, is_one=True):
        if is_one:
            self.problems.append(f"{self.page}: {problem}")

    def is_foreign(self, url):
        parts = urlsplit(url)
        return parts.scheme in ("http", "https", "ws", "wss") and parts.netloc not in self.ours

    def is_missing(self, response):
        return response.status >= 400 and not urlsplit(response.url).path.startswith(NEVER_THERE)

    def open(self, page):
        self.page = page.name
        self.tab.goto(page.url)
        if page.click:
            self.tab.locator(page.click).first.click(timeout=PATIENCE_MS)
        for wanted in (*(f"text={text}" for text in page.texts), *page.elements):
            try:
                self.tab.locator(wanted).locator("visible=true").first.wait_for(timeout=PATIENCE_MS)
            except Exception as error:
                self.note(f"does not show {wanted}: {type(error).__name__}")
        self.tab.wait_for_timeout(2000)
        self.note("opens a dialog by itself", self.tab.locator("[role=dialog]").locator("visible=true").count() > 0)
        self.tab.screenshot(path=self.pictures / f"{page.name}.png")
        if found := ERRORS.search(self.tab.inner_text("body")):
            self.note(f"says {found[0]!r}")


@pytest.fixture
def pictures(tmp_path):
    folder = tmp_path / "pages"
    folder.mkdir()
    print("pictures:", folder)
    return folder


def call_api(url, secret, body=None):
    """The answer of an API that requires a secret."""
    method = "GET" if body is None else "POST"
    return (
        httpx.request(method, url, json=body, headers=basic_auth_header(secret), timeout=60).raise_for_status().json()
    )


# Prefect's dashboard counts the runs that were expected before the current minute.
COUNTED = r"text=/^\s*[1-9]\d* total\s*$/"


def wait_for_the_next_minute():
    time.sleep(61 - time.time() % 60)


def dead_links(prefect, secret, mlflow, login):
    """The dead links in a model's texts outside the home: descriptions, notes and artifacts of MLflow and Prefect."""
    shown = {one["key"]: one["data"] for one in call_api(f"{prefect}/api/artifacts/filter", secret, {})}
    version = call_api(f"{mlflow}/api/2.0/mlflow/model-versions/get?name=topics&version=1", login)["model_version"]
    run = call_api(f"{mlflow}/api/2.0/mlflow/runs/get?run_id={version['run_id']}", login)["run"]
    tags = {one["key"]: one["value"] for one in run["data"]["tags"]}
    shown |= {"version": version["description"], "note": tags["mlflow.note.content"]}
    cards = Path(run["info"]["artifact_uri"].removeprefix("file://")) / "card"
    shown |= {file.name: file.read_text() for file in cards.iterdir()}
    assert {"card-topics", "validation-topics", "1.md", "1.html"} <= set(shown)
    found = [(name, DEAD.findall(str(text))) for name, text in shown.items()]
    return [f"{name}: {links}" for name, links in found if links]


def prefect_pages(prefect, secret):
    runs = call_api(f"{prefect}/api/flow_runs/filter", secret, {"flows": {"name": {"any_": ["train"]}}})
    automations = call_api(f"{prefect}/api/automations/filter", secret, {})
    (run,), names = runs, tuple(one["name"] for one in automations)
    assert any("topics" in name for name in names)
    at = f"{prefect}/v2/runs/flow-run/{run['id']}"
    deployments = ("topics", "sentiment", "intent", "ledger", "retrain", "Ready")
    return [
        Page("prefect-dashboard", f"{prefect}/v2/dashboard", ("Flow Runs", "Task Runs"), (COUNTED,)),
        Page("prefect-deployments", f"{prefect}/v2/deployments", deployments),
        Page("prefect-runs", f"{prefect}/v2/runs", (run["name"], run["state_name"])),
        Page("prefect-run-graph", at, (run["name"], "Task Runs"), ("canvas",)),
        Page("prefect-run-artifacts", at, ("scorecard-topics", "decision-topics"), (), "role=tab[name=Artifacts]"),
        Page("prefect-artifacts", f"{prefect}/v2/artifacts", ("scorecard-topics", "card-topics")),
        Page("prefect-automations", f"{prefect}/v2/automations", names),
    ]


def mlflow_pages(mlflow, secret):
    found = call_api(f"{mlflow}/api/2.0/mlflow/experiments/search?max_results=10", secret)["experiments"]
    experiment = next(one["experiment_id"] for one in found if one["name"] == "topics")
    runs = call_api(f"{mlflow}/api/2.0/mlflow/runs/search", secret, {"experiment_ids": [experiment]})["runs"]
    run, at = runs[0]["info"], f"{mlflow}/#/experiments/{experiment}/runs"
    return [
        Page("mlflow-home", mlflow, ("topics",)),
        Page("mlflow-experiments", f"{mlflow}/#/experiments", ("topics",)),
        Page("mlflow-runs", at, (run["run_name"], "1 matching run")),
        Page("mlflow-charts", f"{at}?compareRunsMode=CHART", (run["run_name"],), (".js-plotly-plot",)),
        Page("mlflow-run", f"{at}/{run['run_id']}", ("Metrics", "validation.macro_f1")),
        Page("mlflow-run-artifacts", f"{at}/{run['run_id']}/artifacts", ("scorecard", "curves.png")),
        Page("mlflow-models", f"{mlflow}/#/models", ("topics", "champion")),
        Page("mlflow-version", f"{mlflow}/#/models/topics/versions/1", ("Version 1", "champion", "Schema")),
    ]


def test_every_page_shows_what_it_is_for(addresses, browser, pictures):
    prefect, mlflow, service = addresses["prefect"], addresses["mlflow"], addresses["service"]
    secret, login = (Path(addresses[name]).read_text().strip() for name in ("prefect_auth", "mlflow_auth"))
    problems = dead_links(prefect, secret, mlflow, login)

    wait_for_the_next_minute()
    viewer = Viewer(browser, addresses, pictures)
    viewer.is_missing = lambda response: False  # requests without the secret are refused until it is typed
    viewer.open(Page("prefect-sign-in", prefect, (), ("input[type=password]",)))
    viewer.tab.fill("input[type=password]", secret)
    viewer.tab.click("button[type=submit]")
    viewer.tab.locator("text=Flow Runs").first.wait_for(timeout=PATIENCE_MS)
    del viewer.is_missing
    for page in prefect_pages(prefect, secret):
        viewer.open(page)
    viewer.context.add_cookies([{"name": "prefect_ui_version", "value": "v1", "url": prefect}])
    viewer.open(Page("prefect-v1-deployments", f"{prefect}/deployments", ("topics", "ledger", "retrain")))
    problems += viewer.problems

    assert httpx.get(mlflow, timeout=30).status_code == 401
    user, _, password = login.partition(":")
    viewer = Viewer(browser, addresses, pictures, http_credentials={"username": user, "password": password})
    for page in mlflow_pages(mlflow, login):
        viewer.open(page)
    problems += viewer.problems

    viewer = Viewer(browser, addresses, pictures)
    viewer.open(Page("docs", addresses["docs"], ("Data Docs", "topics", "passed")))
    viewer.open(Page("docs-result", addresses["docs"], ("Evaluated Expectations",), (), "a[href*=validations]"))
    viewer.open(Page("console", addresses["sign_in"], ("Inbox",)))
    viewer.open(Page("console-models", f"{service}/#models", ("topics", "1")))
    viewer.open(Page("console-loop", f"{service}/#loop", ("topics", "Next retraining")))
    with viewer.context.expect_page() as opened:
        viewer.tab.locator(f"a[href^='{prefect}']").first.click()
    opened.value.locator("input[type=password]").wait_for(timeout=PATIENCE_MS)
    problems += viewer.problems

    assert problems == []

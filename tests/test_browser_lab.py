"""The notebooks of chapters 1 to 3 in JupyterLite: each cell runs, or says what it does instead."""

import json
import subprocess
from pathlib import Path

import pytest
from browser_edition import Visitor, built, served

from course.browser.links import LIVE_NOTEBOOKS, live_notebook

pytestmark = pytest.mark.needs_servers

IN_NODE = Path(__file__).with_name("notebooks_in_node.mjs")
SETTINGS = "lab/jupyter-lite.json"
NOTEBOOK = "window.jupyterapp?.shell.currentWidget?.content"
PAGE = f"/{live_notebook('1_getting_started')}"
WORKER = "/lab/service-worker.js?enableCache=false"
KERNEL = "window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === 'idle'"

ALL_IS_KEPT = """Promise.all(
    performance.getEntriesByType("resource")
        .filter(({name}) => name.startsWith(location.origin))
        .map(({name}) => caches.match(name.replace(/[?#].*/, "")))
).then((found) => found.length > 50 && found.every(Boolean))"""

UPDATED = "navigator.serviceWorker.getRegistration().then((found) => found.waiting !== null)"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return built(tmp_path_factory)


@pytest.fixture(scope="module")
def told(site):
    done = subprocess.run(
        ["node", IN_NODE, site, *LIVE_NOTEBOOKS], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("name", LIVE_NOTEBOOKS)
def test_notebook_runs_from_top_to_bottom(told, name):
    assert told[name]["errors"] == []
    assert told[name]["cells"] > 5


@pytest.mark.parametrize("name", ["2a_create", "3b_delete"])
def test_cells_that_want_threads_say_what_they_do_instead(told, name):
    assert "Python has no threads in a browser" in told[name]["printed"]


def test_chart_is_drawn_without_matplotlib(told):
    assert "'image/svg+xml': '<svg" in told["2b_read"]["printed"]


@pytest.fixture
def instead(site):
    """Return the settings that let a test look into JupyterLite, by their path."""
    config = json.loads((site / SETTINGS).read_text(encoding="utf-8"))
    config["jupyter-config-data"]["exposeAppInBrowser"] = True
    return {f"/{SETTINGS}": json.dumps(config)}


def test_link_opens_its_notebook_and_asks_nobody_else(site, instead, tmp_path):
    with served(site, instead) as (url, _), Visitor(tmp_path) as browser:
        browser.look(1280, 900, dark=True)
        browser.open(f"{url}/{live_notebook('1_getting_started')}")
        browser.wait_for(f"{NOTEBOOK}?.widgets?.length > 5")
        browser.says("body", "This notebook runs in your browser")
        browser.wait_for("document.body.dataset.jpThemeLight === 'false'")
        assert browser.evaluate("document.querySelector('.jp-cell-toolbar') === null")

        browser.wait_for(KERNEL)
        browser.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells'), 0")
        browser.wait_for(
            f"{NOTEBOOK}.widgets.filter(cell => cell.model.type == 'code')"
            ".every(cell => cell.model.executionCount > 0)"
        )

        outputs = browser.evaluate(
            f"{NOTEBOOK}.widgets.flatMap(cell => cell.model.outputs?.toJSON() ?? [])"
            ".map(output => output.output_type + ': ' + (output.text ?? output.evalue ?? ''))"
        )
        assert [output for output in outputs if output.startswith("error")] == []
        assert any('"title": "Rebecca"' in output for output in outputs)
        assert "Not Trusted" not in browser.text
        assert browser.elsewhere == []


def test_second_visit_loads_nothing_over_the_network(site, instead, tmp_path):
    with served(site, instead) as (url, asked):
        with Visitor(tmp_path) as first:
            visit(first, url)
        asked.clear()

        with Visitor(tmp_path) as second:
            visit(second, url)

    # Chromium asks for the page itself while it starts the service worker, and then does without.
    assert set(asked) <= {PAGE, WORKER}, "all else is kept from before"


def test_visit_after_an_update_shows_the_new_files(site, instead, tmp_path):
    notebook = "/lab/files/1_getting_started.ipynb"
    script = (site / "lab/service-worker.js").read_text(encoding="utf-8")
    with served(site, instead) as (url, _):
        with Visitor(tmp_path) as first:
            visit(first, url)

        instead[WORKER] = script.replace('KEPT = "lab-', 'KEPT = "lab-updated-', 1)
        instead[notebook] = text_of(site, notebook).replace("in your browser", "as updated")
        with Visitor(tmp_path) as second:
            visit(second, url)
            second.wait_for(UPDATED)

        with Visitor(tmp_path) as third:
            third.open(f"{url}{PAGE}")
            third.says("body", "This notebook runs as updated")


def visit(browser, url):
    """Open a notebook, and stay until Python runs and all that was loaded is kept."""
    browser.open(f"{url}{PAGE}")
    browser.wait_for(f"{NOTEBOOK}?.widgets?.length > 5")
    browser.wait_for(KERNEL)
    browser.wait_for(ALL_IS_KEPT)


def text_of(site, path):
    return (site / path.removeprefix("/")).read_text(encoding="utf-8")

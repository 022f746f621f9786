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

KERNEL = "window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === 'idle'"


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


def test_link_opens_its_notebook_and_asks_nobody_else(site, tmp_path):
    config = json.loads((site / SETTINGS).read_text(encoding="utf-8"))
    config["jupyter-config-data"]["exposeAppInBrowser"] = True  # for this test to look into it
    instead = {f"/{SETTINGS}": json.dumps(config)}

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

"""In a notebook, a request to a server that has ended is one line: what to run again."""

import json
import subprocess
import sys

import pytest

from course.spine import ROOT

pytestmark = pytest.mark.slow  # starts servers

SHELL = """
import json, sys
from contextlib import redirect_stdout
from io import StringIO
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance(colors="nocolor")
shown = {}
for name, cell in json.loads(sys.argv[1]).items():
    with redirect_stdout(StringIO()) as printed:
        shell.run_cell(cell)
    shown[name] = printed.getvalue().strip()
print(json.dumps(shown))
"""
START = "import requests, socket\nfrom course import start, show\napi = start('2')"
KILL = "api.child.process.kill()\ncode = api.child.process.wait()"
ASK = "show(requests.get(f'{api}/v1/movies'))"
CELLS = {
    "start": START,
    "another with TLS": "requests.get(api.replace('http:', 'https:'))",
    "kill": KILL,
    "ask": ASK,
    "a socket": "socket.create_connection(('127.0.0.1', int(api.rpartition(':')[2])))",
    "another": "requests.get('http://127.0.0.1:9/')",
    "another without a port": "requests.get('http://127.0.0.1/')",
    "no request": "1 / 0",
    "raised": "raise ConnectionError('mine')",
    "again": "old = str(api)\napi = start('2')",
    "ask again": "print(requests.get(f'{api}/v1/movies/1').status_code)",
    "ask for the old one": "requests.get(old)",
    "another's socket": "socket.create_connection(('127.0.0.1', 9))",
    "stop": "api.stop()",
    "ask for the stopped one": ASK,
    "over TLS": "api = start('5')\nplain, app = api.plain, api.authorization_server\napi.stop()",
    "plain": "requests.get(plain)",
    "beside": "requests.get(app)",
}
ADVICE = 'The server of chapter 2 has ended. Run the cell with start("2") again, then this one.'


@pytest.fixture(scope="module")
def shown():
    """What IPython shows of each cell, when they are run in this order."""
    done = subprocess.run(
        [sys.executable, "-c", SHELL, json.dumps(CELLS)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize("cell", ["ask", "a socket", "ask for the stopped one"])
def test_a_server_that_has_ended_is_one_line(shown, cell):
    assert shown[cell] == ADVICE


@pytest.mark.parametrize("cell", ["plain", "beside"])
def test_so_is_each_that_belongs_to_an_api(shown, cell):
    assert shown[cell] == ADVICE.replace("2", "5")


def test_so_is_a_url_that_was_kept_from_an_earlier_start(shown):
    assert shown["ask for the old one"] == (
        "The server has ended. Run the cell that starts it again, then this one."
    )


def test_started_again_it_answers(shown):
    assert shown["ask again"] == "200"


@pytest.mark.parametrize(
    ("cell", "error"),
    [
        ("another", "ConnectionError"),
        ("another without a port", "ConnectionError"),
        ("another with TLS", "SSLError"),
        ("another's socket", "ConnectionRefusedError"),
        ("no request", "ZeroDivisionError"),
        ("raised", "ConnectionError: mine"),
    ],
)
def test_errors_that_are_about_something_else_are_shown_whole(shown, cell, error):
    assert "Traceback (most recent call last)" in shown[cell]
    assert error in shown[cell]


@pytest.mark.needs_servers
def test_jupyter_shows_the_line_and_runs_no_further():
    import nbformat  # noqa: PLC0415 (like the next: in the environment of the notebooks)
    from nbclient import NotebookClient  # noqa: PLC0415
    from nbclient.exceptions import CellExecutionError  # noqa: PLC0415

    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_code_cell(cell) for cell in (START, KILL, ASK, "1 + 1")]
    folder = {"metadata": {"path": str(ROOT / "notebooks")}}

    with pytest.raises(CellExecutionError):
        NotebookClient(notebook, resources=folder).execute()

    (error,) = notebook.cells[2].outputs
    assert error.traceback == [ADVICE]
    assert not notebook.cells[3].outputs

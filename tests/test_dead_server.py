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
START = "import requests, socket\nfrom course import check, gateway, start, show\napi = start('2')"
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
    "ask for the old one": "requests.get(f'{old}/v1/movies/1')",
    "another's socket": "socket.create_connection(('127.0.0.1', 9))",
    "stop": "api.stop()\nport = api.rpartition(':')[2]",
    "ask for the stopped one": ASK,
    "by urllib": "from urllib.request import urlopen\nurlopen(api)",
    "Redis": "import redis\nredis.Redis(host='127.0.0.1', port=port).get('x')",
    "PostgreSQL": "import psycopg\npsycopg.connect(f'postgresql://me@127.0.0.1:{port}/x')",
    "SQLAlchemy": "import sqlalchemy\n"
    "sqlalchemy.create_engine(f'postgresql+psycopg://me@127.0.0.1:{port}/x').connect()",
    "check": "check('2a', api)",
    "with settings": "api = start('2', PUBLIC_MAX_AGE=4, API_KEY='x' * 40)\napi.stop()",
    "ask for that": ASK,
    "over TLS": "from course.serving.wiretap import *\n"
    "api = start('5')\nplain, app = api.plain, api.authorization_server\n"
    "line, secure_line = eavesdropper(plain), eavesdropper(api)\n"
    "middle = man_in_the_middle(api, api.ca)\napi.stop()",
    "plain": "requests.get(plain)",
    "beside": "requests.get(app)",
    "on the line": "requests.get(line)",
    "on the secure line": "requests.get(secure_line, verify=api.ca)",
    "in the middle": "requests.get(middle, verify=False)",
    "gateway": "gateway(api)",
    "after the line": "with line:\n    pass\nrequests.get(line)",
    "no chapter": "start('9')",
    "no gateway": "gateway(start('2'))",
    "raised of it": "raise ValueError(api)",
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


@pytest.mark.parametrize(
    "cell",
    [
        *("ask", "a socket", "ask for the stopped one", "by urllib"),
        *("Redis", "PostgreSQL", "SQLAlchemy", "check"),
    ],
)
def test_a_server_that_has_ended_is_one_line(shown, cell):
    assert shown[cell] == ADVICE


@pytest.mark.parametrize("cell", ["plain", "beside", "gateway"])
def test_so_is_each_that_belongs_to_an_api(shown, cell):
    assert shown[cell] == ADVICE.replace("2", "5")


@pytest.mark.parametrize("cell", ["on the line", "on the secure line", "in the middle"])
def test_so_is_one_behind_somebody_who_listens(shown, cell):
    assert shown[cell] == ADVICE.replace("2", "5")


def test_so_is_somebody_who_listens_no_more(shown):
    assert shown["after the line"] == (
        "The server has ended. Run the cell that starts it again, then this one."
    )


def test_the_cell_that_is_meant_is_named_by_its_settings(shown):
    call = 'start("2", PUBLIC_MAX_AGE=…, API_KEY=…)'
    assert shown["ask for that"] == ADVICE.replace('start("2")', call)


@pytest.mark.parametrize("cell", ["no chapter", "no gateway"])
def test_what_the_course_refuses_is_one_line_too(shown, cell):
    (line,) = shown[cell].splitlines()

    assert line.startswith(("There is no chapter '9'.", "Chapter 2 has no gateway."))


def test_started_again_it_answers_at_its_old_url_as_well(shown):
    assert shown["ask again"] == "200"
    assert shown["ask for the old one"].endswith("<Response [200]>")


@pytest.mark.parametrize(
    ("cell", "error"),
    [
        ("another", "ConnectionError"),
        ("another without a port", "ConnectionError"),
        ("another with TLS", "SSLError"),
        ("another's socket", "ConnectionRefusedError"),
        ("no request", "ZeroDivisionError"),
        ("raised", "ConnectionError: mine"),
        ("raised of it", "ValueError: https://127.0.0.1:"),
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

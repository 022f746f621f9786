"""`start`: a chapter's server for a notebook, which can't outlive it."""

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import requests
from course_copy import CourseCopy, is_gone

from course import server, start
from course.errors import CourseError

HOLD_A_SERVER = """
import time
from course import start
print(start("1"), flush=True)
time.sleep(60)
"""


@pytest.fixture
def api():
    with start("2") as api:
        yield api


@pytest.fixture
def broken_course(tmp_path, monkeypatch):
    """A copy of the course whose first chapter has a mistake; `start` takes chapters from it."""
    copy = CourseCopy(tmp_path)
    monkeypatch.setattr("course.spine.ROOT", copy.folder)
    with (copy.folder / "01_getting_started" / "cinema.py").open("a") as module:
        module.write("\n\nraise LookupError('the projector is dark')\n")
    return copy


def test_it_is_the_url_of_a_server_that_answers():
    with start("1") as api:
        answer = requests.get(f"{api}/v1/movies")

    assert answer.status_code == 200
    assert [movie["id"] for movie in answer.json()["movies"]] == [1, 2, 3]


def test_the_database_is_seeded_and_apart_from_the_chapters_own(api):
    with sqlite3.connect(api.database) as database:
        (movies,) = database.execute("SELECT count(*) FROM movie").fetchone()
    database.close()

    assert movies == 659
    assert not api.database.is_relative_to(server.ROOT)


def test_the_key_opens_the_api_to_writing(api):
    movie = {"title": "Persona", "director": "Ingmar Bergman", "year": 1966, "runtime": 83}
    key = {"Authorization": f"Bearer {api.key}"}

    refused = requests.post(f"{api}/v1/movies", json=movie)
    created = requests.post(f"{api}/v1/movies", json=movie, headers=key)

    assert (refused.status_code, created.status_code) == (401, 201)


def test_the_key_is_never_the_same_twice():
    with start("1") as first:
        pass
    with start("1") as second:
        pass

    assert first.key != second.key


def test_the_log_is_what_the_server_has_printed(api):
    requests.get(f"{api}/v1/movies/1")

    assert "GET /v1/movies/1 HTTP/1.1" in api.log


def test_starting_leaves_no_request_in_the_log(api):
    assert "GET" not in api.log


def test_starting_again_ends_the_earlier_server():
    first = start("1")

    with start("1") as second:
        assert second != first
        assert is_gone(first)
        assert requests.get(second).ok


def test_two_chapters_run_side_by_side(api):
    with start("1") as other:
        assert requests.get(other).ok
        assert requests.get(api).ok


def test_stopping_ends_the_server():
    api = start("1")

    api.stop()

    assert is_gone(api)


def test_arguments_become_environment_variables_of_the_server():
    with start("2", API_KEY="open-sesame-open-sesame-open-sesame") as api:
        answer = requests.post(
            f"{api}/v1/movies",
            json={},
            headers={"Authorization": "Bearer open-sesame-open-sesame-open-sesame"},
        )

    assert answer.status_code == 400  # and not 401


def test_another_servers_variables_do_not_leak(monkeypatch):
    monkeypatch.setenv("WERKZEUG_RUN_MAIN", "true")
    monkeypatch.setenv("WERKZEUG_SERVER_FD", "3")
    monkeypatch.setenv("FLASK_DEBUG", "1")

    with start("1") as api:
        assert "Debug mode: off" in api.log


def test_a_chapter_that_fails_shows_its_own_traceback(broken_course):
    with pytest.raises(server.ServerError) as failure:
        start("1")

    shown = "\n".join(failure.value._render_traceback_())
    assert "LookupError: the projector is dark" in shown
    assert "Open 01_getting_started/cinema.py, line" in shown
    assert "run this cell again." in shown
    assert "course/serve.py" not in shown


def test_a_typing_mistake_is_shown_where_it_is(broken_course):
    (broken_course.folder / "01_getting_started" / "cinema.py").write_text("\napp = = 1\n")

    with pytest.raises(server.ServerError, match="SyntaxError") as failure:
        start("1")

    assert "Open 01_getting_started/cinema.py, line 2" in str(failure.value)


def test_an_import_that_fails_is_shown_as_python_shows_it(broken_course):
    (broken_course.folder / "01_getting_started" / "cinema.py").write_text("import projector\n")

    with pytest.raises(server.ServerError) as failure:
        start("1")

    assert str(failure.value).startswith("Traceback (most recent call last):")
    assert "\nModuleNotFoundError: No module named 'projector'\n" in str(failure.value)
    assert "While importing" not in str(failure.value)  # Flask's words


def test_a_server_that_never_answers_is_given_up(broken_course, monkeypatch):
    monkeypatch.setattr(server, "PATIENCE", 2)
    note = broken_course.folder / "pid"
    (broken_course.folder / "01_getting_started" / "cinema.py").write_text(
        f"import os, time\nopen({str(note)!r}, 'w').write(str(os.getpid()))\ntime.sleep(60)\n"
    )

    with pytest.raises(server.ServerError, match="has not answered"):
        start("1")

    with pytest.raises(ProcessLookupError):
        os.kill(int(note.read_text()), 0)


def test_an_unknown_chapter_lists_what_there_is():
    with pytest.raises(CourseError, match=r"no chapter 'nine'.*1 \(01_getting_started\)"):
        start("nine")


def test_its_files_go_with_the_process_that_started_it():
    done = subprocess.run(
        [sys.executable, "-c", "from course import start; print(start('2').database)"],
        cwd=server.ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    database = Path(done.stdout.strip())
    assert database.name == "cinema.db"
    assert not database.parent.exists()


@pytest.fixture
def hold(tmp_path):
    """Return a process that holds a server, as a notebook's kernel does, and the server's URL."""
    processes = []

    def hold(program):
        process = subprocess.Popen(
            [sys.executable, "-c", program],
            cwd=server.ROOT,
            env=os.environ | {"TMPDIR": str(tmp_path)},  # what is killed can't tidy up
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        processes.append(process)
        return process, process.stdout.readline().strip()

    yield hold
    for process in processes:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("number", ["SIGKILL", "SIGTERM", "SIGINT"])
def test_the_server_ends_with_the_process_that_started_it(hold, number):
    process, url = hold(HOLD_A_SERVER)
    assert requests.get(url).ok

    process.send_signal(getattr(signal, number))

    assert is_gone(url)


def test_an_interrupt_of_the_notebook_does_not_reach_the_server(hold):
    survives = "import signal\nsignal.signal(signal.SIGINT, lambda *_: None)\n"
    process, url = hold(survives + HOLD_A_SERVER)

    os.killpg(process.pid, signal.SIGINT)  # as a terminal does

    assert not is_gone(url, seconds=1)


def test_on_windows_the_server_is_a_process_group_of_its_own(monkeypatch):
    monkeypatch.setattr(server, "os", SimpleNamespace(name="nt"))
    monkeypatch.setattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0x200, raising=False)

    assert server.apart_from_ctrl_c() == {"creationflags": 0x200}

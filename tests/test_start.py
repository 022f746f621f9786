"""`start`: a chapter's server for a notebook, which can't outlive it."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
import requests
from course_copy import CourseCopy, holding, is_gone

from course import start
from course.errors import CourseError
from course.serving import child, server
from course.serving.child import Child, ServerError
from course.spine import ROOT

pytestmark = pytest.mark.slow

HOLD_TWO_SERVERS = """
import sys, time
from pathlib import Path
from course import spine
spine.ROOT = Path(sys.argv[1])
from course import start
api = start("9")
print(api, api.box_office, flush=True)
time.sleep(60)
"""
CINEMA_THAT_ASKS_A_SERVICE = """
import os
from urllib.request import urlopen

from flask import Flask


def create_app():
    app = Flask(__name__)
    told = urlopen(os.environ["TICKET_SERVICE_URL"]).read().decode()
    app.add_url_rule("/", view_func=lambda: told)
    return app
"""
TICKET_SERVICE = """
from flask import Flask


def create_app():
    app = Flask(__name__)
    app.add_url_rule("/", view_func=lambda: "two tickets")
    return app
"""
HOLD_A_SERVER = """
import time
from course import start
print(start("1"), flush=True)
time.sleep(60)
"""
SAY_A_KEY = HOLD_A_SERVER.replace('start("1")', 'start("1").key')


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


@pytest.fixture
def chapter_of_two_apps(tmp_path, monkeypatch):
    copy = CourseCopy(tmp_path)
    monkeypatch.setattr("course.spine.ROOT", copy.folder)
    return copy.add_chapter_of_two_apps()


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
    assert not api.database.is_relative_to(ROOT)


def test_the_key_opens_the_api_to_writing(api):
    movie = {"title": "Persona", "director": "Ingmar Bergman", "year": 1966, "runtime": 83}
    key = {"Authorization": f"Bearer {api.key}"}

    refused = requests.post(f"{api}/v1/movies", json=movie)
    created = requests.post(f"{api}/v1/movies", json=movie, headers=key)

    assert (refused.status_code, created.status_code) == (401, 201)


def test_no_two_processes_have_the_same_key(tmp_path):
    with holding(SAY_A_KEY, TMPDIR=str(tmp_path)) as (_, key_of_another), start("1") as api:
        assert len(api.key) == len(key_of_another) > 40
        assert api.key != key_of_another


def test_started_again_it_has_the_same_url_key_and_password_and_a_fresh_database():
    def identity(api):
        return str(api), api.key, api.password

    first = start("2")
    movie = {"title": "M", "director": "Fritz Lang", "year": 1931, "runtime": 117}
    made = requests.post(
        f"{first}/v1/movies", json=movie, headers={"Authorization": f"Bearer {first.key}"}
    )
    url = f"{first}{made.headers['Location']}"
    assert requests.get(url).status_code == 200

    with start("2") as second:
        assert identity(second) == identity(first)
        assert requests.get(url).status_code == 404
        assert first.child.has_ended


def test_if_its_port_is_taken_in_the_meantime_it_has_another():
    first = start("1")
    first.stop()

    with socket.create_server(("127.0.0.1", urlsplit(first).port)), start("1") as second:
        assert second != first
        assert requests.get(second).ok


def test_with_other_settings_it_runs_beside_and_takes_the_place_of_the_one_with_those():
    with start("2") as plain, start("2", RATE_LIMIT="9") as one, start("2", RATE_LIMIT="8") as two:
        assert plain != one == two
        assert one.child.has_ended
        assert requests.get(plain).ok
        assert requests.get(two).ok
        assert plain.key == two.key


def test_the_log_is_what_the_server_has_printed(api):
    requests.get(f"{api}/v1/movies/1")

    assert "GET /v1/movies/1 HTTP/1.1" in api.log


def test_starting_leaves_no_request_in_the_log(api):
    assert "GET" not in api.log


def test_starting_again_ends_the_earlier_server():
    first = start("1")

    with start("1") as second:
        assert first.child.has_ended
        assert not second.child.has_ended
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
    with pytest.raises(ServerError) as failure:
        start("1")

    shown = "\n".join(failure.value._render_traceback_())
    assert "LookupError: the projector is dark" in shown
    assert "Open 01_getting_started/cinema.py, line" in shown
    assert "run this cell again." in shown
    assert "course/serve.py" not in shown


def test_a_typing_mistake_is_shown_where_it_is(broken_course):
    (broken_course.folder / "01_getting_started" / "cinema.py").write_text("\napp = = 1\n")

    with pytest.raises(ServerError, match="SyntaxError") as failure:
        start("1")

    assert "Open 01_getting_started/cinema.py, line 2" in str(failure.value)


def test_an_import_that_fails_is_shown_as_python_shows_it(broken_course):
    (broken_course.folder / "01_getting_started" / "cinema.py").write_text("import projector\n")

    with pytest.raises(ServerError) as failure:
        start("1")

    assert str(failure.value).startswith("Traceback (most recent call last):")
    assert "\nModuleNotFoundError: No module named 'projector'\n" in str(failure.value)
    assert "While importing" not in str(failure.value)  # Flask's words


@pytest.mark.parametrize(
    ("end", "told"),
    [
        ("os.kill(os.getpid(), 9)", "The server was killed, by SIGKILL."),
        ("print('so far'); os.kill(os.getpid(), 9)", "so far\nThe server was killed, by SIGKILL."),
        ("os._exit(7)", "The server has ended, with exit code 7."),
        ("print('no room'); os._exit(7)", "no room"),
    ],
)
def test_a_server_that_ends_while_it_starts_says_why(broken_course, end, told):
    (broken_course.folder / "01_getting_started" / "cinema.py").write_text(f"import os\n{end}\n")

    with pytest.raises(ServerError) as failure:
        start("1")

    assert str(failure.value) == told


def test_a_server_that_never_answers_is_given_up(broken_course, monkeypatch):
    monkeypatch.setattr(child, "PATIENCE", 2)
    note = broken_course.folder / "pid"
    (broken_course.folder / "01_getting_started" / "cinema.py").write_text(
        f"import os, time\nopen({str(note)!r}, 'w').write(str(os.getpid()))\ntime.sleep(60)\n"
    )

    with pytest.raises(ServerError, match="has not answered"):
        start("1")

    with pytest.raises(ProcessLookupError):
        os.kill(int(note.read_text()), 0)


# An app beside the API


@pytest.mark.usefixtures("chapter_of_two_apps")
class TestTwoApps:
    def test_each_answers_and_knows_the_url_of_the_one_beside(self):
        with start("9") as api:
            told = requests.get(api).json()
            beside = requests.get(api.box_office).json()

        assert told["BOX_OFFICE_URL"] == beside["url"] == api.box_office != api

    def test_the_api_is_seeded_first(self):
        with start("9") as api:
            beside = requests.get(api.box_office).json()

        assert beside["password"] == "open sesame"  # from the file that the API's seed makes

    def test_passwords_are_told_and_kept_and_other_secrets_are_made_afresh(self):
        found = []

        for _ in range(2):
            with start("9") as api:
                told = requests.get(api).json()
            found.append((told["CINEMA_PASSWORD"], told["ROBOT_SECRET"], told["SECRET_KEY"]))
            assert found[-1][:2] == (api.password, api.robot_secret)

        first, second = found
        assert first[:2] == second[:2]
        assert len({*first, *second}) == 4

    def test_each_has_a_log_of_its_own(self):
        with start("9") as api:
            requests.get(f"{api.box_office}?from=here")

            assert "GET /?from=here" in api.box_office.log
            assert "GET /?from=here" not in api.log

    def test_stopping_the_api_ends_both(self):
        api = start("9")

        api.stop()

        assert is_gone(api)
        assert is_gone(api.box_office)

    def test_the_one_beside_can_be_stopped_alone(self):
        with start("9") as api:
            api.box_office.stop()

            assert is_gone(api.box_office)
            assert requests.get(api).ok


def test_an_app_beside_that_fails_shows_its_own_traceback_and_leaves_nothing(
    chapter_of_two_apps, monkeypatch
):
    with (chapter_of_two_apps / "box_office" / "__init__.py").open("a") as module:
        module.write("\n\nraise LookupError('sold out')\n")
    children = []
    monkeypatch.setattr(
        server, "Child", lambda *a, **o: children.append(Child(*a, **o)) or children[-1]
    )

    with pytest.raises(ServerError) as failure:
        start("9")

    shown = "\n".join(failure.value._render_traceback_())
    assert "LookupError: sold out" in shown
    assert "Open 09_box_office/box_office/__init__.py, line" in shown
    assert "course/serve.py" not in shown
    assert len(children) == 2
    assert all(child.has_ended for child in children)


def test_a_service_answers_before_the_api_starts_which_asks_it(tmp_path, monkeypatch):
    copy = CourseCopy(tmp_path)
    monkeypatch.setattr("course.spine.ROOT", copy.folder)
    copy.add_chapter(
        "# 9 · Tickets\n", cinema=CINEMA_THAT_ASKS_A_SERVICE, ticket_service=TICKET_SERVICE
    )

    with start("9") as api:
        assert requests.get(api).text == "two tickets"


def test_an_unknown_chapter_lists_what_there_is():
    with pytest.raises(CourseError, match=r"no chapter 'nine'.*1 \(01_getting_started\)"):
        start("nine")


def test_its_files_go_with_the_process_that_started_it():
    done = subprocess.run(
        [sys.executable, "-c", "from course import start; print(start('2').database)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    database = Path(done.stdout.strip())
    assert database.name == "cinema.db"
    assert not database.parent.exists()


@pytest.mark.parametrize("number", ["SIGKILL", "SIGTERM", "SIGINT"])
def test_the_server_ends_with_the_process_that_started_it(tmp_path, number):
    with holding(HOLD_A_SERVER, TMPDIR=str(tmp_path)) as (process, url):
        assert requests.get(url).ok

        process.send_signal(getattr(signal, number))

        assert is_gone(url)


@pytest.mark.parametrize("number", ["SIGKILL", "SIGTERM", "SIGINT"])
def test_both_servers_end_with_the_process_that_started_them(chapter_of_two_apps, tmp_path, number):
    course = chapter_of_two_apps.parent
    with holding(HOLD_TWO_SERVERS, course, TMPDIR=str(tmp_path)) as (process, urls):
        assert all(requests.get(url).ok for url in urls.split())

        process.send_signal(getattr(signal, number))

        assert all(is_gone(url) for url in urls.split())


def test_an_interrupt_of_the_notebook_does_not_reach_the_server(tmp_path):
    survives = "import signal\nsignal.signal(signal.SIGINT, lambda *_: None)\n"
    with holding(survives + HOLD_A_SERVER, TMPDIR=str(tmp_path)) as (process, url):
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does

        assert not is_gone(url, seconds=1)


def test_on_windows_the_server_is_a_process_group_of_its_own(monkeypatch):
    monkeypatch.setattr(child, "os", SimpleNamespace(name="nt"))
    monkeypatch.setattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0x200, raising=False)

    assert child.apart_from_ctrl_c() == {"creationflags": 0x200}

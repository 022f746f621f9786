"""Build it yourself: the learner's folder, and what `check` says of an API that does not work."""

import json
import os
import re
import socket
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from unittest.mock import Mock

import pytest

from course.building import asking, check, folder, progress, report, table
from course.building.asking import BROKEN, KEPT, Outcome
from course.building.check import NOTHING, Asked, check_once, outcomes_of
from course.building.promise import promises_of
from course.building.server import Server, get_ready_for
from course.building.settings import NothingToCheck
from course.building.traces import learners_part
from course.building.watch import Watch
from course.building.wire import (
    BASIC,
    BEARER,
    Api,
    Broken,
    header_line,
    plain,
    without_secret,
    words_of,
)
from course.errors import CourseError
from course.serving import introduction, preload
from course.spine import ROOT, find_chapter

FLASK = """
import os, sys, time
from flask import Flask, Response, request
app = Flask(__name__)
"""
GOOD = """
@app.get("/v1/movies")
def movies():
    return {"movies": [MOVIE]}

@app.get("/v1/movies/<id>")
def movie(id):
    return MOVIE

@app.get("/")
def door():
    return {"movies": "/v1/movies"}

MOVIE = {"id": 1, "title": "M", "director": "Fritz Lang", "year": 1931, "runtime": 117}
"""


@pytest.fixture
def mine(tmp_path):
    (tmp_path / "mine").mkdir()
    return tmp_path / "mine"


def has_ipv6():
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


def write(folder, code):
    (folder / "app.py").write_text(FLASK + code)
    return folder


def write_to(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


def states(folder, section="1a", **options):
    return {o.promise.name: o for o in outcomes_of(Asked(section, folder, **options))}


def spoken(folder, section="1a"):
    return "\n".join(report.lines(outcomes_of(Asked(section, folder))))


class TestBegin:
    def test_first_folder_has_an_application_of_a_few_lines(self, mine):
        list(folder.begin(1, mine))

        assert "Flask(__name__)" in (mine / "cinema.py").read_text()

    def test_chapter_begins_with_the_end_of_the_one_before_and_what_is_given(self, mine):
        list(folder.begin(3, mine))

        ours = find_chapter(2).folder
        assert (mine / "cinema/api/movies.py").read_bytes() == (
            ours / "cinema/api/movies.py"
        ).read_bytes()
        assert (mine / "cinema/http/merge_patch.py").exists(), "the toolkit of chapter 3"
        assert not (mine / "tests").exists()
        assert not (mine / "README.md").exists()

    def test_second_time_changes_nothing_and_deleted_files_do_not_come_back(self, mine):
        list(folder.begin(2, mine))
        (mine / "cinema.py").unlink()
        (mine / "cinema/http/ids.py").write_text("# mine\n")

        [said] = list(folder.begin(2, mine))

        assert "already" in said
        assert not (mine / "cinema.py").exists()
        assert (mine / "cinema/http/ids.py").read_text() == "# mine\n"

    def test_next_chapter_adds_what_it_gives_to_what_the_learner_has(self, mine):
        list(folder.begin(1, mine))
        (mine / "cinema.py").write_text("# my own API\n")
        list(folder.begin(2, mine))

        list(folder.begin(3, mine))

        assert (mine / "cinema.py").read_text() == "# my own API\n"
        assert (mine / "cinema/http/preferences.py").exists()
        assert not (mine / "cinema/api").exists(), "it goes on with the learner's code, not ours"

    def test_changed_file_of_the_toolkit_stays_and_is_named(self, mine):
        list(folder.begin(2, mine))
        (mine / "cinema/http/json_body.py").write_text("# mine\n")
        progress.write(
            mine, progress.read(mine) | {"begun": 1}
        )  # as if an older one had been given

        said = "\n".join(folder.begin(2, mine))

        assert "json_body.py is yours and stays" in said
        assert (mine / "cinema/http/json_body.py").read_text() == "# mine\n"

    def test_unchanged_file_of_an_older_toolkit_is_renewed(self, mine):
        list(folder.begin(2, mine))
        old = b"# an older one\n"
        (mine / "cinema/http/ids.py").write_bytes(old)
        given = progress.read(mine)["given"] | {"cinema/http/ids.py": folder.digest(old)}
        progress.write(mine, progress.read(mine) | {"begun": 1, "given": given})

        said = "\n".join(folder.begin(2, mine))

        assert "brought up to date: cinema/http/ids.py" in said

    def test_toolkit_is_renewed_in_a_folder_that_begins_with_our_code(self, mine):
        """What we put there is not the learner's: neither at once nor a chapter later."""
        later = mine.with_name("mine_later")

        list(folder.begin(4, mine))
        list(folder.begin(3, later))
        list(folder.begin(4, later))

        for name in ("cinema/http/problems.py", "cinema/data/seed.py"):
            ours = (find_chapter(4).folder / name).read_bytes()
            assert (mine / name).read_bytes() == (later / name).read_bytes() == ours

    def test_app_that_waits_for_its_lesson_is_not_started(self, mine):
        list(folder.begin(4, mine))
        settings = mine / "cinema/config.py"
        api = folder.Mine(mine)

        assert api.companions == []

        settings.write_text(settings.read_text() + 'AUTHORIZATION_SERVER_URL = "http://…"\n')

        assert api.companions == ["authorization_server"]

    def test_tls_is_spoken_once_the_factory_has_the_command_that_makes_certificates(self, mine):
        list(folder.begin(5, mine))
        factory = mine / "cinema/__init__.py"
        api = folder.Mine(mine)

        assert not api.has_tls, "the toolkit is given, and waits for 5.a"

        factory.write_text(factory.read_text() + "certificates.init_app(app)\n")

        assert api.has_tls

    def test_requests_to_try_name_the_files_of_the_folder(self, mine):
        list(folder.begin(5, mine))

        said = "\n".join(folder.Mine(mine).requests_to_try)

        assert "mine/instance/ca.pem" in said
        assert "05_security" not in said

    def test_request_of_version_2_waits_for_its_section(self, mine):
        list(folder.begin(4, mine))
        before = "\n".join(folder.Mine(mine).requests_to_try)
        write_to(mine / "cinema" / "api" / "versions.py")

        assert "/v2/" not in before
        assert "/v2/" in "\n".join(folder.Mine(mine).requests_to_try)

    def test_key_of_an_earlier_day_is_not_shown(self, mine, monkeypatch):
        monkeypatch.setattr(introduction, "ROOT", mine.parent)
        write_to(mine / "instance" / "api_key")
        write_to(mine / "cinema" / "__init__.py")
        chapter = folder.Mine(mine)

        shown = list(introduction.describe_secrets(chapter))
        (mine / "cinema" / "key.py").write_text('FILE = "api_key"')

        assert shown == []
        assert "API key" in next(introduction.describe_secrets(chapter))

    def test_api_with_a_start_of_its_own_is_not_run_as_flasks(self, mine, monkeypatch):
        monkeypatch.setattr(folder, "ROOT", mine.parent)
        write(mine, GOOD)
        (mine / "check.toml").write_text('start = ["node", "server.js"]')

        with pytest.raises(CourseError, match=r"starts as mine/check\.toml says"):
            folder.find_mine("mine")

    def test_interrupted_begin_goes_on_where_it_stopped(self, mine):
        begun = folder.begin(2, mine)
        next(begun)  # the files of chapter 1 are there, those of the toolkit are not
        begun.close()

        list(folder.begin(2, mine))

        assert (mine / "cinema.py").exists()
        assert (mine / "cinema/http/ids.py").exists()

    def test_chapter_that_was_skipped_is_told_how(self, mine):
        list(folder.begin(1, mine))

        with pytest.raises(CourseError, match="--folder"):
            list(folder.begin(4, mine))

    def test_git_does_not_see_the_folder(self):
        asked = subprocess.run(
            ["git", "check-ignore", "-q", "mine/cinema.py"], cwd=ROOT, check=False
        )

        assert asked.returncode == 0


@pytest.mark.slow  # starts servers
class TestApiThatDoesNotWork:
    @pytest.mark.parametrize(
        ("code", "said"),
        [
            ("def broken(:\n", "SyntaxError"),
            ("1 / 0\n", "ZeroDivisionError"),
            ("sys.exit()\n", "did not start"),
            ("del app\n", "did not start"),
        ],
    )
    def test_one_that_does_not_start_is_told_with_its_own_words(self, mine, code, said):
        write(mine, code)

        with pytest.raises(NothingToCheck, match=said):
            states(mine)

    def test_traceback_of_a_500_has_the_learners_frames_only(self, mine):
        write(
            mine,
            GOOD.replace("return MOVIE\n", "return helper()\n", 1) + "\ndef helper():\n    1 / 0\n",
        )

        broken = states(mine)["1a-one-movie"].broken

        assert "app.py" in broken.words
        assert "helper" in broken.words
        assert "ZeroDivisionError" in broken.words
        assert "flask/app.py" not in broken.words

    def test_one_that_hangs_costs_seconds_not_minutes(self, mine):
        write(mine, GOOD.replace("return MOVIE\n", "time.sleep(60)\n", 1))
        began = time.monotonic()

        told = states(mine)

        assert "within" in str(told["1a-one-movie"].broken)
        assert told["1a-front-door"].state == KEPT, "the others are asked all the same"
        assert time.monotonic() - began < 30

    def test_answer_that_drips_is_not_waited_for(self, mine, monkeypatch):
        monkeypatch.setattr(check, "Api", quick_api)
        drip = (
            "return Response(drops())\n\n"
            "def drops():\n    while True:\n        time.sleep(.1)\n        yield ' '\n"
        )
        write(mine, GOOD.replace('return {"movies": [MOVIE]}\n', drip, 1))

        told = states(mine)

        assert told["1a-lists"].state == BROKEN
        assert told["1a-lists"].broken.hung

    def test_server_that_dies_in_the_middle_is_started_again(self, mine):
        write(mine, GOOD.replace("return MOVIE\n", "os._exit(7)\n", 1))

        told = states(mine)

        assert "connection broke" in str(told["1a-one-movie"].broken)
        assert "exit code 7" in told["1a-one-movie"].broken.words
        assert told["1a-front-door"].state == KEPT

    def test_html_is_no_json(self, mine):
        write(mine, GOOD.replace('return {"movies": [MOVIE]}', 'return "<h1>Movies</h1>"'))

        assert "JSON, not text/html" in str(states(mine)["1a-lists"].broken)

    def test_folder_without_an_application_says_how_to_name_one(self, mine):
        with pytest.raises(NothingToCheck, match=r"check\.toml"):
            states(mine)

    @pytest.mark.parametrize(
        ("toml", "said"),
        [
            ("start = [", "no TOML"),
            ('begin = "x"', "has begin"),
            ("start = 5", "another type"),
            ('start = ["no-such-program"]', "does not run"),
            ('start = "python \'x"', "can't be read"),
        ],
    )
    def test_settings_that_make_no_sense_are_told(self, mine, toml, said):
        (mine / "check.toml").write_text(toml)

        with pytest.raises(NothingToCheck, match=said):
            states(mine)

    def test_other_port_is_told(self, mine):
        write(mine, GOOD + "\nif __name__ == '__main__':\n    app.run(port=0)\n")
        (mine / "check.toml").write_text('start = "python app.py"')

        with pytest.raises(NothingToCheck, match="was asked to listen"):
            states(mine)

    def test_one_that_never_listens_is_told(self, mine, monkeypatch):
        monkeypatch.setattr("course.building.server.PATIENCE", 1)
        (mine / "app.py").write_text("input()\n")
        (mine / "check.toml").write_text('start = ["python", "app.py"]')

        with pytest.raises(NothingToCheck, match=r"nothing answers .* after 1 seconds"):
            outcomes_of(Asked("1a", mine))

    @pytest.mark.skipif(not has_ipv6(), reason="this machine has no ::1")
    def test_one_that_listens_elsewhere_is_told_where_to_listen(self, mine, monkeypatch):
        monkeypatch.setattr("course.building.server.PATIENCE", 3)
        (mine / "app.py").write_text(
            "import os, socket\n"
            "there = '::1', int(os.environ['PORT'])\n"
            "server = socket.create_server(there, family=socket.AF_INET6)\n"
            "input()\n"
        )
        (mine / "check.toml").write_text('start = ["python", "app.py"]')

        with pytest.raises(NothingToCheck, match=r"It listens on \[::1\]: .* 127\.0\.0\.1"):
            outcomes_of(Asked("1a", mine))

    def test_program_that_speaks_no_http_is_told(self, mine, monkeypatch):
        monkeypatch.setattr(check, "Api", quick_api)
        (mine / "app.py").write_text(
            "import os, socket\n"
            "server = socket.create_server(('127.0.0.1', int(os.environ['PORT'])))\n"
            "while True:\n"
            "    client, _ = server.accept()\n"
            "    client.sendall(b'220 mail.example ESMTP\\r\\n')\n"
            "    client.close()\n"
        )
        (mine / "check.toml").write_text('start = ["python", "app.py"]')

        assert "connection broke" in str(states(mine)["1a-lists"].broken)


WANTS_A_KEY = """
from flask import Flask

app = Flask(__name__)


@app.post("/v1/movies")
def create_movie():
    return {}, 401, {"WWW-Authenticate": "Bearer"}
"""


TAKES_A_KEY = """
from flask import Flask, request

app = Flask(__name__)


@app.post("/v1/movies")
def create_movie():
    if request.headers.get("Authorization") == "Bearer secret":
        return {}, 400
    return {}, 401, {"WWW-Authenticate": 'OFFERED'}
"""


def quick_api(*arguments, **options):
    api = WireApi(*arguments, **options)
    api.patience = 1
    return api


WireApi = check.Api


@pytest.mark.slow  # starts servers
class TestUrl:
    def test_api_that_runs_already_is_asked(self, mine):
        with running(write(mine, GOOD)) as url:
            told = {o.promise.name: o.state for o in outcomes_of(Asked("1a", mine, url))}

        assert set(told.values()) - {KEPT} <= {BROKEN}
        assert told["1a-lists"] == KEPT

    def test_key_that_nobody_has_told_is_asked_for(self, mine, capsys):
        with running(write(mine, WANTS_A_KEY)) as url:
            code = check_once(Asked("2a", mine, url))

        assert code == NOTHING
        assert "takes a key. Name it: --key KEY" in capsys.readouterr().out

    @pytest.mark.parametrize("offered", ["Basic, Bearer", 'Bearer realm="a, basic one", Basic'])
    def test_of_two_schemes_the_one_that_lets_us_in_is_used(self, mine, offered):
        write(mine, TAKES_A_KEY.replace("OFFERED", offered))
        with running(mine) as url:
            api = quick_api(url, {"key": "secret", "editor": ("alice", "x")})
            for section_has in (BEARER, BASIC, None):
                api.learn_scheme(section_has)

                assert api.scheme == BEARER

    def test_scheme_whose_credentials_nobody_has_told_is_not_tried(self, mine):
        takes_all = TAKES_A_KEY.replace('== "Bearer secret"', "is not None")
        with running(write(mine, takes_all.replace("OFFERED", "Basic, Bearer"))) as url:
            api = quick_api(url, {"key": "", "editor": ("alice", "x")})
            api.learn_scheme(BEARER)

        assert api.scheme == BASIC

    def test_refusal_of_both_schemes_names_what_the_section_wants(self, mine):
        write(mine, TAKES_A_KEY.replace("OFFERED", "Basic, Bearer").replace("secret", "another"))
        with running(mine) as url:
            api = quick_api(url, {"key": "secret", "editor": ("alice", "x")})
            for section_has, sent in ((BEARER, "Bearer, with a key"), (BASIC, "Basic,")):
                api.learn_scheme(section_has)
                with pytest.raises(Broken, match=f"you answer 401 to {sent}"):
                    api.send("POST", "/v1/movies", json={}).must_be(201)
            with pytest.raises(Broken, match="401 to a request without Authorization"):
                api.send("POST", "/v1/movies", who="nobody", json={}).must_be(201)

    def test_password_that_nobody_has_told_is_asked_for(self, mine, capsys):
        with running(write(mine, WANTS_A_KEY.replace("Bearer", "Basic"))) as url:
            code = check_once(Asked("4a1", mine, url))

        assert code == NOTHING
        assert "takes passwords. Name that of alice and bob" in capsys.readouterr().out

    @pytest.mark.parametrize(
        "url", ["nonsense", "ftp://127.0.0.1/", "http://", "http://127.0.0.1:99999"]
    )
    def test_what_is_no_url_is_told(self, mine, url):
        with pytest.raises(NothingToCheck):
            outcomes_of(Asked("1a", mine, url))

    def test_nobody_there_is_told(self, mine, capsys):
        with closing(socket.create_server(("127.0.0.1", 0))) as server:
            port = server.getsockname()[1]

        code = check_once(Asked("1a", mine, f"http://127.0.0.1:{port}"))

        assert code == NOTHING
        assert "Nothing answers at" in capsys.readouterr().out


class running:  # noqa: N801 (it is used as a function is)
    """A learner's Flask application as somebody else has started it."""

    def __init__(self, folder):
        with closing(socket.create_server(("127.0.0.1", 0))) as server:
            self.port = server.getsockname()[1]
        command = [sys.executable, "-m", "flask", "--app", "app", "run", "--port", str(self.port)]
        environment = {k: v for k, v in os.environ.items() if not k.startswith("FLASK_")}
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )

    def __enter__(self):
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return f"http://127.0.0.1:{self.port}"
            except OSError:
                time.sleep(0.05)
        raise AssertionError("the application does not start")

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


@pytest.mark.slow  # starts servers
class TestTable:
    def test_notebook_shows_the_same_as_a_table(self, mine):
        verdict = table.check("1.a", folder=write(mine, GOOD))

        assert "5 of 5 promises kept" in repr(verdict)
        assert verdict._repr_html_().count("<td>✓</td>") == 5

    def test_first_broken_promise_stands_below_the_table(self, mine):
        write(mine, GOOD.replace('"/v1/movies/<id>"', '"/v1/films/<id>"'))

        html = table.check("1a", folder=mine)._repr_html_()

        assert "<td>✗</td>" in html
        assert "Promised: status 200" in html

    def test_section_that_is_not_there_is_told(self):
        with pytest.raises(CourseError, match="There is: 1a"):
            table.check("9z")


class TestReport:
    def test_first_broken_promise_is_explained_and_others_take_a_line(self, mine):
        said = spoken(write(mine, GOOD.replace('"/v1/movies/<id>"', '"/v1/films/<id>"')), "1d")

        assert said.count("Promised:") == 1
        assert "→ HTTP/1.1 404" in said, "the line to look at is marked"
        assert "01_getting_started/README.md, “One movie” (RFC 9110, 15.3.1)" in said
        assert "promises kept" in said.splitlines()[-1]

    def test_what_a_broken_one_makes_impossible_waits(self, mine):
        write(mine, GOOD.replace('"/v1/movies"', '"/v1/films"'))

        told = states(mine)

        assert told["1a-lists"].state == BROKEN
        assert told["1a-one-movie"].blamed == "1a-lists"

    def test_promise_that_is_asked_for_by_name_and_kept_is_told(self, mine, capsys):
        check_once(Asked("1a", write(mine, GOOD), show="1a-lists"))

        assert "\n1a-lists: kept\n" in capsys.readouterr().out

    def test_credentials_are_not_shown(self):
        outcome = Outcome(promises_of("2a")[0], BROKEN, Broken("201", "POST / HTTP/1.1"))

        assert "Bearer" not in "\n".join(report.explanation(outcome))

    def test_name_is_found_in_each_shape_of_errors(self):
        for told in (
            {"errors": {"year": "is required"}},
            {"errors": [{"pointer": "#/year", "detail": "x"}]},
            {"detail": [{"loc": ["body", "year"], "msg": "x"}]},
            {"errors": [{"pointer": "#/year/0"}]},
            {"errors": {"body.year[0]": "x"}},
        ):
            assert "year" in words_of(told)
        assert "year" not in words_of({"detail": "is not one of title, year, runtime"})
        echo = {"detail": [{"loc": ["body", "title"], "input": {"year": "1927"}}]}
        assert "year" not in words_of(echo), "what is repeated is not what is wrong"

    def test_missing_header_marks_the_answer_and_is_named_in_plain_text(self):
        asked = "GET / HTTP/1.1\n\nHTTP/1.1 200 OK\nAllow: GET"
        broken = Broken("x", asked, mark=header_line("Accept-Patch"))

        told = "\n".join(report.explanation(Outcome(promises_of("2a")[0], BROKEN, broken)))

        assert re.search("[→>] HTTP/1.1 200 OK", told)
        assert plain(r"^application/merge-patch\+json") == "application/merge-patch+json"

    def test_credentials_that_are_none_are_shown(self):
        assert without_secret("Authorization", "Basic !!!") == "Basic !!!"
        assert without_secret("Authorization", "Basic YWxpY2U6eA==") == "Basic …"
        assert without_secret("Authorization", "Bearer guess") == "Bearer …"

    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("2b-runtime-max", "02_create_read/README.md, “Your turn"),
            ("1c-country", "01_getting_started/lessons/1_your_turn.md, “Your turn, 1.1”"),
            ("1a-odd-urls", "01_getting_started/README.md, “1.a, Try to break it”"),
            ("4a1-wrong-password", "4a1_permissions.md, “A wrong proof is refused”"),
        ],
    )
    def test_where_to_read_is_the_page_that_has_it(self, name, said):
        (promise,) = [each for each in promises_of(name.partition("-")[0]) if each.name == name]

        assert said in report.place(promise)


class TestTraces:
    def test_frames_of_libraries_are_left_out(self, tmp_path):
        own, other = tmp_path / "app.py", "/usr/lib/python3/site-packages/sqlalchemy/orm.py"
        words = (
            "Traceback (most recent call last):\n"
            f'  File "{other}", line 1, in call\n    view()\n'
            f'  File "{own}", line 5, in view\n    commit()\n'
            f'  File "{other}", line 9, in commit\n    raise error\n'
            "sqlalchemy.exc.IntegrityError: UNIQUE constraint failed\n"
        )

        said = learners_part(words, tmp_path)

        assert "app.py" in said
        assert "sqlalchemy/orm.py" not in said
        assert said.endswith("IntegrityError: UNIQUE constraint failed")


class TestProgress:
    def test_check_is_noted_and_a_broken_note_is_no_trouble(self, mine):
        check_once(Asked("1a", write(mine, GOOD)))

        assert progress.read(mine)["states"]["1a-lists"] == KEPT
        (mine / progress.FILE).write_text("{")
        assert progress.read(mine) == {}

    def test_json_is_for_programs(self, mine, capsys):
        check_once(Asked("1a", write(mine, GOOD)), as_json=True)

        assert json.loads(capsys.readouterr().out)["1a-lists"] == KEPT


class TestWatch:
    def test_save_is_seen(self, mine):
        file = mine / "app.py"
        file.write_text("one")
        watch = Watch(mine)

        file.write_text("two, longer")

        assert watch.saved()

    @pytest.mark.parametrize("name", ["instance/cinema.db", "cinema.db-wal", "server.log", "x.py~"])
    def test_what_a_server_leaves_is_not_watched(self, mine, name):
        watch = Watch(mine)
        path = mine / name
        path.parent.mkdir(exist_ok=True)

        path.write_text("data")

        assert not watch.saved()

    def test_file_that_changes_during_each_check_is_the_servers(self, mine):
        data = mine / "data.json"
        watch = Watch(mine)
        for number in range(3):
            watch.begin()
            data.write_text("x" * number)
            watch.note_checked()
        watch.begin()

        data.write_text("something else")

        assert not watch.saved()

    def test_saves_are_checked_until_q(self, mine):
        write(mine, GOOD)
        command = [sys.executable, "-m", "course", "check", "1a", "--watch", "--folder", str(mine)]
        with subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        ) as program:
            try:
                first = until(program.stdout, "Save a file")
                Path(mine, "app.py").write_text(FLASK + GOOD.replace("MOVIE\n", "{}\n", 1))
                second = until(program.stdout, "Save a file")
                program.stdin.write("q\n")
                program.stdin.flush()
                assert program.wait(timeout=20) == 0
            finally:
                program.kill()

        assert "5 of 5 promises kept" in first
        assert "5 of 5 promises kept" not in second


def test_verdict_on_a_section_is_told_before_earlier_ones_are_asked(monkeypatch):
    asked, told = [], []

    def note(_api, promise, *_):
        asked.append(promise.section)
        return Outcome(promise, KEPT)

    monkeypatch.setattr(asking, "ask_one", note)

    asking.ask_all(Mock(), asking.wanted("1b"), lambda _: told.append([*asked]))

    assert told == [["1b"] * len(told[0])]
    assert "1a" in asked


class TestReady:
    def test_libraries_are_loaded_and_what_the_learner_saves_is_not(self, mine, monkeypatch):
        own = "from films import ALL\nfrom mine.films import ALL\nfrom . import routes\n"
        package = mine / "cinema" / "__init__.py"
        write_to(package)
        package.write_text(f"import sqlite3\nfrom flask.views import View\n{own}")
        (mine / "films.py").write_text("ALL = []\n")
        monkeypatch.setattr(preload, "ROOT", mine.parent)

        found = preload.libraries(mine, ["app", "cinema"])

        assert found == ["sqlite3", "flask.views"]

    def test_what_belongs_beside_the_api_is_begun_with_it_and_waited_for_when_it_is_asked(
        self, mine
    ):
        write(mine, GOOD)
        write_to(mine / "auth_service" / "__init__.py")
        (mine / "auth_service" / "__init__.py").write_text(FLASK + GOOD)
        with Server(mine) as server:
            server.start(begin_both)

            assert server.beside["auth_service"].poll() is None
            assert server.others["once more"].process.poll() is None
            assert not server.answering
            assert server.another("once more").get("/v1/movies").status == 200
            assert Api(server.companion("auth_service")).get("/v1/movies").status == 200

    def test_what_is_not_there_is_not_begun(self, mine):
        with Server(write(mine, GOOD)) as server:
            server.start(begin_both)

            assert not server.beside
            assert not server.others

    def test_api_and_what_runs_beside_it_find_their_libraries_loaded(self, mine, ready):
        with Server(write(mine, USES_A_LIBRARY + GOOD), ready) as server:
            server.start()
            server.another("once more", API_KEY="another")

            other = server.others["once more"]
            assert f"port {server.port}: loaded" in server.new_words()
            assert f"port {other.port}: loaded" in other.new_words()

    def test_what_cannot_begin_so_begins_without_them(self, mine, ready):
        ended = subprocess.Popen([sys.executable, "-c", ""])
        ended.wait()
        ready.start = lambda *_: ended
        with Server(write(mine, USES_A_LIBRARY + GOOD), ready) as server:
            server.start()

            assert f"port {server.port}: not loaded" in server.new_words()


USES_A_LIBRARY = """
loaded = "fractions" in sys.modules
import fractions
print(f"port {os.environ['PORT']}: {'loaded' if loaded else 'not loaded'}", flush=True)
"""


@pytest.fixture
def ready(mine):
    write(mine, USES_A_LIBRARY + GOOD)
    ready = get_ready_for(mine, 2)
    yield ready
    ready.end()


def begin_both(control):
    if control.begin_companion("auth_service"):
        control.begin_another("once more", API_KEY="another")


def until(lines, words):
    said = ""
    for line in lines:
        said += line
        if words in line:
            return said
    raise AssertionError(said)

"""The learner's surroundings: nothing that is exported, or lies around, changes what happens."""

import os
import re
import shutil
import subprocess
import sys
from collections import namedtuple

import pytest
import requests
from course_copy import CourseCopy, RunningCourse

from course import start
from course.command_line import main
from course.commands import doctor
from course.errors import CourseError
from course.serving import introduction, ports
from course.serving.child import server_environment
from course.setup import environment, surroundings
from course.spine import ROOT, chapters, find_chapter

NOBODY = "http://127.0.0.1:9"  # a proxy that is not there
DOTENV = """
FLASK_DEBUG=1
FLASK_RUN_HOST=0.0.0.0
SERVER_NAME=elsewhere.example
DATABASE_URL=nonsense
"""
ASKS = """
import requests
from course import start
from course.command_line import main

with start("2") as api:
    key = {"Authorization": f"Bearer {api.key}"}
    print(requests.post(f"{api}/v1/movies", json={}, headers=key).status_code)
"""
NAMES_READ = """
import os, sys, tempfile
from flask import Flask

class Environment(dict):
    def get(self, name, default=None):
        read.add(name)
        return super().get(name, default)

read, os.environ = set(), Environment(os.environ)
before = sys.argv[1]
module = __import__(f"{before}.config", fromlist=["init_app"])
app = Flask("app", instance_path=tempfile.mkdtemp())
read.clear()
module.init_app(app, {})
print(*read)
"""


@pytest.fixture
def course(tmp_path):
    copy = CourseCopy(tmp_path)
    copy.borrow_packages()
    return copy


# What the servers get to see


@pytest.mark.parametrize(
    "name",
    ["FLASK_RUN_HOST", "GUNICORN_CMD_ARGS", "GRANIAN_PORT", "PGOPTIONS", "AUTHLIB_INSECURE_X"],
)
def test_variable_of_another_server_does_not_reach_ours(monkeypatch, name):
    monkeypatch.setenv(name, "x")

    assert name not in server_environment(), f"{name} should change nothing that the course starts"


@pytest.mark.parametrize("named", ["", "intranet.example"])
def test_this_machine_is_asked_without_a_proxy(monkeypatch, named):
    monkeypatch.setenv("no_proxy", named)

    told = server_environment()

    assert told["no_proxy"] == told["NO_PROXY"]
    assert set(told["no_proxy"].split(",")) == {"127.0.0.1", "localhost"} | set(
        filter(None, [named])
    )


def test_proxy_that_is_for_nothing_stays_so(monkeypatch):
    monkeypatch.setenv("no_proxy", "*")

    assert server_environment()["no_proxy"] == "*"


@pytest.mark.parametrize(
    "chapter", [chapter.number for chapter in chapters() if chapter.number > 1]
)
def test_each_setting_that_an_app_reads_is_known(chapter):
    folder = find_chapter(chapter).folder
    read = set()
    for config in sorted(folder.glob("*/config.py")):
        if config.parent.name == "with_flask_security":  # which no command of the course starts
            continue
        told = subprocess.run(
            [sys.executable, "-c", NAMES_READ, config.parent.name],
            cwd=folder,
            env=surroundings.for_lessons(),
            capture_output=True,
            text=True,
            check=True,
        )
        read |= set(told.stdout.split())

    assert read
    assert read - {"FLASK_DEBUG", "AUTHLIB_INSECURE_TRANSPORT"} <= set(surroundings.SETTINGS), (
        "SETTINGS in course/setup/surroundings.py should name them, for `start` to leave them out"
    )


@pytest.mark.slow
def test_dotenv_above_the_course_changes_nothing(course):
    course.folder.parent.joinpath(".env").write_text(DOTENV)
    port = ports.free_port()

    with RunningCourse(course, "2", "--port", str(port)) as running:
        assert "Debug mode: off" in running.output
        assert f"Running on http://127.0.0.1:{port}" in wait_for_flask(running)
        assert requests.get(f"{running.url}/v1/movies/3", timeout=5).ok


def wait_for_flask(running):
    requests.get(running.url, timeout=5)
    return running.output


@pytest.mark.slow
def test_notebook_asks_directly_and_sends_its_own_credentials(tmp_path):
    (tmp_path / ".netrc").write_text("default login eve password stolen\n")
    (tmp_path / ".netrc").chmod(0o600)
    proxies = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "ALL_PROXY"), NOBODY)
    around = {"HOME": str(tmp_path), "SERVER_NAME": "elsewhere.example", "API_KEY": "another"}

    asked = subprocess.run(
        [sys.executable, "-c", ASKS],
        cwd=ROOT,
        env=os.environ | proxies | around | {"no_proxy": ""},
        capture_output=True,
        text=True,
        check=False,
    )

    assert asked.stdout == "400\n", f"The key should have been sent, and taken: {asked.stderr}"


@pytest.mark.slow
def test_exported_setting_does_not_reach_what_start_starts(monkeypatch):
    monkeypatch.setenv("SERVER_NAME", "elsewhere.example")
    monkeypatch.setenv("RATE_LIMIT", "1 per hour")

    with start("4") as api:
        answers = [requests.get(f"{api}/v1/movies/3", timeout=5) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]


@pytest.mark.slow
def test_what_start_starts_knows_what_is_beside_it_and_not_what_is_exported(monkeypatch):
    monkeypatch.setenv("AUTHORIZATION_SERVER_URL", NOBODY)

    with start("4") as api:
        described = requests.get(f"{api}/.well-known/oauth-protected-resource", timeout=5).json()
        server = str(api.authorization_server)

    assert described["resource"] == str(api)
    assert described["authorization_servers"] == [server], "the one that was started with it"


# What must be obeyed is said


def test_banner_says_which_exported_settings_the_chapter_obeys(monkeypatch, capsys):
    monkeypatch.setenv("SECRET_KEY", "x")
    monkeypatch.setenv("DATABASE_URL", "sqlite://")
    chapter = find_chapter("4")

    introduction.introduce(chapter, chapter.preferred_ports, "none", {"authorization_server": 1})

    assert "  obeyed      DATABASE_URL, SECRET_KEY (exported" in capsys.readouterr().out


def test_banner_says_nothing_of_settings_that_the_chapter_has_not(monkeypatch, capsys):
    monkeypatch.setenv("SECRET_KEY", "x")

    introduction.introduce(find_chapter("1"), {"cinema": 8001}, "none", {})

    assert "obeyed" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("exceptions", "in_the_way"),
    [("", True), ("intranet.example", True), ("127.0.0.1,localhost", False), ("*", False)],
)
def test_banner_and_doctor_say_how_curl_gets_past_a_proxy(
    monkeypatch, capsys, exceptions, in_the_way
):
    monkeypatch.setenv("http_proxy", NOBODY)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, exceptions)

    introduction.introduce(find_chapter("1"), {"cinema": 8001}, "none", {})

    mended = [finding.mend for finding in doctor.around() if finding.name == "proxy"]
    assert ("export NO_PROXY=127.0.0.1,localhost" in capsys.readouterr().out) == in_the_way
    assert bool(mended) == in_the_way
    assert all("export NO_PROXY=127.0.0.1,localhost" in line for line in mended)


@pytest.mark.parametrize("name", [".env", ".flaskenv"])
def test_doctor_tells_of_a_dotenv_that_flask_reads(tmp_path, monkeypatch, name):
    monkeypatch.setattr(surroundings, "ROOT", tmp_path / "course")
    (tmp_path / name).touch()
    monkeypatch.delenv("FLASK_SKIP_DOTENV", raising=False)

    [mended] = [finding.mend for finding in doctor.around() if finding.name == name]

    assert "export FLASK_SKIP_DOTENV=1" in mended


def test_doctor_is_content_with_what_it_has_advised(tmp_path, monkeypatch):
    monkeypatch.setattr(surroundings, "ROOT", tmp_path / "course")
    (tmp_path / ".env").touch()
    monkeypatch.setenv("FLASK_SKIP_DOTENV", "1")

    assert {finding.name for finding in doctor.around()}.isdisjoint({".env", "Flask"})


@pytest.mark.parametrize("name", ["DATABASE_URL", "FLASK_APP"])
def test_doctor_tells_of_a_variable_that_flask_obeys(monkeypatch, name):
    monkeypatch.setenv(name, "x")

    assert [finding for finding in doctor.around() if name in finding.state and finding.mend]


@pytest.mark.slow
def test_exported_url_that_is_none_is_told_with_its_variable_and_no_traceback(course):
    code, output = course.call(
        "run", "2", "--port", str(ports.free_port()), DATABASE_URL="nonsense"
    )

    assert code == 1
    assert "\nDATABASE_URL, or its default, names no database that opens: " in f"\n{output}"
    assert "Change that, then type again: python3 -m course run 2" in output
    assert "Traceback" not in output
    assert "Open 02" not in output


# Setting up


@pytest.mark.parametrize(
    "name", ["PIP_CONSTRAINT", "PIP_NO_DEPS", "PIP_PRE", "UV_OVERRIDE", "UV_EXCLUDE_NEWER"]
)
def test_what_would_break_the_lock_does_not_reach_an_installer(monkeypatch, name):
    monkeypatch.setenv(name, "x")

    assert name not in environment.python_environment()


@pytest.mark.parametrize(
    "name",
    ["PIP_INDEX_URL", "PIP_PROXY", "UV_INDEX_CINEMA_PASSWORD", "UV_CACHE_DIR", "https_proxy"],
)
def test_way_to_the_packages_is_kept(monkeypatch, name):
    monkeypatch.setenv(name, "x")

    assert environment.python_environment()[name] == "x"


@pytest.mark.slow
def test_constraint_of_a_pip_conf_does_not_break_the_lock(tmp_path, monkeypatch):
    """Ask pip for what contradicts it, where there is no package at all: it finds none, and so
    says; to a constraint, it would say that."""
    (tmp_path / "constraints.txt").write_text("flask==2.0.0\n")
    (tmp_path / "pip.conf").write_text(f"[install]\nconstraint = {tmp_path}/constraints.txt\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    install = ["install", "--dry-run", "--no-index", "flask==3.0.0"]

    with environment.LOCK.open("w") as lock, pytest.raises(CourseError) as failed:
        environment.call([sys._base_executable, "-m", "pip", *install], lock)

    assert "No matching distribution found for flask==3.0.0" in str(failed.value)
    assert "constraint" not in str(failed.value).replace(str(tmp_path), "")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("ERROR: [Errno 28] No space left on device", "Make room: .venv needs up to 1 GB"),
        ("OSError: [WinError 112] There is not enough space on the disk", "Make room: "),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", "See what stands in the way: python3"),
        ("WARNING: Retrying ...\nERROR: No matching distribution", "Check that the network is"),
        ("error: Failed to fetch: `http://127.0.0.1:9/simple/`", "Check that the network is"),
    ],
)
def test_advice_is_for_what_went_wrong(said, told):
    assert environment.advice(said).startswith(told)


def test_advice_names_the_variables_that_say_where_packages_are(monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")

    assert "PIP_INDEX_URL" in environment.advice("Connection refused")


@pytest.mark.parametrize("has_venv", [True, False])
def test_doctor_finds_a_full_disk(tmp_path, monkeypatch, has_venv):
    usage = namedtuple("usage", "total used free")(10**9, 10**9, 0)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    monkeypatch.setattr(environment, "VENV", tmp_path if has_venv else tmp_path / ".venv")

    findings = list(doctor.disk())

    assert all(re.match(r"Make room: [\d.]+ GB", finding.mend) for finding in findings)
    assert {str(ROOT)} <= {finding.state.rpartition(" in ")[2] for finding in findings}


# Numbers


@pytest.mark.parametrize(
    "command",
    [
        *("run 1 --port -5", "run 1 --port 0", "run 1 --port=80", "run --port eighty"),
        *("stack 4 --port -1", "stack 4 --port 65536"),
        *("bench --seconds -3", "bench --seconds 0", "bench --seconds 1e3"),
        *("mutants --seconds -3", "mutants --seconds 99999999999"),
    ],
)
def test_number_out_of_range_is_refused_in_one_line(capsys, command):
    with pytest.raises(SystemExit) as refused:
        main(command.split())

    option, _, wrong = command.rpartition("--")[2].replace("=", " ").partition(" ")
    assert refused.value.code == 2
    assert re.fullmatch(
        rf"Argument --{option}: {wrong} is not a whole number from \d+ to \d+\. Try: .* --help\n",
        capsys.readouterr().err,
    )

"""`python3 -m course stack`: a chapter as in production, and nothing that outlives it."""

import os
import re
import signal
import socket
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import pytest
import redis
import requests
from course_copy import LESSON_OF_TWO_APPS, CourseCopy, RunningStack, is_gone, wait_until

from course import spine
from course.commands.stack import find_chapter_with_gateway
from course.errors import CourseError
from course.production import app_server, stack
from course.serving import ports
from course.serving.child import ServerError


def make_small_course(folder):
    """Copy the course, and add a small chapter of two apps and a gateway."""
    copy = CourseCopy(folder)
    copy.borrow_packages()
    copy.add_gateway(copy.add_chapter_of_two_apps())
    return copy


@pytest.fixture(scope="module")
def small_course(tmp_path_factory):
    return make_small_course(tmp_path_factory.mktemp("course"))


@pytest.fixture
def own_course(tmp_path):
    """A small course for one test alone, which may break it."""
    return make_small_course(tmp_path)


@pytest.fixture
def front_port():
    return ports.free_port()


def run_stack(copy, front_port):
    return RunningStack(copy, "9", "--port", str(front_port))


def authority(copy):
    return str(copy.folder / "09_box_office" / "instance" / "ca.pem")


def processes_in(folder):
    """Return the ids of all processes that work in a folder or below."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            place = (process / "cwd").resolve(strict=True)
        except OSError:  # it has ended, or is not ours
            continue
        if place.is_relative_to(folder):
            found.append(process.name)
    return found


def gunicorn_in(folder):
    """Return the id of the first gunicorn that was started in a folder."""
    servers = (
        int(number)
        for number in processes_in(folder)
        if b"course.serving.watch" not in Path("/proc", number, "cmdline").read_bytes()
    )
    return min(servers, key=started)


def started(process):
    """Return when a process began. Its id does not tell: after 32768, ids begin anew."""
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[19])


@pytest.mark.needs_servers
@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM", "SIGKILL"])
def test_all_answers_over_tls_and_ends_with_the_command(small_course, front_port, number):
    with run_stack(small_course, front_port) as running:
        urls = [running.url, *running.urls_beside]
        logs = Path(re.search(r"logs +in (\S+)", running.output)[1])
        answered = [requests.get(url, verify=authority(small_course)) for url in urls]
        before = len(processes_in(small_course.folder)), len(processes_in(logs))

        code = running.send(getattr(signal, number))

        assert urls == [f"https://127.0.0.1:{front_port}", f"https://127.0.0.1:{front_port + 100}"]
        assert [answer.status_code for answer in answered] == [200, 200]
        assert min(before) > 0
        assert wait_until(lambda: not processes_in(small_course.folder), seconds=10)
        assert wait_until(lambda: not processes_in(logs), seconds=10)
        assert all(is_gone(url) for url in urls)
        if number != "SIGKILL":
            assert code == 0
            assert running.output.endswith("\nStopped; nothing is left running.\n")
            assert not logs.exists()


@pytest.fixture(scope="module")
def running(small_course):
    """A stack that moved on from a port that is taken."""
    with (
        socket.create_server(("127.0.0.1", 0)) as other,
        run_stack(small_course, other.getsockname()[1]) as running,
    ):
        yield running


@pytest.mark.needs_servers
class TestRunningStack:
    def test_a_port_that_is_taken_is_named_and_left_alone(self, running):
        assert re.match(r"Port \d+ is taken; moving on to \d+\.\n", running.output)

    def test_each_app_knows_the_url_of_the_one_beside_as_clients_do(self, running, small_course):
        told = requests.get(running.url, verify=authority(small_course)).json()

        assert [told["BOX_OFFICE_URL"]] == running.urls_beside

    def test_nobody_need_believe_the_certificate(self, running):
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(running.url)

    def test_it_speaks_tls_only(self, running):
        answer = requests.get(running.url.replace("https:", "http:"))

        assert answer.status_code == 400
        assert answer.headers["Content-Type"] == "application/problem+json"

    def test_it_says_what_to_try(self, running):
        requests_to_try = re.findall(
            r"^  curl -i --cacert (\S+) (\S+)", running.output, re.MULTILINE
        )

        assert len(requests_to_try) == 3
        for file, url in requests_to_try:
            assert file == "09_box_office/instance/ca.pem"
            assert url.startswith(f"{running.url}/")

    def test_without_its_cache_it_goes_on(self, running, small_course):
        cache = re.search(r"cache +(redis://\S+)", running.output)[1]

        with redis.Redis.from_url(cache) as client:
            client.shutdown(nosave=True)

        assert requests.get(running.url, verify=authority(small_course)).ok
        assert running.process.poll() is None


@pytest.mark.needs_servers
def test_when_an_app_ends_so_does_all(own_course, front_port):
    with run_stack(own_course, front_port) as running:
        os.kill(gunicorn_in(own_course.folder / "09_box_office"), signal.SIGKILL)

        assert running.process.wait(timeout=20) == 1
        assert "\ncinema has ended. It said last:\n" in running.output
        assert wait_until(lambda: not processes_in(own_course.folder), seconds=10)


@pytest.mark.needs_servers
def test_an_app_that_does_not_start_shows_its_own_traceback(own_course, front_port):
    with (own_course.folder / "09_box_office" / "box_office" / "__init__.py").open("a") as module:
        module.write("\nprint(undefined)\n")

    code, output = own_course.call("stack", "9", "--port", str(front_port))

    assert code == 1
    assert "NameError: name 'undefined' is not defined" in output
    assert output.endswith("then type again: python3 -m course stack 9\n")
    assert not processes_in(own_course.folder)


ASKS_WHILE_IT_IS_PREPARED = """
import os
from urllib.request import urlopen

from flask import Flask
from werkzeug.exceptions import ServiceUnavailable


def create_app():
    app = Flask(__name__)

    @app.get("/")
    def show():
        return "open"

    @app.cli.command("seed")
    def seed():
        try:
            urlopen(os.environ["TICKET_SERVICE_URL"], timeout=1)
        except OSError as error:
            raise ServiceUnavailable("No tickets today.") from error

    return app
"""
STARTS_SLOWLY = """
import sys
import time

from flask import Flask


def create_app():
    if "gunicorn" in sys.modules:
        time.sleep(3)
    app = Flask(__name__)
    app.get("/")(lambda: "tickets")
    return app
"""


def add_asking_chapter(copy, service):
    """Add a chapter whose API asks a service while it is prepared; return its folder."""
    apps = {"cinema": ASKS_WHILE_IT_IS_PREPARED, "ticket_service": service}
    chapter = copy.add_chapter(LESSON_OF_TWO_APPS, **apps)
    copy.add_gateway(chapter)
    return chapter


@pytest.fixture
def bare_course(tmp_path):
    copy = CourseCopy(tmp_path)
    copy.borrow_packages()
    return copy


@pytest.mark.needs_servers
def test_an_app_is_prepared_when_the_service_that_it_asks_answers(bare_course, front_port):
    add_asking_chapter(bare_course, STARTS_SLOWLY)

    with run_stack(bare_course, front_port) as running:
        assert requests.get(running.url, verify=authority(bare_course)).text == "open"


@pytest.mark.needs_servers
def test_a_service_that_does_not_answer_is_named_not_the_line_that_asks(bare_course, front_port):
    chapter = add_asking_chapter(bare_course, STARTS_SLOWLY)
    asking = chapter / "cinema" / "__init__.py"
    asking.write_text(asking.read_text().replace('"TICKET_SERVICE_URL"', '"NO_SERVICE_URL"'))

    code, output = bare_course.call(
        *("stack", "9", "--port", str(front_port)), NO_SERVICE_URL="http://127.0.0.1:1/"
    )

    assert code == 1
    assert output.endswith(
        "\nThe chapter did not start: No tickets today."
        " See to that, then type again: python3 -m course stack 9\n"
    )
    assert "Traceback" not in output


# Chapter 4 itself


@pytest.fixture(scope="module")
def chapter4(tmp_path_factory):
    """Chapter 4 as in production; `folder` is the chapter's."""
    copy = CourseCopy(tmp_path_factory.mktemp("course"))
    copy.borrow_packages()
    with RunningStack(copy, "4", "--port", str(ports.free_port())) as running:
        running.folder = copy.folder / "04_extending"
        yield running


@pytest.fixture
def session(chapter4):
    with requests.Session() as session:
        session.verify = str(chapter4.folder / "instance" / "ca.pem")
        session.trust_env = False
        yield session


def secret(chapter4, name):
    return (chapter4.folder / "instance" / name).read_text()


@pytest.mark.needs_servers
class TestChapter4:
    def test_public_answer_is_kept_by_the_gateway_and_by_the_shared_cache(self, chapter4, session):
        cache = re.search(r"cache +(redis://\S+)", chapter4.output)[1]

        answers = [session.get(f"{chapter4.url}/v1/movies/3") for _ in range(2)]

        assert [answer.headers["X-Cache"] for answer in answers] == ["MISS", "HIT"]
        assert answers[0].json() == answers[1].json()
        with redis.Redis.from_url(cache) as client:
            assert client.keys()

    def test_user_is_known_by_password_and_never_answered_from_the_cache(self, chapter4, session):
        session.auth = ("alice", secret(chapter4, "password"))

        answers = [session.get(f"{chapter4.url}/v1/watchlists") for _ in range(2)]

        assert [answer.status_code for answer in answers] == [200, 200]
        assert [answer.headers["X-Cache"] for answer in answers] == ["BYPASS", "BYPASS"]

    def test_cookies_are_for_tls_only(self, chapter4, session):
        login = {"name": "bob", "password": secret(chapter4, "password")}

        answer = session.post(f"{chapter4.url}/v1/session", json=login)

        assert answer.status_code == 201
        assert "; Secure" in answer.headers["Set-Cookie"]

    def test_token_of_the_authorization_server_opens_the_api(self, chapter4, session):
        (authorization_server,) = chapter4.urls_beside
        metadata = f"{authorization_server}/.well-known/oauth-authorization-server"
        told = session.get(metadata).json()
        token = session.post(
            told["token_endpoint"],
            data={"grant_type": "client_credentials", "scope": "movies:write"},
            auth=("cinema-robot", secret(chapter4, "robot_secret")),
        ).json()

        created = session.post(
            f"{chapter4.url}/v1/movies",
            json={"title": "Persona", "director": "Ingmar Bergman", "year": 1966, "runtime": 83},
            headers={"Authorization": f"Bearer {token['access_token']}"},
        )

        assert told["issuer"] == authorization_server
        assert created.status_code == 201

    def test_who_is_told_by_412_to_read_again_reads_what_is_there_now(self, chapter4, session):
        movie = f"{chapter4.url}/v1/movies/5"
        alice = ("alice", secret(chapter4, "password"))
        read = session.get(movie)
        behind_our_back = {"Cache-Control": "no-cache"}
        for runtime in (101, 102):
            changed = session.patch(movie, json={"runtime": runtime}, auth=alice)
            assert changed.status_code == 200
            session.get(movie, headers=behind_our_back)

        told = session.patch(
            movie, json={"year": 1950}, auth=alice, headers={"If-Match": read.headers["ETag"]}
        )
        again = session.get(movie)
        done = session.patch(
            movie, json={"year": 1950}, auth=alice, headers={"If-Match": again.headers["ETag"]}
        )

        assert (told.status_code, done.status_code) == (412, 200)
        assert again.json()["runtime"] == 102

    def test_urls_in_answers_are_those_of_the_gateway(self, chapter4, session):
        missing = session.get(f"{chapter4.url}/v1/movies/123456789")

        assert missing.status_code == 404
        assert missing.json()["type"].startswith(f"{chapter4.url}/")


# Chapter 5, in earnest


@pytest.fixture(scope="module")
def chapter5(tmp_path_factory):
    """Chapter 5 as in production; `folder` is the chapter's, `password` alice's."""
    copy = CourseCopy(tmp_path_factory.mktemp("course"))
    copy.borrow_packages()
    with RunningStack(copy, "5", "--port", str(ports.free_port())) as running:
        running.folder = copy.folder / "05_security"
        running.password = re.search(r"password +(\S+)", running.output)[1]
        yield running


@pytest.fixture
def session5(chapter5):
    with requests.Session() as session:
        session.verify = str(chapter5.folder / "instance" / "ca.pem")
        session.trust_env = False
        yield session


@pytest.mark.needs_servers
class TestChapter5:
    def test_user_is_known_to_the_service_and_writes_to_postgresql(self, chapter5, session5):
        session5.auth = ("alice", chapter5.password)

        written = session5.put(f"{chapter5.url}/v1/watchlists/x", json={"title": "X"})
        read = session5.get(f"{chapter5.url}/v1/watchlists/x")

        assert (written.status_code, read.status_code) == (201, 200)
        assert read.headers["X-Cache"] == "BYPASS"
        assert chapter5.output.count("database    postgresql://127.0.0.1:") == 2

    def test_answers_are_for_https_only(self, chapter5, session5):
        answer = session5.get(f"{chapter5.url}/v1/movies/3")

        assert answer.headers["Strict-Transport-Security"].startswith("max-age=")

    def test_errors_of_the_gateway_tell_browsers_what_those_of_the_api_do(self, chapter5, session5):
        plain = re.search(r"plain HTTP +(\S+)", chapter5.output)[1]
        names = ("Strict-Transport-Security", "X-Content-Type-Options", "Referrer-Policy")

        of_the_api = session5.get(f"{chapter5.url}/v1/movies/123456789")
        of_the_gateway = session5.get(f"{chapter5.url}/%00")
        in_the_clear = requests.get(f"{plain}/%00")

        assert (of_the_api.status_code, of_the_gateway.status_code) == (404, 400)
        told = [of_the_gateway.headers.get(name) for name in names]
        assert told == [of_the_api.headers[name] for name in names]
        assert [in_the_clear.headers.get(name) for name in names] == [None, *told[1:]]

    def test_plain_http_leads_to_https_and_takes_no_password(self, chapter5):
        plain = re.search(r"plain HTTP +(\S+)", chapter5.output)[1]

        led = requests.get(f"{plain}/v1/movies/3", allow_redirects=False)
        refused = requests.get(f"{plain}/v1/movies/3", auth=("alice", chapter5.password))

        assert led.status_code == 308
        assert led.headers["Location"] == f"{chapter5.url}/v1/movies/3"
        assert refused.status_code == 403

    def test_service_answers_the_api_only_and_this_machine_only(self, chapter5):
        (service,) = [url for url in chapter5.urls_beside if url.startswith("http:")]

        asked = requests.get(f"{service}/users/alice/signing-key")

        assert asked.status_code == 401
        assert service.startswith("http://127.0.0.1:")

    def test_no_secret_and_no_database_is_in_a_file_of_the_chapter(self, chapter5):
        made = {file.name for file in (chapter5.folder / "instance").iterdir()}

        assert made == {"ca.pem", "server.pem", "server.key"}

    def test_each_app_knows_only_the_secrets_that_it_needs(self, chapter5):
        names = {"auth_service": {b"AUTH_SERVICE_SECRET"}}
        for process in processes_in(chapter5.folder):
            command = Path("/proc", process, "cmdline").read_bytes()
            if b"auth_service:create_app()" in command:
                pairs = Path("/proc", process, "environ").read_bytes().split(b"\0")
                known = {pair.partition(b"=")[0] for pair in pairs}
                secret = {name for name in known if name.endswith((b"_SECRET", b"_KEY"))}
                assert secret == names["auth_service"]
                assert b"DATABASE_URL" not in known

    def test_token_of_the_authorization_server_opens_the_api(self, chapter5, session5):
        told = [
            session5.get(f"{url}/.well-known/oauth-authorization-server")
            for url in chapter5.urls_beside
            if url.startswith("https:")
        ]

        assert [answer.status_code for answer in told] == [200]


@pytest.mark.needs_servers
@pytest.mark.parametrize("number", ["SIGINT", "SIGKILL"])
def test_postgresql_ends_with_the_command(tmp_path, number):
    copy = CourseCopy(tmp_path)
    copy.borrow_packages()
    with RunningStack(copy, "5", "--port", str(ports.free_port())) as running:
        databases = re.findall(r"database +postgresql://127.0.0.1:(\d+)/", running.output)

        running.process.send_signal(getattr(signal, number))
        running.process.wait(timeout=15)

        assert len(databases) == 2
        for port in databases:
            assert wait_until(lambda port=port: ports.is_free(int(port)), seconds=15)
        assert wait_until(lambda: not processes_in(copy.folder), seconds=15)


# Before anything is started


def refusal(name):
    with pytest.raises(CourseError) as refused:
        find_chapter_with_gateway(name)
    return str(refused.value)


def test_without_a_chapter_it_says_which_there_are():
    assert refusal(None) == (
        "Which chapter? Type: python3 -m course stack 4 or python3 -m course stack 5"
        " or python3 -m course stack 6"
    )


def test_another_program_at_its_port_is_one_clear_line(monkeypatch):
    settings = SimpleNamespace(url=lambda app: "https://127.0.0.1:8005/")
    monkeypatch.setattr(stack.requests, "get", Mock(side_effect=requests.ConnectionError("EOF")))

    with pytest.raises(ServerError, match=r"^https://127.0.0.1:8005/ should answer.*start again"):
        stack.Stack.check(SimpleNamespace(settings=settings, chapter=Mock()), "cinema")


@pytest.mark.parametrize("name", ["1", "02", "03_update_delete"])
def test_an_earlier_chapter_is_for_run(name):
    assert re.fullmatch(
        r"Chapter (\d) has no gateway yet. Type: python3 -m course run \1", refusal(name)
    )


def test_a_port_that_is_taken_up_to_the_last_is_refused(small_course, monkeypatch):
    monkeypatch.setattr(spine, "ROOT", small_course.folder)

    with pytest.raises(CourseError, match=r"No port is free from 70000 on\."):
        stack.Stack(spine.find_chapter("9"), 70000, small_course.folder)


def test_on_windows_waitress_serves_and_each_process_has_its_own_cache(
    small_course, monkeypatch, tmp_path
):
    monkeypatch.setattr(spine, "ROOT", small_course.folder)
    for module in (stack, app_server):
        monkeypatch.setattr(module, "os", SimpleNamespace(name="nt", environ={}))
    started = []

    class Child:
        def __init__(self, command, *_, **__):
            started.append(command)

        def wait_until_it_answers(self):
            pass

    monkeypatch.setattr(app_server, "Child", Child)
    monkeypatch.setattr(stack, "seed", lambda *_: None)
    monkeypatch.setattr(stack, "start_nginx", lambda *_: Child(["nginx"]))
    monkeypatch.setattr(stack, "start_valkey", lambda *_: pytest.fail("there is none"))
    windows = stack.Stack(spine.find_chapter("9"), ports.free_port(), tmp_path)
    monkeypatch.setattr(windows, "check", lambda _: None)

    windows.start()

    assert [command[-1] for command in started] == [
        "cinema:create_app",
        "nginx",
        "box_office:create_app",
        "nginx",
    ]
    assert "waitress" in started[0]

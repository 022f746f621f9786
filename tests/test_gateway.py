"""`gateway` and `cache_server`: a real nginx before an API, and a real Valkey beside it."""

import itertools
import os
import re
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from runpy import run_path

import pytest
import redis
import requests
from course_copy import CourseCopy, holding, is_gone, wait_until

from course import cache_server, gateway, start
from course.errors import CourseError
from course.serving.ports import answers
from course.setup import programs
from course.spine import ROOT

code_of_status = run_path(ROOT / "04_extending/cinema/api/error_codes.py")["code_of_status"]
PATIENCE = 10  # seconds
CINEMA = """
import itertools
import os
import time

from flask import Flask, abort, request


def create_app():
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
    asked = itertools.count(1)
    broken = set()

    def answer(cache_control):
        text = f"{next(asked)} {request.host} {request.headers.get('Accept')}"
        return text, {"Cache-Control": cache_control, "Vary": "Accept", "ETag": '"1"'}

    @app.get("/")
    @app.get("/public")
    def public():
        return answer("public, max-age=60")

    @app.get("/short")
    def short():
        return answer("public, max-age=1, stale-if-error=60")

    @app.get("/soon-over")
    def soon_over():
        if request.query_string in broken:
            abort(503)
        return answer("public, max-age=1, stale-if-error=2")

    @app.get("/two-seconds")
    def two_seconds():
        return answer("public, max-age=2")

    @app.put("/break")
    def break_it():
        broken.add(request.query_string)
        return "broken", {"Cache-Control": "no-store"}

    @app.get("/public/<int:status>")
    def read(status):
        return answer("public, max-age=60")

    @app.route("/public/<int:status>", methods=["POST", "PUT", "PATCH", "DELETE"])
    def change(status):
        return "", status, {"Cache-Control": "no-store"}

    @app.get("/slow")
    def slow():
        time.sleep(0.5)
        return answer("public, max-age=60")

    @app.get("/breaks")
    def breaks():
        if request.query_string in broken:
            abort(500)
        broken.add(request.query_string)
        return answer("public, max-age=1, stale-if-error=60")

    @app.get("/with/<header>/<value>")
    def with_header(header, value):
        return f"secret {next(asked)}", {header: value}

    @app.route("/told", methods=["GET", "PUT"])
    def told():
        return dict(request.headers), {"Cache-Control": "no-store"}

    @app.post("/bodies")
    def bodies():
        return str(len(request.get_data())), {"Cache-Control": "no-store"}

    return app
"""
numbers = itertools.count()
HOLD = """
import sys, time
from pathlib import Path
from course import spine
spine.ROOT = Path(sys.argv[1])
from course import cache_server, gateway, start
cache = cache_server()
print(gateway(start("9")), cache.child.port, flush=True)
time.sleep(60)
"""


@pytest.fixture(scope="module")
def chapter(tmp_path_factory):
    """A chapter whose API says of each answer who may keep it, and has a gateway."""
    copy = CourseCopy(tmp_path_factory.mktemp("course"))
    chapter = copy.add_chapter("# 9 · Box office\n", cinema=CINEMA)
    copy.add_gateway(chapter)
    return chapter


@pytest.fixture
def api(chapter, monkeypatch):
    """An API for one test alone, which may stop it."""
    monkeypatch.setattr("course.spine.ROOT", chapter.parent)
    monkeypatch.setattr("course.serving.server.running", {})  # apart from the one for many tests
    with start("9") as api:
        yield api


@pytest.fixture
def own_front(api):
    with gateway(api) as front:
        yield front


@pytest.fixture(scope="module")
def front(chapter):
    """A gateway for many tests, before an API for many tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("course.spine.ROOT", chapter.parent)
        patch.setattr("course.serving.server.running", {})
        with start("9") as api, gateway(api) as front:
            yield front


@pytest.fixture
def public(front):
    """Return the URL of a public answer that nobody has asked for."""
    return f"{front}/public?{next(numbers)}"


def x_cache(url, **headers):
    return requests.get(url, headers=headers).headers["X-Cache"]


def old_answers(url):
    """Ask until there is no old answer any more; return how old each was, and the error.

    How old means: by its Date, when the gateway was asked for it. What the gateway says in Age is a
    moment later, and may be a second more.
    """
    seconds, ages = [], set()
    start = time.monotonic()
    while time.monotonic() < start + PATIENCE:
        asked = time.time()
        answer = requests.get(url)
        if answer.status_code >= 500:
            return seconds, ages, answer
        seconds.append(asked - parsedate_to_datetime(answer.headers["Date"]).timestamp())
        ages.add(int(answer.headers.get("Age", 0)))
        time.sleep(0.05)
    raise AssertionError(f"{url} should not be answered for ever; ages {ages}")


def statuses_of_the_gateway(configuration):
    """Return the statuses that nginx gives itself, and of which it makes problems."""
    for names, given in re.findall(r"error_page ([\d ]+?) (?:=(\d+) )?/problem", configuration):
        yield from [given] if given else names.split()


def title_of(status):
    """Return the phrase of a status by RFC 9110; Python's are older (413, 414, 416)."""
    known = {413: "Content Too Large", 414: "URI Too Long", 416: "Range Not Satisfiable"}
    return known.get(status) or HTTPStatus(status).phrase


def table(configuration, name):
    """Return what a `map` of nginx.conf leads to, by what it is given."""
    (lines,) = re.findall(rf"map \S+ \${name} {{[^\n]*\n(.*?)\n    }}", configuration, re.DOTALL)
    pairs = (line.strip().rstrip(";").split(maxsplit=1) for line in lines.split("\n"))
    return {given: value.strip('"') for given, value in pairs}


def is_kept(front, text):
    """Tell whether a text is in one of the files in which the gateway keeps answers."""
    folder = front.child.log.parent / "answers"
    return any(text in file.read_bytes() for file in folder.rglob("*") if file.is_file())


@pytest.mark.needs_servers
class TestGateway:
    def test_public_answer_is_a_miss_and_then_a_hit_with_its_age(self, front, public):
        first = requests.get(public)
        time.sleep(1.1)
        second = requests.get(public)

        assert (first.headers["X-Cache"], second.headers["X-Cache"]) == ("MISS", "HIT")
        assert first.text == second.text
        assert "Age" not in first.headers
        assert int(second.headers["Age"]) in (1, 2)
        assert first.headers["Date"] == second.headers["Date"]
        assert is_kept(front, first.content)

    def test_answer_past_its_time_is_asked_for_anew(self, front):
        first = requests.get(f"{front}/short")
        time.sleep(2.1)
        second = requests.get(f"{front}/short")

        assert (first.headers["X-Cache"], second.headers["X-Cache"]) == ("MISS", "EXPIRED")
        assert first.text != second.text

    def test_old_answer_is_given_while_the_api_is_gone(self, api, own_front):
        first = requests.get(f"{own_front}/short")
        time.sleep(2.1)
        api.stop()
        second = requests.get(f"{own_front}/short")

        assert second.headers["X-Cache"] == "STALE"
        assert int(second.headers["Age"]) >= 2
        assert first.text == second.text

    def test_old_answer_is_given_while_the_api_is_broken(self, front):
        requests.get(f"{front}/breaks")
        time.sleep(2.1)

        assert x_cache(f"{front}/breaks") == "STALE"

    def test_old_answer_has_an_end_while_the_api_is_gone(self, api, own_front):
        requests.get(f"{own_front}/soon-over")
        api.stop()

        seconds, ages, end = old_answers(f"{own_front}/soon-over")

        assert max(seconds) < 3, "max-age=1 and stale-if-error=2 allow less than 3 seconds"
        assert 2 in ages
        assert (end.status_code, end.json()["code"]) == (502, 1030)

    def test_old_answer_has_an_end_while_the_api_is_broken(self, front):
        requests.get(f"{front}/soon-over?a")
        requests.put(f"{front}/break?a")

        seconds, ages, end = old_answers(f"{front}/soon-over?a")

        assert max(seconds) < 3, "max-age=1 and stale-if-error=2 allow less than 3 seconds"
        assert 2 in ages
        assert (end.status_code, end.json()["code"]) == (502, 1030)

    def test_error_of_the_api_is_its_own_where_nothing_is_kept(self, front):
        requests.put(f"{front}/break?b")

        assert requests.get(f"{front}/soon-over?b").status_code == 503

    def test_answer_as_old_as_its_max_age_is_not_fresh(self, front):
        ages, statuses = set(), set()
        start = time.monotonic()
        while time.monotonic() < start + 4.5:
            answer = requests.get(f"{front}/two-seconds")
            ages.add(answer.headers.get("Age"))
            statuses.add(answer.headers["X-Cache"])

        assert statuses == {"MISS", "HIT", "EXPIRED"}
        assert ages == {None, "0", "1"}, "fresh means: the age is less than max-age"

    @pytest.mark.parametrize("status", [200, 201, 204, 303, 409, 412])
    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
    def test_who_has_changed_something_or_is_told_that_it_has_changed_reads_it_anew(
        self, front, method, status
    ):
        url = f"{front}/public/{status}?{next(numbers)}"
        old = requests.get(url).text

        told = requests.request(method, url, headers={"Cookie": "x=1"}, allow_redirects=False)
        new = requests.get(url)

        assert told.status_code == status
        assert (new.headers["X-Cache"], new.text != old) == ("MISS", True)
        assert x_cache(url) == "HIT"

    @pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500])
    def test_who_is_refused_changes_nothing_in_the_cache(self, front, status):
        url = f"{front}/public/{status}?{next(numbers)}"
        requests.get(url)

        requests.put(url)

        assert x_cache(url) == "HIT"

    @pytest.mark.parametrize(
        "condition", [{"If-Match": '"0"'}, {"If-Unmodified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"}]
    )
    def test_condition_on_the_latest_version_is_for_the_api_to_judge(self, public, condition):
        kept = requests.get(public)

        answer = requests.get(public, headers=condition)

        assert (answer.status_code, answer.headers["X-Cache"]) == (200, "BYPASS")
        assert answer.text != kept.text

    @pytest.mark.parametrize("part", ["bytes=0-3", "bytes=99999-"])
    def test_kept_answer_is_given_as_a_whole_as_by_the_api(self, public, part):
        whole = requests.get(public)

        answer = requests.get(public, headers={"Range": part})

        assert (answer.status_code, answer.headers["X-Cache"]) == (200, "HIT")
        assert answer.text == whole.text

    def test_old_answer_is_no_answer_to_credentials(self, api, own_front):
        requests.get(f"{own_front}/public")
        api.stop()

        refused = requests.get(f"{own_front}/public", headers={"Authorization": "Bearer x"})

        assert refused.status_code == 502
        assert refused.headers["Content-Type"] == "application/problem+json"
        assert refused.headers["Cache-Control"] == "no-store"
        assert refused.headers["Retry-After"] == "5", "as the advice to code 1030 says"
        assert refused.json() == {
            "type": "/errors/unavailable",
            "status": 502,
            "title": "Bad Gateway",
            "detail": "The API does not answer. Try again later.",
            "code": 1030,
        }

    @pytest.mark.parametrize(
        "header",
        [
            "Cache-Control/private",
            "Cache-Control/no-store",
            "Cache-Control/private, max-age=60",
            "X-Says-Nothing/of caches",
            "Set-Cookie/session=1",
        ],
    )
    def test_answer_that_is_not_for_all_is_never_kept(self, front, header):
        answers = [requests.get(f"{front}/with/{header}") for _ in range(2)]

        assert [answer.headers["X-Cache"] for answer in answers] == ["MISS", "MISS"]
        assert answers[0].text != answers[1].text
        assert not is_kept(front, b"secret")

    @pytest.mark.parametrize("name", ["Authorization", "Cookie", "Signature", "Signature-Input"])
    @pytest.mark.parametrize("value", ["x", "0"])
    def test_credentials_neither_get_a_kept_answer_nor_leave_one(self, public, name, value):
        before = x_cache(public, **{name: value})
        kept = x_cache(public), x_cache(public)
        after = x_cache(public, **{name: value})

        assert (before, kept, after) == ("BYPASS", ("MISS", "HIT"), "BYPASS")

    @pytest.mark.parametrize("wish", ["no-cache", "max-age=0", "foo, Max-Age=0, bar"])
    def test_who_wants_a_new_answer_gets_one_and_so_do_the_next(self, public, wish):
        old = requests.get(public)
        new = requests.get(public, headers={"Cache-Control": wish})
        after = requests.get(public)

        assert old.text != new.text == after.text
        assert after.headers["X-Cache"] == "HIT"

    def test_who_takes_an_older_answer_gets_the_kept_one(self, public):
        requests.get(public)

        assert x_cache(public, **{"Cache-Control": "max-age=05"}) == "HIT"

    def test_who_wants_no_trace_leaves_none(self, public):
        first = x_cache(public, **{"Cache-Control": "no-store"})

        assert (first, x_cache(public)) == ("MISS", "MISS")

    def test_what_varies_is_kept_apart(self, public):
        answers = {
            accept: requests.get(public, headers={"Accept": accept}).text
            for accept in ("text/plain", "text/html", "text/plain")
        }
        again = x_cache(public, Accept="text/html")

        assert all(accept in answer for accept, answer in answers.items())
        assert again == "HIT"

    def test_an_answer_for_another_host_is_not_ours(self, public):
        requests.get(public, headers={"Host": "evil.example"})

        ours = requests.get(public)

        assert "evil" not in ours.text

    def test_who_has_the_kept_answer_gets_304(self, public):
        requests.get(public)

        answer = requests.get(public, headers={"If-None-Match": '"1"'})

        assert (answer.status_code, answer.headers["X-Cache"]) == (304, "HIT")
        assert {"Age", "Cache-Control", "Date", "ETag", "Vary"} <= set(answer.headers)

    def test_conditions_of_who_sends_credentials_reach_the_api(self, front):
        conditions = {"If-None-Match": '"2"', "If-Match": '"3"'}

        told = requests.get(f"{front}/told", headers=conditions | {"Cookie": "x=1"}).json()
        told_put = requests.put(f"{front}/told", headers=conditions).json()

        assert conditions.items() <= told.items()
        assert conditions.items() <= told_put.items()

    def test_what_strangers_say_of_where_they_come_from_goes_no_further(self, front):
        names = ("For", "Proto", "Host", "Port", "Prefix")
        lies = {f"X-Forwarded-{name}": "lie" for name in names} | {"Forwarded": "for=lie"}

        told = requests.get(f"{front}/told", headers=lies).json()

        assert "lie" not in str(told)
        assert told["X-Forwarded-For"] == "127.0.0.1"
        assert told["X-Forwarded-Proto"] == "http"
        assert told["Host"] == front.removeprefix("http://")

    def test_many_who_ask_at_once_cost_the_api_one_request(self, front):
        with ThreadPoolExecutor(8) as pool:
            answers = set(pool.map(lambda _: requests.get(f"{front}/slow").text, range(8)))

        assert len(answers) == 1

    def test_body_that_the_api_refuses_is_refused_by_the_api(self, front):
        answer = requests.post(f"{front}/bodies", data=bytes(64 * 1024 + 1))

        assert answer.status_code == 413
        assert answer.headers["X-Cache"] == "BYPASS"  # the gateway has passed it on

    def test_body_in_chunks_arrives_whole(self, front):
        answer = requests.post(f"{front}/bodies", data=iter([bytes(30_000), bytes(30_000)]))

        assert answer.text == "60000"

    @pytest.mark.parametrize(
        ("method", "path", "sent", "status"),
        [
            ("POST", "/bodies", {"data": bytes(2**20 + 1)}, 413),
            ("GET", "/" + 9000 * "a", {}, 414),
            ("GET", "/public", {"headers": {"X-Long": 9000 * "a"}}, 431),
            ("GET", "/%00", {}, 400),
            ("TRACE", "/public", {}, 501),
            ("GET", "/problem-at-the-gateway", {}, 404),
        ],
    )
    def test_what_the_gateway_refuses_is_a_problem_like_those_of_the_api(
        self, front, method, path, sent, status
    ):
        answer = requests.request(method, f"{front}{path}", **sent)

        assert answer.status_code == status
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json().keys() == {"type", "status", "title", "detail", "code"}
        assert answer.json()["status"] == status
        code = code_of_status(status)
        assert (answer.json()["code"], answer.json()["type"]) == (code, f"/errors/{code.slug}")
        assert answer.headers["X-MyAPI-Error-Code"] == str(code.value)
        assert answer.headers["X-MyAPI-Error-Message"] == answer.json()["detail"]

    @pytest.mark.parametrize(
        ("request_head", "status"),
        [
            (b"GET /public HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
            (
                b"POST /bodies HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
                b"Content-Length: 3\r\n\r\nabc",
                400,
            ),
            (b"POST /bodies HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
            (b"POST /bodies HTTP/1.1\r\nHost: x\r\nContent-Length: -3\r\n\r\n", 400),
            (b"GET /public HTTP/1.1\r\n\r\n", 400),
            (b"GET /public HTTP/1.0\r\n\r\n", 400),
            (b"GET /public HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400),
            (b"GET /public HTTP/1.1\r\nHost: x\r\nno field\r\n\r\n", 400),
            (b"GET /public HTTP/9.9\r\nHost: x\r\n\r\n", 505),
            (b"G@T /public HTTP/1.1\r\nHost: x\r\n\r\n", 400),
            (b"CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\n", 501),
        ],
    )
    def test_what_is_hardly_http_is_answered_by_a_problem_too(self, front, request_head, status):
        with socket.create_connection(("127.0.0.1", front.child.port), PATIENCE) as client:
            client.sendall(request_head.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1))
            answer = b"".join(iter(lambda: client.recv(65536), b"")).decode()

        code = code_of_status(status)
        assert answer.startswith(f"HTTP/1.1 {status} ")
        assert "\r\nContent-Type: application/problem+json\r\n" in answer
        assert f"\r\nX-MyAPI-Error-Code: {code.value}\r\n" in answer
        assert f'"type":"/errors/{code.slug}","status":{status}' in answer

    def test_stopping_it_leaves_the_api(self, api, own_front):
        own_front.stop()

        assert is_gone(own_front)
        assert requests.get(api).ok

    def test_nothing_is_left_of_it_when_it_is_killed(self, own_front):
        master = (own_front.child.log.parent / "nginx.pid").read_text()

        os.kill(int(master), signal.SIGKILL)

        assert is_gone(own_front)

    def test_nginx_without_njs_can_do_all_but_tell_the_time(self, api, monkeypatch):
        monkeypatch.setattr("course.production.nginx.has_javascript", lambda _: False)

        with gateway(api) as front:
            requests.get(f"{front}/public")
            kept = requests.get(f"{front}/public")

        assert kept.headers["X-Cache"] == "HIT"
        assert "Age" not in kept.headers


@pytest.mark.parametrize("folder", ["04_extending", "05_security", "06_testing"])
class TestProblemsOfTheGateway:
    def test_each_has_the_title_and_the_code_that_the_api_gives_it(self, folder):
        codes = run_path(ROOT / folder / "cinema/api/error_codes.py")["code_of_status"]
        configuration = (ROOT / folder / "nginx.conf").read_text()
        titles, numbers, slugs = (table(configuration, name) for name in ("title", "code", "slug"))

        for status in statuses_of_the_gateway(configuration):
            code = codes(503 if status in ("502", "504") else int(status))
            assert titles.get(status, titles["default"]) == title_of(int(status))
            assert numbers.get(status, numbers["default"]) == str(code.value), status
            assert slugs[str(code.value)] == code.slug, status

    def test_whoever_is_told_to_wait_learns_how_long(self, folder):
        codes = run_path(ROOT / folder / "cinema/api/error_codes.py")["ErrorCode"]
        configuration = (ROOT / folder / "nginx.conf").read_text()
        known = table(configuration, "slug")

        told = {number for number in known if "Retry-After" in codes(int(number)).advice}

        assert table(configuration, "retry_after").keys() - {"default"} == told


@pytest.mark.needs_servers
class TestCacheServer:
    def test_it_keeps_what_it_is_given_until_it_is_stopped(self):
        with cache_server() as url, redis.Redis.from_url(url) as client:
            client.set("film", "Rebecca")
            kept = client.get("film")

        assert kept == b"Rebecca"
        assert not answers(url.child.port)

    def test_two_know_nothing_of_each_other(self):
        with cache_server() as one, cache_server() as two:
            with redis.Redis.from_url(one) as client:
                client.set("film", "Rebecca")
            with redis.Redis.from_url(two) as client:
                assert client.get("film") is None


@pytest.mark.needs_servers
@pytest.mark.parametrize("number", ["SIGKILL", "SIGTERM", "SIGINT"])
def test_gateway_and_cache_end_with_the_process_that_started_them(chapter, tmp_path, number):
    with holding(HOLD, chapter.parent, TMPDIR=str(tmp_path)) as (process, line):
        front, cache_port = line.split()
        assert requests.get(front).ok
        assert answers(int(cache_port))

        process.send_signal(getattr(signal, number))

        assert is_gone(front)
        assert wait_until(lambda: not answers(int(cache_port)), seconds=5)


# Where a server is missing


@pytest.fixture
def without_servers(monkeypatch, tmp_path):
    monkeypatch.setattr(programs.Program, "packaged", lambda _: None)
    monkeypatch.setattr(programs.Program, "installed", lambda _: None)


@pytest.mark.usefixtures("without_servers")
def test_a_server_that_is_missing_is_named_with_what_to_type():
    with pytest.raises(CourseError) as missing:
        cache_server()

    assert str(missing.value) == (
        "There is no valkey-server here. `python3 -m course stack 4` installs it where it can; "
        "else install it, such as by `sudo apt install redis-server`, and try again."
    )


@pytest.mark.usefixtures("without_servers")
def test_a_variable_may_name_the_server(monkeypatch, tmp_path):
    mine = tmp_path / "nginx"
    mine.touch(mode=0o755)
    monkeypatch.setenv("NGINX", str(mine))

    assert programs.NGINX.find() == str(mine)


def test_a_variable_that_names_none_is_refused(monkeypatch):
    monkeypatch.setenv("NGINX", "/no/such/nginx")

    with pytest.raises(CourseError, match="NGINX names /no/such/nginx, which is no program"):
        programs.NGINX.find()


def test_a_chapter_without_a_gateway_says_which_has_one():
    with start("1") as api, pytest.raises(CourseError, match="The first is in chapter 4"):
        gateway(api)


def test_a_server_is_found_where_the_system_keeps_it(monkeypatch, tmp_path):
    mine = tmp_path / "redis-server"
    mine.touch(mode=0o755)
    monkeypatch.setattr(programs, "BESIDE_PATH", [str(tmp_path)])
    monkeypatch.setattr(programs.Program, "packaged", lambda _: None)
    monkeypatch.setenv("PATH", "")

    assert programs.VALKEY.find() == str(mine)

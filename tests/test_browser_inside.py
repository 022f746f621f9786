"""What runs in the browser, run here: a request reaches an application as through a server."""

import hashlib
import json
import os
import re
import sys
from types import SimpleNamespace

import pytest
import requests
from requests.adapters import HTTPAdapter

from course import start
from course.browser.inside import api as inside
from course.browser.inside import (
    charts,
    desk,
    files,
    hashing,
    nesting,
    network,
    sockets,
    stand_ins,
    suites,
)
from course.browser.inside.missing import CRYPTOGRAPHY, ORJSON, THREADS, missing, refused
from course.browser.inside.modules import OwnModules
from course.browser.inside.no_cryptography import REFUSAL, Finder
from course.browser.inside.notebook import OneByOne
from course.browser.inside.threads import AtOnce, cannot_start
from course.browser.links import LIVE_NOTEBOOKS, NEEDS, live_notebook, try_page, why_not_live
from course.notebooks.show import exchange
from course.spine import ROOT, find_chapter

JSON = {"Content-Type": "application/json"}
METROPOLIS = json.dumps(
    {"title": "Métropolis", "director": "Fritz Lang", "year": 1927, "runtime": 153}
)
REQUESTS = {
    "front door": ("GET", "/", {}, None),
    "movie": ("GET", "/v1/movies/3", {}, None),
    "HEAD": ("HEAD", "/v1/movies/3", {}, None),
    "query": ("GET", "/v1/movies?director=Fritz%20Lang&sort=-year", {}, None),
    "path that is not ASCII": ("GET", "/v1/movies/Am%C3%A9lie", {}, None),
    "POST": ("POST", "/v1/movies", JSON, METROPOLIS),
    "POST of bytes": ("POST", "/v1/movies", JSON, METROPOLIS.encode()),
    "POST of text": ("POST", "/v1/movies", {"Content-Type": "text/plain"}, "no JSON"),
    "POST of nothing": ("POST", "/v1/movies", JSON, None),
    "405": ("PUT", "/v1/movies/3", JSON, "{}"),
    "OPTIONS": ("OPTIONS", "/v1/movies", {}, None),
}


class WithoutAWire(HTTPAdapter):
    send = network.send


@pytest.fixture(scope="module")
def session():
    with requests.Session() as session:
        session.mount("http://127.0.0.1:8002", WithoutAWire())
        yield session


@pytest.fixture(scope="module")
def api():
    with inside.start("2") as api:
        yield api


@pytest.fixture(scope="module")
def server():
    with start("2") as server:
        yield server


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
def test_exchange_is_the_one_of_a_server(session, api, server, request_):
    method, path, headers, body = request_

    here, there = (
        exchange(
            sender.request(
                method,
                url + path,
                headers={"Authorization": f"Bearer {url.key}"} | headers,
                data=body,
            )
        )
        for sender, url in ((session, api), (requests, server))
    )

    assert in_order(here) == in_order(there)


def in_order(text):
    """Sort the methods of Allow, which come in any order."""
    return re.sub(r"(?<=Allow: ).+", lambda found: str(sorted(found[0].split(", "))), text)


def test_chunks_reach_the_application(session, api):
    pieces = (piece.encode() for piece in ('{"title": "In', ' pieces"}'))

    response = session.post(
        f"{api}/v1/movies", data=pieces, headers=JSON | {"Authorization": f"Bearer {api.key}"}
    )

    assert response.status_code == 400
    assert {"director", "year", "runtime"} <= response.json()["errors"].keys()


def test_log_has_a_line_for_each_request(session, api):
    session.get(f"{api}/v1/movies/4")

    assert '"GET /v1/movies/4 HTTP/1.1" 200 -' in api.log


def test_nothing_answers_elsewhere():
    with pytest.raises(requests.ConnectionError, match="nothing listens"):
        WithoutAWire().send(requests.Request("GET", "http://127.0.0.1:9/").prepare())


def test_application_keeps_its_modules_to_itself(api):
    with api.application.modules.in_place():
        own = sys.modules["cinema"]

    assert sys.modules.get("cinema") is not own


def test_modules_of_two_folders_stay_apart(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "only_here.py").write_text(f"NAME = {name!r}", encoding="utf-8")
    one, two = (OwnModules(tmp_path / name) for name in ("one", "two"))

    for modules, name in ((one, "one"), (two, "two"), (one, "one")):
        with modules.in_place():
            import only_here  # noqa: PLC0415

            assert name == only_here.NAME
    assert "only_here" not in sys.modules


def test_deep_json_is_refused_with_an_error_of_python():
    decoder = json.JSONDecoder()
    scan = nesting.make_scanner(decoder)

    with pytest.raises(RecursionError):
        scan("[" * 50_000 + "]" * 50_000, 0)
    assert scan('{"a": [1, "b"]}', 0) == ({"a": [1, "b"]}, 15)


def test_link_is_an_exclusive_copy(tmp_path):
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_text("secret", encoding="utf-8")
    source.chmod(0o600)

    stand_ins.link(source, target)

    assert target.read_text(encoding="utf-8") == "secret"
    assert os.name == "nt" or target.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        stand_ins.link(source, target)


@pytest.mark.parametrize("length", [None, 16, 32, 80])
@pytest.mark.parametrize("name", ["sha1", "sha256", "sha512"])
def test_hashes_of_passwords_are_those_of_openssl(name, length):
    asked = name, b"a password", b"salt", 7, length

    assert hashing.pbkdf2_hmac(*asked) == hashlib.pbkdf2_hmac(*asked)


def test_cryptography_can_be_imported_and_refuses_to_work(monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "cryptography"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [Finder(), *sys.meta_path])

    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.ec import (  # noqa: PLC0415
        ECDSA,
        generate_private_key,
    )

    made = ECDSA(hashes.SHA256())
    for work in (lambda: generate_private_key("P-256"), lambda: made.algorithm):
        with pytest.raises(RuntimeError, match=REFUSAL) as refusal:
            work()
        assert missing(str(refusal.value)) == CRYPTOGRAPHY
    assert Finder().find_spec("cryptographer") is None
    for name in [name for name in sys.modules if name.partition(".")[0] == "cryptography"]:
        monkeypatch.delitem(sys.modules, name)


def test_timer_of_an_instant_is_done_at_once_and_a_longer_one_refused():
    done = []

    soon = AtOnce(0.01, done.append, ["soon"])
    soon.start()

    assert done == ["soon"]
    assert not soon.is_alive()
    with pytest.raises(RuntimeError, match="can't start new thread"):
        AtOnce(60, done.append, ["late"]).start()
    assert done == ["soon"]


def test_sockets_refuse_as_where_nothing_listens():
    with pytest.raises(ConnectionRefusedError):
        sockets.cannot_connect()
    with pytest.raises(OSError, match="no sockets that listen"):
        sockets.cannot_listen()


BODIES = ['{"csrf_token": "abc"}', '{"name": "bob"}', "[]", "no JSON"]
SUITE = """from unittest import TestCase

class T(TestCase):
    def test_one(self):
        {}

    def test_two(self):
        pass
"""


def run_suite(folder, code):
    tests = folder / "tests"
    tests.mkdir()
    (tests / "__init__.py").touch()
    (tests / "test_x.py").write_text(code, encoding="utf-8")
    return suites.run_suites(folder, "test_*.py", lambda _: None)


def test_tests_of_a_module_that_lacks_something_are_left_out_by_name(tmp_path):
    told = run_suite(tmp_path, f"""raise ImportError("No module named 'orjson'")\n{SUITE}""")

    assert told["left_out"] == {
        f"tests.test_x.T.{name}": ORJSON for name in ("test_one", "test_two")
    }
    assert (told["passed"], told["of"], told["failed"]) == (0, 2, {})


def test_module_with_a_mistake_is_a_failure_and_its_tests_count(tmp_path):
    told = run_suite(tmp_path, f"import no_such_module\n{SUITE}")

    assert len(told["failed"]) == 1
    assert (told["passed"], told["of"], told["left_out"]) == (0, 2, {})


def test_typing_mistake_in_a_test_is_a_failure(tmp_path):
    told = run_suite(tmp_path, f"{SUITE}\nimport (")

    [(name, trace)] = told["failed"].items()
    assert name.endswith("tests.test_x")
    assert "SyntaxError" in trace
    assert (told["passed"], told["of"], told["left_out"]) == (0, 1, {})


def test_failure_is_left_out_if_a_thread_was_refused_meanwhile(tmp_path):
    """An application that lacks a thread answers 500, and a test only sees that."""
    wants_a_thread = f"{suites.__name__}.refused.append({THREADS!r}); self.fail('500 != 200')"

    told = run_suite(tmp_path, f"import {suites.__name__}\n{SUITE}".replace("{}", wants_a_thread))

    assert told["left_out"] == {"tests.test_x.T.test_one": THREADS}
    assert (told["passed"], told["of"], told["failed"]) == (1, 2, {})


def test_refused_thread_is_noted():
    refused.clear()
    with pytest.raises(RuntimeError) as refusal:
        cannot_start()

    assert refused == [THREADS]
    assert missing(str(refusal.value)) == THREADS


def test_file_that_the_visitor_deletes_is_gone(monkeypatch, tmp_path):
    monkeypatch.setattr(files, "ROOT", tmp_path)
    monkeypatch.setattr(files, "laid", set())
    files.lay({"02/other.py": "2"})
    files.lay({"01/cinema.py": "1", "01/mine.py": "mine"})

    files.lay({"01/cinema.py": "changed"})

    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.py")}
    assert left == {"01/cinema.py", "02/other.py"}


def test_login_gives_the_token_for_the_next_change():
    told = [SimpleNamespace(json=lambda body=body: json.loads(body)) for body in BODIES]

    assert [desk.csrf_token_in(response) for response in told] == ["abc", None, None, None]


def test_executor_does_one_after_the_other_and_says_so(capsys):
    with OneByOne(8) as clients:
        results = list(clients.map(lambda number: number * 2, range(3)))
        failing = clients.submit(lambda: 1 / 0)

    assert results == [0, 2, 4]
    assert isinstance(failing.exception(), ZeroDivisionError)
    assert "no threads" in capsys.readouterr().out


def test_chart_has_a_bar_with_its_number_for_each_name():
    _, axes = charts.subplots(figsize=(7, 2.4), layout="constrained")
    axes.bar_label(axes.bar(["1940s", "1950s"], [12, 30], color="#4477aa"))
    axes.set(title="Films <by> decade", yticks=[])
    axes.spines[["top", "right"]].set_visible(False)

    drawn = axes.svg()

    assert drawn.count("<rect ") == 2
    assert all(f">{text}<" in drawn for text in ("12", "30", "1940s", "1950s"))
    assert "Films &lt;by&gt; decade" in drawn


def test_what_is_missing_is_told_from_a_fault():
    assert missing("RuntimeError: can't start new thread") == "threads"
    assert missing("AssertionError: 404 != 200") is None


def test_every_notebook_is_live_or_says_why_not():
    names = [path.stem for path in ROOT.glob("notebooks/*.ipynb")]

    assert all((live_notebook(name) is None) != (why_not_live(name) is None) for name in names)
    assert set(LIVE_NOTEBOOKS) == {name for name in names if name[0] not in NEEDS}


def test_chapter_that_cannot_run_has_no_page():
    assert try_page(find_chapter("2").number) == "try/2/index.html"
    assert try_page(6) is None

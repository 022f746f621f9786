"""`python3 -m course bench`: what it makes of what it has measured, and that it measures."""

import json
import os

import pytest
from course_copy import CourseCopy

from course.bench import contract, rounds, table
from course.bench.cpu import cpu_seconds
from course.bench.load import Load, status_of_whole
from course.bench.messages import Answer, Request
from course.bench.rounds import Contender, Row
from course.errors import CourseError

FOUND = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
NOT_MODIFIED = b'HTTP/1.1 304 NOT MODIFIED\r\nETag: "1"\r\n\r\n'


class Idle:
    """A server that does nothing, or one of a system that tells no CPU time."""

    def __init__(self, port, cpu_seconds):
        self.port = port
        self.cpu_seconds = cpu_seconds


def contender(name, *rates, cpu_seconds=0.0):
    return Contender(name, Idle(name, cpu_seconds), iter(()), rates=list(rates), answered=1)


def answer(status=200, content=b"{}", **headers):
    class Headers(dict):
        def get_all(self, name, default):
            return [self[name]] if name in self else default

        def __missing__(self, name):
            return None

    return Answer(status, Headers(headers), content)


def test_ratios_are_taken_round_by_round_to_the_first():
    row = Row("granian", "list", [contender("plain peer", 100, 30), contender("ours", 200, 90)])

    first, second = row.results()

    assert (first["ratio"], second["ratio"]) == (1, 2.5)
    assert (second["least"], second["most"]) == (2, 3)


def test_result_says_what_was_asked_of_whom():
    (result,) = Row("gunicorn", "304", [contender("cinema", 10, 20, 60)]).results()

    assert result == {
        "server": "gunicorn",
        "row": "304",
        "contender": "cinema",
        "requests_per_second": 20,
        "cpu_milliseconds": 0.0,
        "ratio": 1,
        "least": 1,
        "most": 1,
    }


def test_line_has_the_median_with_its_spread():
    row = Row("granian", "list", [contender("a", 10, 10, 10), contender("b", 10, 20, 60)])

    assert "2.00 (1.00 to 6.00)" in table.line(list(row.results())[1])


def test_contenders_begin_in_turns(monkeypatch):
    turns = []

    def drive(port, *_):
        turns.append(port)
        return Load(requests=1, seconds=1)

    monkeypatch.setattr(rounds, "drive", drive)
    monkeypatch.setattr(rounds, "WARM", 1)
    row = Row("granian", "list", [contender("plain peer"), contender("ours")])

    row.measure(rounds=2, seconds=0)

    # after both have warmed up
    assert turns[2:] == ["plain peer", "ours", "ours", "plain peer"]


def test_cpu_time_that_nobody_tells_is_left_out(monkeypatch):
    monkeypatch.setattr(rounds, "drive", lambda *_: Load(requests=1, seconds=1))
    idle = contender("cinema", cpu_seconds=None)

    idle.take_turn(seconds=0)
    (result,) = Row("granian", "list", [idle]).results()

    assert result["cpu_milliseconds"] is None
    assert "ms" not in table.line(result)


@pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="only Linux tells it")  # noqa: PTH110
def test_cpu_time_is_that_of_the_process():
    before = cpu_seconds({os.getpid()})

    sum(range(20_000_000))

    assert cpu_seconds({os.getpid()}) > before


@pytest.mark.parametrize(
    ("received", "status"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Le", None),
        (FOUND, None),
        (FOUND + b"{}", 200),
        (NOT_MODIFIED, 304),
    ],
)
def test_an_answer_counts_when_it_is_whole(received, status):
    assert status_of_whole(received) == status


@pytest.mark.parametrize(
    "other",
    [
        answer(201),
        answer(content=b'{"id": 1}'),
        answer(content=b'{"b": 2, "a": 1}'),  # the same members, in another order
        answer(Location="/v1/movies/2"),
        answer(Link='</v1/movies?page=2>; rel="next"'),
    ],
)
def test_apis_that_differ_are_not_measured(other):
    answers = {"plain peer": answer(content=b'{"a": 1, "b": 2}'), "cinema": other}

    with pytest.raises(CourseError, match=r"(?s)differ at GET /v1/movies.*plain peer.*cinema"):
        contract.expect_same(Request("GET", "/v1/movies", {}), answers)


def test_each_may_word_its_errors():
    mistake = Request("GET", "/v1/movies/0", {})

    contract.expect_same(mistake, {"a": answer(404, b"no"), "b": answer(404, b"not there")})


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (["--seconds", "0"], "--seconds: 0 is not a whole number from 1"),
        (["--seconds", "soon"], "--seconds: soon is not a whole number"),
        (["--server", "apache"], "invalid choice"),
        (["--json", "no/such/folder/x.json"], "There is no folder"),
    ],
)
def test_wrong_use_is_one_line(tmp_path, wrong, said):
    code, output = CourseCopy(tmp_path).call("bench", *wrong)

    assert code != 0
    assert said in output
    assert len(output.strip().splitlines()) == 1, output


@pytest.mark.needs_servers
def test_bench_compares_measures_and_leaves_nothing_behind(tmp_path):
    copy = CourseCopy(tmp_path)
    copy.borrow_packages()
    report = tmp_path / "report.json"

    code, output = copy.call("bench", "--quick", "--server", "granian", "--json", str(report))

    assert code == 0, output
    measured = json.loads(report.read_text(encoding="utf-8"))
    contenders = {result["contender"] for result in measured["results"]}
    assert {"plain peer", "FastAPI peer", "cinema", "fast: all"} < contenders
    assert {f"fast: {name}" for name in measured["lines"]} < contenders
    assert list(copy.folder.glob("04_extending/instance/bench-*")) == []

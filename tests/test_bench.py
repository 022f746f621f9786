"""`python3 -m course bench`: what it makes of what it has measured, and that it measures."""

import os
import re

import pytest
from course_copy import CourseCopy

from course.bench import contract, rounds, table
from course.bench.cpu import cpu_seconds
from course.bench.load import Load, status_of_whole
from course.bench.messages import Answer, Request
from course.bench.rounds import AS_LONG, AS_MANY, Case, Contender
from course.errors import CourseError

FOUND = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
NOT_MODIFIED = b'HTTP/1.1 304 NOT MODIFIED\r\nETag: "1"\r\n\r\n'


class Idle:
    """A server that does nothing, or one of a system that tells no CPU time."""

    def __init__(self, port, cpu_seconds):
        self.port = port
        self.cpu_seconds = cpu_seconds


def contender(name, *rates, cpu_seconds=0.0):
    return Contender(name, Idle(name, cpu_seconds), iter(()), rates=list(rates))


def answer(status=200, content=b"{}", **headers):
    class Headers(dict):
        def get_all(self, name, default):
            return [self[name]] if name in self else default

        def __missing__(self, name):
            return None

    return Answer(status, Headers(headers), content)


def test_ratios_are_taken_round_by_round():
    case = Case("", contender("ours", 200, 90), contender("plain", 100, 30), AS_MANY)

    assert case.ratios == [2, 3]


def test_twice_as_long_is_half_as_many():
    case = Case("", contender("last", 50), contender("first", 100), AS_LONG)

    assert case.ratios == [2]


def test_a_row_has_the_median_with_its_spread_and_the_promise():
    case = Case("", contender("a", 10, 20, 60), contender("b", 10, 10, 10), AS_MANY, "at least 2")

    assert table.ratio_of(case) == "2.00 (1.00 to 6.00), promised at least 2"


def test_contenders_begin_in_turns(monkeypatch):
    turns = []

    def drive(port, *_):
        turns.append(port)
        return Load(requests=1, seconds=1)

    monkeypatch.setattr(rounds, "drive", drive)
    case = Case("", contender("ours"), contender("plain"), AS_MANY)

    case.measure(rounds=2, seconds=0)

    assert turns[2:] == ["ours", "plain", "plain", "ours"]  # after both have warmed up


def test_cpu_time_that_nobody_tells_is_not_measured(monkeypatch):
    monkeypatch.setattr(rounds, "drive", lambda *_: Load(requests=1, seconds=1))
    idle = contender("plain", cpu_seconds=None)

    idle.take_turn(seconds=0)

    assert table.line(idle).endswith("not measured")


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
        answer(Location="/v1/movies/2"),
        answer(Link='</v1/movies?page=2>; rel="next"'),
    ],
)
def test_apis_that_differ_are_not_measured(other):
    with pytest.raises(CourseError, match="differ at GET /v1/movies"):
        contract.expect_same(Request("GET", "/v1/movies", {}), answer(), other)


def test_members_in_another_order_are_a_difference():
    forwards, backwards = answer(content=b'{"a": 1, "b": 2}'), answer(content=b'{"b": 2, "a": 1}')

    with pytest.raises(CourseError):
        contract.expect_same(Request("GET", "/", {}), forwards, backwards)


def test_each_may_word_its_errors():
    mistake = Request("GET", "/v1/movies/0", {})

    contract.expect_same(mistake, answer(404, b"no"), answer(404, b"not there"))


@pytest.mark.needs_servers
def test_bench_compares_measures_and_leaves_nothing_behind(tmp_path):
    copy = CourseCopy(tmp_path)
    copy.borrow_packages()

    code, output = copy.call("bench", "--quick")

    assert code == 0, output
    assert len(re.findall(r"\d\.\d\d.* \(.* to .*\)", output)) == 13
    assert list(copy.folder.glob("04_extending/instance/bench-*")) == []

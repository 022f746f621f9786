"""The comparison: it overlooks what a lesson may leave out, and nothing else."""

import pytest
from comparison import agree, is_quoted_from, runs_agree

REBECCA = """\
HTTP/1.1 200 OK\r
Server: Werkzeug/3.1\r
Date: Sun, 22 Nov 2026 18:00:00 GMT\r
Content-Type: application/json\r
Allow: GET, HEAD, OPTIONS\r
Content-Length: 44\r
\r
{"id":3,"title":"Rebecca","names":["a","b"]}
"""
BODY = '{"id": 3, "title": "Rebecca", "names": ["a", "b"]}'
CODE = """\
class Movie:
    def serialize(self):
        movie = {}
        movie["title"] = self.title
        return movie
"""


@pytest.mark.parametrize(
    "shown",
    [
        f"HTTP/1.1 200 OK\n\n{BODY}",
        f"HTTP/1.1 200 OK\nContent-Type: application/json\n\n{BODY}",
        f"HTTP/1.1 200 OK\ncontent-type: application/json\nDate: (today)\n\n{BODY}",
        f"HTTP/1.1 200 OK\nAllow: OPTIONS, GET, HEAD\n\n{BODY}",
        f"HTTP/1.1 200 OK\nContent-Length: …\n\n{BODY}",
        'HTTP/1.1 200 OK\n\n{\n  "id": 3,\n  "title": "Rebecca",\n  "names": ["a", "b"]\n}',
        'HTTP/1.1 200 OK\n\n{"id": 3, …}',
        'HTTP/1.1 200 OK\n\n{"id": 3, "title": "Re…", "names": ["a", …]}',
    ],
)
def test_exchange_that_is_true_is_accepted(shown):
    assert agree(shown, REBECCA)


@pytest.mark.parametrize(
    "shown",
    [
        f"HTTP/1.1 201 CREATED\n\n{BODY}",
        f"HTTP/1.1 200 OK\nContent-Type: text/plain\n\n{BODY}",
        f"HTTP/1.1 200 OK\nLocation: /v1/movies/3\n\n{BODY}",
        f"HTTP/1.1 200 OK\nAllow: GET, HEAD\n\n{BODY}",
        "HTTP/1.1 200 OK\n",
        'HTTP/1.1 200 OK\n\n{"id": 3, "title": "Rebecca"}',
        'HTTP/1.1 200 OK\n\n{"id": "3", "title": "Rebecca", "names": ["a", "b"]}',
        'HTTP/1.1 200 OK\n\n{"title": "Rebecca", "id": 3, "names": ["a", "b"]}',
        'HTTP/1.1 200 OK\n\n{"id": 3, "title": "Rebecca", "names": ["b", "a"]}',
        'HTTP/1.1 200 OK\n\n{"id": 3, …, "names": []}',
        BODY,
    ],
)
def test_exchange_that_is_not_true_is_refused(shown):
    assert not agree(shown, REBECCA)


def test_body_that_did_not_come_is_missed():
    assert not agree(f"HTTP/1.1 200 OK\n\n{BODY}", "HTTP/1.1 200 OK\r\nAllow: GET\r\n\r\n")


def test_program_that_is_not_there_is_no_exchange():
    assert not agree(f"HTTP/1.1 200 OK\n\n{BODY}", "bash: curl: command not found\n")


def test_letters_and_their_escapes_are_the_same():
    assert agree('{"director": "Buñuel"}', '{"director": "Bu\\u00f1uel"}')


@pytest.mark.parametrize(
    "shown", ["one\ntwo\nthree", "one\n…\nthree", "...\nthree", "one\nt…\nthree\n\n"]
)
def test_text_that_is_true_is_accepted(shown):
    assert agree(shown, "one\ntwo  \nthree\n")


@pytest.mark.parametrize("shown", ["one\nthree", "one\ntwo", "one\n…\nfour", "one two\nthree", ""])
def test_text_that_is_not_true_is_refused(shown):
    assert not agree(shown, "one\ntwo\nthree\n")


def test_number_and_time_of_tests_do_not_matter():
    shown = "...\n-----\nRan 3 tests in 0.012s\n\nOK"
    got = ".........\n-----\nRan 9 tests in 1.234s\n\nOK\n"

    assert runs_agree(shown, got)


@pytest.mark.parametrize(
    "got", ["2 failed, 7 passed in 1.2s", "0 passed in 0.1s", "9 passed, 1 skipped in 1s"]
)
def test_outcome_of_tests_matters(got):
    assert not runs_agree("3 passed in 0.0s", got)


@pytest.mark.parametrize(
    "quotation",
    [
        'movie["title"] = self.title\n',
        "def serialize(self):\n    movie = {}\n",
        "class Movie:\n    …\n        return movie\n",
        "    def serialize(self):\n        ...\n        return movie\n",
    ],
)
def test_quotation_that_is_true_is_accepted(quotation):
    assert is_quoted_from(CODE, quotation)


@pytest.mark.parametrize(
    "quotation",
    [
        'movie["name"] = self.title\n',
        "def serialize(self):\n    return movie\n",
        "def serialize(self):\nmovie = {}\n",
        "return movie\n…\nmovie = {}\n",
    ],
)
def test_quotation_that_is_not_true_is_refused(quotation):
    assert not is_quoted_from(CODE, quotation)

"""How a lesson becomes a page of the site: its links, its captions, its requests."""

from urllib.parse import parse_qs

import pytest

from course.site import sources, trying
from course.site.markdown import rewrite

LESSON = "02_create_read/lessons/2a_create.md"
README = "02_create_read/README.md"


# Links


@pytest.mark.parametrize(
    ("written", "led"),
    [
        ("[2.b](2b_read.md)", "[2.b](2b_read.md)"),
        ("[2](../README.md#2a-create)", "[2](../index.md#2a-create)"),
        ("[demo](../../notebooks/2a_create.ipynb)", "[demo](../../notebooks/2a_create.ipynb)"),
        ("[code](../cinema/config.py)", "[code](page:../cinema/config.py.html)"),
        ("[data](../cinema/data/movies.json)", "[data](page:../cinema/data/movies.json)"),
        (
            "[Flask](https://flask.palletsprojects.com)",
            "[Flask](https://flask.palletsprojects.com)",
        ),
        ("[here](#files)", "[here](#files)"),
    ],
)
def test_a_link_leads_to_the_page_of_the_file(written, led):
    assert rewrite(LESSON, f"See {written}.\n") == f"See {led}.\n"


def test_a_file_that_chapters_share_has_its_page_in_the_first():
    assert sources.page_of("03_update_delete/cinema/http/json_body.py") == (
        "02_create_read/cinema/http/json_body.py.html"
    )


def test_what_stands_in_a_block_of_code_stays():
    text = "```console\n$ cat '[x](../cinema/config.py)'\n```\n"

    assert rewrite(LESSON, text) == text


def test_a_caption_leads_to_its_file():
    text = "`cinema/config.py`\n\n```python\nX = 1\n```\n"

    assert rewrite(LESSON, text).startswith(
        "{.code-caption}\n[`cinema/config.py`](page:../cinema/config.py.html)\n\n```python"
    )


def test_a_caption_of_a_file_that_is_not_there_leads_nowhere():
    text = "`cinema/gone.py`\n\n```python\nX = 1\n```\n"

    assert rewrite(LESSON, text).startswith("{.code-caption}\n`cinema/gone.py`\n\n```python")


def test_a_table_s_files_lead_to_their_pages():
    row = "| `cinema/config.py` | new | see `api/movies.py` |\n"

    assert rewrite(README, row) == (
        "| [`cinema/config.py`](page:cinema/config.py.html) | new "
        "| see [`api/movies.py`](page:cinema/api/movies.py.html) |\n"
    )


# Requests that can be tried


def test_a_request_is_carried_over():
    command = (
        """$ curl -i -X PUT http://127.0.0.1:8003/v1/movies/3?x=1 """
        """-H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' """
        """-d '{"title": "M"}'\n"""
    )

    [request] = trying.requests_in(command)

    assert request.chapter == 3
    assert parse_qs(request.fragment) == {
        "method": ["PUT"],
        "path": ["/v1/movies/3?x=1"],
        "header": ["Authorization: Bearer $KEY", "Content-Type: application/json"],
        "body": ['{"title": "M"}'],
    }


BASIC, CSRF = "Authorization: Basic bob:$PASSWORD", "X-CSRF-Token: $CSRF"


@pytest.mark.parametrize(
    ("command", "method", "headers"),
    [
        ("curl http://127.0.0.1:8001/", "GET", []),
        ("curl -I http://127.0.0.1:8001/", "HEAD", []),
        ("curl http://127.0.0.1:8001/ -d x", "POST", [trying.FORM]),
        ("curl \\\n  http://127.0.0.1:8001/", "GET", []),
        ('curl -u "bob:$PASSWORD" http://127.0.0.1:8004/', "GET", [BASIC]),
        ('curl -b cookies.txt -H "X-CSRF-Token: $CSRF" http://127.0.0.1:8004/', "GET", [CSRF]),
    ],
)
def test_what_curl_adds_is_added(command, method, headers):
    [request] = trying.requests_in(f"$ {command}\n")

    assert (request.method, request.headers) == (method, headers)


@pytest.mark.parametrize(
    "command",
    [
        "curl http://127.0.0.1:8001/ | head",
        'curl "http://127.0.0.1:8002/v1/movies/$ID"',
        'curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:8004/v1/movies',
        'curl -H "X: $KEYS" http://127.0.0.1:8002/v1/movies',
        "curl --data-binary @file http://127.0.0.1:8002/v1/movies",
        "curl -X",
        "curl 'http://127.0.0.1:8001/",
        "python3 -m course run 1",
        "curl http://127.0.0.1:9999/",
    ],
)
def test_what_is_more_than_a_request_is_left(command):
    assert trying.requests_in(f"$ {command}\n") == []


def test_a_block_with_requests_is_followed_by_links_to_try_them():
    text = "```console\n$ curl 'http://127.0.0.1:8002/v1/movies?q=a&sort=id'\n{}\n```\n"

    page = rewrite(LESSON, text)

    assert (
        '<a href="../../try/2/index.html#method=GET&amp;path=%2Fv1%2Fmovies%3Fq%3Da%26sort%3Did">'
        "GET /v1/movies?q=a&amp;sort=id</a>"
    ) in page


def test_a_block_for_another_chapter_is_followed_by_none():
    text = "```console\n$ curl http://127.0.0.1:8005/v1/movies\n{}\n```\n"

    assert rewrite(LESSON, text) == text

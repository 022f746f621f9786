"""`show`: an exchange as it is on the wire, the same at every run."""

import json
from io import BytesIO

import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

from course import show, start

URL = "http://127.0.0.1:43210/v1/movies"


class Canned(HTTPAdapter):
    """Answers every request with the next of the responses that it was given."""

    def __init__(self, *answers):
        super().__init__()
        self.answers = list(answers)

    def send(self, request, **_):
        status, reason, headers, body = self.answers.pop(0)
        return self.build_response(
            request,
            HTTPResponse(
                BytesIO(body.encode()),
                headers | {"Date": "Sun, 06 Nov 1994 08:49:37 GMT", "Server": "Werkzeug"},
                status,
                version=11,
                reason=reason,
                preload_content=False,
                request_method=request.method,
            ),
        )


def exchange(method="GET", url=URL, *answers, **request):
    with requests.Session() as session:
        session.mount("http://", Canned(*answers))
        return session.request(method, url, **request)


def ok(body="", content_type="application/json"):
    return (
        200,
        "OK",
        {"Content-Type": content_type, "Content-Length": str(len(body.encode()))},
        body,
    )


@pytest.fixture
def shown(capsys):
    def shown(*responses):
        show(*responses)
        return capsys.readouterr().out

    return shown


def test_a_read_is_shown_whole(shown):
    response = exchange("GET", f"{URL}/3?a=b", ok('{"id":3,"title":"Amélie"}'))

    assert shown(response) == (
        "GET /v1/movies/3?a=b HTTP/1.1\n"
        "\n"
        "HTTP/1.1 200 OK\n"
        "Content-Type: application/json\n"
        "\n"
        "{\n"
        '  "id": 3,\n'
        '  "title": "Amélie"\n'
        "}\n"
    )


def test_a_write_is_shown_whole_but_for_its_credential(shown):
    headers = {"Authorization": "Bearer s3cret", "Prefer": "return=minimal", "If-Match": '"1"'}
    answer = (201, "CREATED", {"Location": f"{URL}/660"}, "")
    response = exchange("POST", URL, answer, json={"title": "Persona"}, headers=headers)

    assert shown(response) == (
        "POST /v1/movies HTTP/1.1\n"
        "Authorization: Bearer ••••\n"
        "Prefer: return=minimal\n"
        'If-Match: "1"\n'
        "Content-Type: application/json\n"
        "\n"
        "{\n"
        '  "title": "Persona"\n'
        "}\n"
        "\n"
        "HTTP/1.1 201 CREATED\n"
        "Location: http://127.0.0.1/v1/movies/660\n"
    )


@pytest.mark.parametrize(
    ("name", "value", "hidden"),
    [
        ("Authorization", "Basic YWxpY2U6cw==", "Basic ••••"),
        ("Cookie", "session=s3cret.x; theme=dark", "session=••••; theme=dark"),
        ("X-CSRF-Token", "s3cret", "••••"),
        ("Signature", "sig=:c2lnbmVk:", "sig=:••••:"),
        (
            "Signature-Input",
            'sig=("@method");created=1800000000;keyid="alice";nonce="n-1"',
            'sig=("@method");created=••••;keyid="alice";nonce="••••"',
        ),
    ],
)
def test_a_credential_in_a_header_is_hidden(shown, name, value, hidden):
    assert f"\n{name}: {hidden}\n" in shown(exchange("GET", URL, ok(), headers={name: value}))


def test_a_nonce_that_is_offered_is_hidden(shown):
    answer = (401, "UNAUTHORIZED", {"Accept-Signature": 'sig=("@path");created;nonce="n-1"'}, "")

    output = shown(exchange("GET", URL, answer))

    assert 'Accept-Signature: sig=("@path");created;nonce="••••"\n' in output


def test_a_new_session_is_hidden(shown):
    answer = (201, "CREATED", {"Set-Cookie": "session=s3cret; HttpOnly; Path=/"}, "")

    assert "\nSet-Cookie: session=••••; HttpOnly; Path=/\n" in shown(exchange("POST", URL, answer))


def test_a_credential_in_a_body_is_hidden(shown):
    answer = ok('{"key": "s3cret", "errors": {"password": "must be text"}}')
    output = shown(exchange("POST", URL, answer, json={"name": "bob", "password": "s3cret"}))

    assert '{\n  "name": "bob",\n  "password": "••••"\n}' in output
    assert '{\n  "key": "••••",\n  "errors": {\n    "password": "must be text"\n  }\n}' in output


def test_what_is_new_of_a_new_token_is_hidden(shown):
    answer = ok('{"id": 1, "ending": "x9Qz", "expires": "2026-12-25T12:00:00Z", "token": "s3cret"}')
    output = shown(exchange("POST", URL, answer))

    assert '  "id": 1,\n  "ending": "••••",\n  "expires": "••••",\n  "token": "••••"' in output


def test_a_credential_among_parameters_is_hidden(shown):
    callback = "http://127.0.0.1:8204/callback?code=s3cret&state=x&iss=http%3A%2F%2F127.0.0.1%3A81"
    answer = (303, "SEE OTHER", {"Location": callback}, "")
    form = {"grant_type": "refresh_token", "refresh_token": "s3cret"}
    with requests.Session() as session:
        session.mount("http://", Canned(answer))
        output = shown(session.post(f"{URL}?state=x", data=form, allow_redirects=False))

    assert "POST /v1/movies?state=•••• HTTP/1.1\n" in output
    assert "grant_type=refresh_token&refresh_token=••••\n" in output
    assert "http://127.0.0.1/callback?code=••••&state=••••&iss=http%3A%2F%2F127.0.0.1\n" in output


def test_what_is_counted_or_new_each_time_is_not_shown(shown):
    limits = {"RateLimit": '"requests";r=9;t=60', "RateLimit-Policy": '"requests";q=10;w=60'}
    body = '{"instance": "urn:uuid:0b1f3d1e-5c62-4b51-9a0e-7f4e3f3a9c11"}'
    output = shown(exchange("GET", URL, (500, "INTERNAL SERVER ERROR", limits, body)))

    assert "RateLimit" not in output
    assert '"instance": "urn:uuid:••••"' in output


def test_nothing_changes_from_run_to_run(shown):
    def run():
        with start("1") as api:
            return shown(requests.get(f"{api}/"), requests.get(f"{api}/v1/movies/9"))

    assert run() == run()


def test_a_url_in_a_body_loses_its_port(shown):
    body = json.dumps({"url": f"{URL}/3"})

    assert '"url": "http://127.0.0.1/v1/movies/3"' in shown(exchange("GET", URL, ok(body)))


def test_an_accept_header_is_shown_only_when_it_asks_for_something(shown):
    asking = exchange("GET", URL, ok(), headers={"Accept": "application/ld+json"})
    content = exchange("GET", URL, ok())

    assert "Accept: application/ld+json\n" in shown(asking)
    assert "Accept" not in shown(content)


def test_json_of_any_media_type_is_indented(shown):
    problem = ok('{"status": 404}', "application/problem+json")

    assert '{\n  "status": 404\n}' in shown(exchange("GET", URL, problem))


def test_text_is_shown_as_it_is(shown):
    text = ok("Rebecca (1940), Alfred Hitchcock\n", "text/plain")

    assert shown(exchange("GET", URL, text)).endswith(
        "Content-Type: text/plain\n\nRebecca (1940), Alfred Hitchcock\n"
    )


@pytest.mark.parametrize("body", ['{"title": "Rebecca"', '{"year": 1, "year": 2}', "[" * 1900])
def test_a_body_that_json_would_not_give_back_is_shown_as_it_is(shown, body):
    response = exchange("POST", URL, ok(), data=body)

    assert f"\n\n{body}\n\n" in shown(response)


def test_the_length_is_shown_when_the_body_is_not(shown):
    head = (200, "OK", {"Content-Length": "120"}, "")

    assert "Content-Length: 120" in shown(exchange("HEAD", URL, head))
    assert "Content-Length" not in shown(exchange("GET", URL, ok("{}")))
    assert "Content-Length" not in shown(exchange("POST", URL, ok()))


def test_a_long_list_shows_its_start_and_how_many_follow(shown):
    output = shown(exchange("GET", URL, ok(json.dumps({"movies": list(range(20))}))))

    assert output.endswith('[\n    0,\n    1,\n    2,\n    "… and 17 more"\n  ]\n}\n')


def test_a_list_of_five_is_shown_whole(shown):
    assert "more" not in shown(exchange("GET", URL, ok("[1, 2, 3, 4, 5]")))


def test_a_very_long_body_is_cut_short(shown):
    output = shown(exchange("POST", URL, ok(), data="x" * 5000))

    assert f"{'x' * 200}… (5,000 characters)" in output


def test_a_body_sent_in_chunks_is_named(shown):
    assert "(a body in chunks)" in shown(exchange("POST", URL, ok(), data=iter([b"a", b"b"])))


def test_redirects_are_shown_on_the_way(shown):
    moved = (308, "PERMANENT REDIRECT", {"Location": f"{URL}/3"}, "")
    output = shown(exchange("GET", f"{URL}/3/", moved, ok("{}")))

    assert output.count("GET /v1/movies/3") == 2
    assert output.index("308 PERMANENT REDIRECT") < output.index("200 OK")


def test_several_exchanges_are_parted_by_a_blank_line(shown):
    first, second = exchange("GET", f"{URL}/1", ok("{}")), exchange("GET", f"{URL}/2", ok("{}"))

    assert "{}\n\nGET /v1/movies/2" in shown(first, second)

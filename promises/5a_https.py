"""5.a HTTPS."""

import secrets
import socket
from urllib.parse import urlsplit

from course.building.promise import HARDENED, Book, needs
from course.building.wire import Broken
from promises.films import MOVIES, film, is_free
from promises.users import by_basic, session

book = Book("5a")
REFUSED = 403


@needs("speaks_tls")
def plain(api):
    """Return where the API listens to plain HTTP."""
    if not api.control.plain_url:
        raise Broken("HTTPS, and beside it a port for plain HTTP")
    return api.control.plain_url


@book.promise(
    "TLS: a secret with somebody you can name",
    "RFC 9110, 4.2.2; RFC 9525",
    "A certificate says whose public key it is. Who vouches for it on this machine?",
    "flask --app cinema make-certificate writes it into instance/; the toolkit's http/tls does it.",
    "certificates.init_app(app) in the factory",
)
def speaks_tls(api):
    """The API answers over HTTPS, with a certificate that its authority vouches for."""
    if urlsplit(api.url).scheme != "https":
        raise Broken(f"https://, not {api.url}")
    api.get(MOVIES).must_be(200)


@book.promise(
    "Plain HTTP: redirected or refused",
    "RFC 9110, 15.4.9",
    "A read without credentials may be redirected to the same URL over HTTPS.",
    "308 keeps the method. Before each request: if not request.is_secure …",
    'Response(status=308, headers={"Location": secure_url()})',
    control=True,
)
def plain_is_led(api):
    """A stranger's GET over plain HTTP is redirected with 308 to the same URL over HTTPS."""
    for target in (f"{MOVIES}?year=1940", "/v1/a%2Fb?x=%20"):
        answer = api.get(plain(api) + target).must_be(308)
        location = answer.must_have("Location")
        answer.must(location == api.url + target, f"Location: {api.url}{target}", "(?i)^location:")


@book.promise(
    "Plain HTTP: redirected or refused",
    "OWASP, Transport Layer Security Cheat Sheet",
    "A redirect would make the mistake work: the password has been on the wire already.",
    "403, and a text that says what to do.",
    "if request.method not in ('GET', 'HEAD') or has_credentials() or has_body(): raise …",
    control=True,
    after=("plain_is_led",),
)
def plain_password_is_refused(api):
    """Credentials over plain HTTP are refused with 403, not redirected; over HTTPS they work."""
    url = plain(api) + MOVIES
    api.get(url, headers=by_basic(api)).must_be_problem(REFUSED)
    api.get(url, headers={"Cookie": session(api).cookie}).must_be_problem(REFUSED)
    api.get(MOVIES, headers=by_basic(api)).must_be(200)


@book.promise(
    "Plain HTTP: redirected or refused",
    "RFC 9110, 15.5.4",
    "A body has been on the wire, too.",
    control=True,
    after=("plain_is_led",),
)
def plain_write_is_refused(api):
    """A change over plain HTTP is refused with 403, no matter who sends it; nothing happens."""
    body = film()
    for headers in ({}, by_basic(api)):
        url = plain(api) + MOVIES
        answer = api.send("POST", url, who="nobody", headers=headers, json=body)
        answer.must_be_problem(REFUSED)
    answer.must(is_free(api, body["imdb_id"]), "nothing created by plain HTTP")


@book.promise(
    "What browsers are told",
    "RFC 6797, 6.1 and 7.2",
    "A browser that has seen it never asks this host over plain HTTP again.",
    "Strict-Transport-Security: max-age=31536000, in each response over HTTPS.",
    "Only if request.is_secure: over plain HTTP, anybody could have added it.",
    control=True,
)
def hsts(api):
    """Responses over HTTPS have `Strict-Transport-Security`, for a day or more; others do not."""
    leads = api.get(plain(api) + MOVIES)
    leads.must_not_have("Strict-Transport-Security")
    for target in (MOVIES, "/v1/nowhere"):
        answer = api.get(target)
        value = answer.must_have(
            "Strict-Transport-Security",
            r"max-age=\"?\d{5,}",
            "a header Strict-Transport-Security: max-age=31536000",
        )
        answer.must(value, "max-age of a day or more")


@book.promise(
    "What browsers are told",
    "Fetch Standard, 3.6; Referrer Policy, 3",
    "JSON must not be taken for a page, and our URLs are nobody else's business.",
    "X-Content-Type-Options: nosniff, Referrer-Policy: no-referrer",
    "response.headers.setdefault(name, value) in an after_request",
)
def careful_browsers(api):
    """Each answer says `X-Content-Type-Options: nosniff` and `Referrer-Policy: no-referrer`."""
    for answer in (
        api.get(MOVIES),
        api.get("/v1/nowhere"),
        api.send("POST", MOVIES, who="nobody", json=film()),
    ):
        answer.must_have("X-Content-Type-Options", "^nosniff$")
        answer.must_have("Referrer-Policy", "no-referrer")


@book.promise(
    "Behind a proxy",
    "RFC 9110, 7.2 and 7.4",
    "A stranger chooses Host, and your responses contain URLs made from it.",
    "TRUSTED_HOSTS are your names; Werkzeug answers 400 to all others.",
    'TRUSTED_HOSTS = [".localhost", "127.0.0.1"]',
)
def foreign_host(api):
    """A request for another Host is 400: no URL in the response leads to `evil.example`."""
    answer = api.get(MOVIES, headers={"Host": "evil.example"}).must_be_problem(400)
    leads = answer.headers.get("Location", "") + answer.headers.get("Link", "")
    answer.must("evil.example" not in leads, "no URL of evil.example")


# -- for hostile clients -------------------------------------------------------------------------


@book.promise(
    "Behind a proxy",
    "RFC 7239, 8.1",
    "Anybody can send X-Forwarded-Proto: believe it only behind a proxy of your own.",
    "ProxyFix only if a setting says how many proxies there are.",
    tier=HARDENED,
    control=True,
    after=("plain_password_is_refused",),
)
def forged_proxy(api):
    """A client that sends `X-Forwarded-Proto: https` over plain HTTP is refused all the same."""
    for field in (
        {"X-Forwarded-Proto": "https"},
        {"X-Forwarded-Proto": "https", "X-Forwarded-For": "127.0.0.1"},
        {"Forwarded": "for=127.0.0.1;proto=https"},
        {"X-Forwarded-Ssl": "on"},
    ):
        headers = by_basic(api) | field
        api.get(plain(api) + MOVIES, headers=headers).must_be_problem(REFUSED)


@book.promise(
    "Plain HTTP: redirected or refused",
    "RFC 9110, 7.4",
    "The redirect's URL is made from Host: who chose that?",
    tier=HARDENED,
    control=True,
    after=("plain_is_led",),
)
def led_to_nobody_else(api):
    """Over plain HTTP, another Host is 400; HEAD is redirected like GET; a body is refused."""
    url = plain(api) + MOVIES
    api.get(url, headers={"Host": "evil.example"}).must_be(400)
    api.send("HEAD", url).must_be(308)
    answer = api.send("GET", url, headers={"Content-Type": "application/json"}, body=b'{"a": 1}')
    answer.must_be(REFUSED)


@book.promise(
    "TLS: a secret with somebody you can name",
    "RFC 8996",
    "TLS 1.0 and 1.1 are broken: nobody should speak them.",
    tier=HARDENED,
    after=("speaks_tls",),
)
def no_broken_tls(api):
    """A client that speaks TLS 1.1 at most gets no connection."""
    answer = answer_to_hello(api, TLS_1_1)
    if answer.startswith(HANDSHAKE):
        raise Broken("no connection by TLS 1.1; the server agrees to speak it")


def answer_to_hello(api, version):
    """Begin TLS as a client that speaks this version at most (RFC 5246, 7.4.1.2)."""
    suites = bytes.fromhex("c013c014c009c00a002f0035c02fc02bc030c02c")
    extensions = bytes.fromhex("000a00060004001d0017000b00020100000d000a0008040304010503 0501")
    hello = version + secrets.token_bytes(32) + b"\0" + sized(suites, 2) + b"\1\0"
    hello += sized(extensions, 2)
    message = HANDSHAKE + b"\3\1" + sized(b"\1" + sized(hello, 3), 2)
    place = urlsplit(api.url)
    try:
        with socket.create_connection((place.hostname, place.port), api.patience) as connection:
            connection.sendall(message)
            return connection.recv(5)
    except OSError:
        return b""  # it has hung up


def sized(content, size):
    return len(content).to_bytes(size) + content


TLS_1_1, HANDSHAKE = b"\3\2", b"\x16"


@book.promise(
    "What browsers are told",
    "Content Security Policy, 3.1",
    "A page says whose scripts may run there.",
    "Content-Security-Policy: default-src 'none'; …",
    tier=HARDENED,
    after=("careful_browsers", "error_page"),
)
def pages_have_a_policy(api):
    """Pages for people, such as /errors, have a `Content-Security-Policy`."""
    page = api.get("/errors", headers={"Accept": "text/html,*/*"}).must_be(200)
    page.must_have(
        "Content-Security-Policy",
        "default-src|script-src",
        "a header Content-Security-Policy with default-src or script-src",
    )

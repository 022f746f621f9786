"""The OAuth 2 dance of chapter 4 with real servers, a real client and a real browser."""

import os
import subprocess
import sys
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
import requests
from authlib.integrations.requests_client import OAuth2Session
from chromium import Chromium

from course import start
from course.spine import find_chapter

pytestmark = pytest.mark.needs_servers

VERIFIER = "a-verifier-that-only-its-client-knows-0123456789"


class Site(ThreadingHTTPServer):
    """A web site with pages of its own: the client's, or an attacker's."""

    def __init__(self):
        self.pages = {"/callback": "<p>Thank you."}
        self.visits = []
        super().__init__(("127.0.0.1", 0), Page)
        self.url = f"http://127.0.0.1:{self.server_port}"
        Thread(target=self.serve_forever, daemon=True).start()

    def close(self):
        self.shutdown()
        self.server_close()


class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.visits.append(self.server.url + self.path)
        html = self.server.pages.get(self.path.partition("?")[0])
        self.send_response(200 if html else 404)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write((html or "").encode())

    def log_message(self, *_):
        """Keep still."""


@pytest.fixture(scope="module")
def api():
    with start("4") as api:
        yield api


@pytest.fixture
def site():
    with closing(Site()) as site:
        yield site


@pytest.fixture
def browser(tmp_path):
    with Chromium(tmp_path) as browser:
        yield browser


@pytest.fixture
def client(api, site):
    """A client that is registered with the authorization server, and knows its metadata."""
    name = f"client-{site.server_port}"
    register(name, f"{site.url}/callback", api.database)
    server = requests.get(f"{api.authorization_server}/.well-known/oauth-authorization-server")
    with OAuth2Session(
        name,
        redirect_uri=f"{site.url}/callback",
        scope="watchlists:write",
        code_challenge_method="S256",
        token_endpoint_auth_method="none",
    ) as client:
        client.server = server.json()
        client.question, client.state = client.create_authorization_url(
            client.server["authorization_endpoint"], code_verifier=VERIFIER
        )
        yield client


def register(name, redirect_uri, database):
    command = f"flask --app authorization_server create-client {name} --scope watchlists:write"
    subprocess.run(
        [sys.executable, "-m", *command.split(), "--redirect-uri", redirect_uri],
        cwd=find_chapter("4").folder,
        env=os.environ | {"DATABASE_URL": f"sqlite:///{database.as_posix()}"},
        check=True,
        capture_output=True,
    )


def log_in(browser, password):
    browser.fill_in("[name=name]", "alice")
    browser.fill_in("[name=password]", password)
    browser.click("button")
    browser.wait_for("document.querySelector('[value=allow]') != null")


def callbacks(site):
    return [url for url in site.visits if "/callback" in url]


def test_user_logs_in_and_consents_and_the_client_may_write(api, site, browser, client):
    browser.open(client.question)
    log_in(browser, api.password)
    browser.click("[value=allow]")
    browser.wait_for("document.body.innerText == 'Thank you.'")
    client.fetch_token(
        client.server["token_endpoint"],
        authorization_response=browser.url,
        state=client.state,
        code_verifier=VERIFIER,
    )

    answer = client.put(f"{api}/v1/watchlists/friday", json={"title": "Friday", "movies": []})

    assert answer.status_code == 201, answer.text
    assert f"iss={requests.utils.quote(api.authorization_server, safe='')}" in browser.url


def test_user_denies_and_the_client_learns_only_that(api, site, browser, client):
    browser.open(client.question)
    log_in(browser, api.password)
    browser.click("[value=deny]")

    browser.wait_for("document.body.innerText == 'Thank you.'")

    assert "error=access_denied" in browser.url
    assert "code=" not in browser.url


def test_wrong_password_is_told_to_the_user(browser, client):
    browser.open(client.question)
    browser.fill_in("[name=name]", "alice")
    browser.fill_in("[name=password]", "guessed")
    browser.click("button")

    browser.wait_for("document.querySelector('[role=alert]') != null")

    assert "no such user" in browser.text


def test_pages_have_their_style(browser, client):
    browser.open(client.question)

    border = browser.evaluate("getComputedStyle(document.querySelector('main')).borderTopStyle")

    assert border == "solid"  # and so the policy lets the style sheet in


def test_attack_by_a_frame_shows_nothing(api, site, browser, client):
    site.pages["/trap"] = f'<iframe src="{client.question.replace("&", "&amp;")}"></iframe>'

    browser.open(f"{site.url}/trap")

    (frame,) = browser.call("Page.getFrameTree")["frameTree"]["childFrames"]
    assert frame["frame"]["unreachableUrl"] == client.question


def test_attack_by_a_form_of_another_site_is_refused(api, site, browser, client):
    browser.open(client.question)
    log_in(browser, api.password)
    action = client.question.replace("&", "&amp;")
    site.pages["/trap"] = (
        f'<form method="post" action="{action}"><input name="decision" value="allow"></form>'
        "<script>document.forms[0].submit()</script>"
    )

    browser.open(f"{site.url}/trap")

    browser.wait_for(f"location.href.startsWith({api.authorization_server!r})")
    assert "does not come from our page" in browser.text
    assert callbacks(site) == []

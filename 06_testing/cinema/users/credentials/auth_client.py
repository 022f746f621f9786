"""A client of the authentication service, which stores the credentials."""

import os
import time
from base64 import b64decode, b64encode
from urllib.parse import quote, urlsplit

import click
import requests
from flask import current_app
from werkzeug.exceptions import ServiceUnavailable

TIMEOUT = 1, 5  # seconds to connect, and to wait for an answer
ATTEMPTS = 3  # all our requests are idempotent, so we may repeat them
BETWEEN = 0.1  # seconds between attempts: a restart takes a moment
PAUSE = 5  # seconds without new requests after a timeout
THIS_MACHINE = ("127.0.0.1", "::1", "localhost")


class AuthService:
    """The service for one application: its URL, our secret, and when to ask again."""

    def __init__(self, url, secret):
        self.url = url
        self.ask_again_at = float("-inf")
        self.session = requests.Session()
        self.session.trust_env = False  # no proxy and no .netrc sees what we send
        self.session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or True
        self.session.headers["Authorization"] = f"Bearer {secret}"

    def ask(self, method, path, body=None):
        """Return the JSON of a 200, or None of a 204.

        Raises ServiceUnavailable, after seconds at most, if there is no valid response.
        """
        if time.monotonic() < self.ask_again_at:
            raise not_available()
        try:
            response = self.send(method, path, body)
            if response.status_code not in (200, 204):
                raise requests.HTTPError(f"{method} {path} is answered by {response.status_code}")
            return response.json() if response.status_code == 200 else None
        except requests.Timeout as error:  # not repeated: it would only slow the service down
            self.ask_again_at = time.monotonic() + PAUSE
            raise not_available() from error
        except requests.RequestException as error:  # also if the body is not JSON
            raise not_available() from error

    def send(self, method, path, body, attempts=ATTEMPTS):
        """Send a request, and send it again if the connection fails."""
        try:
            return self.session.request(
                method, self.url + path, json=body, timeout=TIMEOUT, allow_redirects=False
            )
        except requests.ConnectionError as error:
            if isinstance(error, requests.Timeout) or attempts == 1:
                raise
        time.sleep(BETWEEN)
        return self.send(method, path, body, attempts - 1)


def init_app(app):
    if url := app.config["AUTH_SERVICE_URL"]:
        check_url(url)
        app.extensions["auth_service"] = AuthService(url, app.config["AUTH_SERVICE_SECRET"])


def check_url(url):
    """Refuse http:// to another machine: the requests contain passwords."""
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in THIS_MACHINE:
        raise click.ClickException(
            f"AUTH_SERVICE_URL is {url}: it must be https://, or http://127.0.0.1."
        )


def verify(name, password):
    """Ask the service whether this is the user's password."""
    return member(ask("POST", "/verifications", name=name, password=password), "right", bool)


def set_password(name, password):
    """Set a user's password, and delete their signing key."""
    tell("PUT", f"{user(name)}/password", password=password)


def signing_key(name):
    """Return the user's signing key, or None."""
    key = member(ask("GET", f"{user(name)}/signing-key"), "key", str | None)
    return key and b64decode(key)


def set_signing_key(name, key):
    """Set the user's signing key; None deletes it."""
    tell("PUT", f"{user(name)}/signing-key", key=key and b64encode(key).decode())


def delete(name):
    """Delete a user's credentials."""
    tell("DELETE", user(name))


def ask(method, path, **body):
    return current_app.extensions["auth_service"].ask(method, path, body or None)


def tell(method, path, **body):
    if ask(method, path, **body) is not None:
        raise not_available()  # not our service


def user(name):
    return f"/users/{quote(name, safe='')}"


def member(answer, name, kind):
    """Return a member of a response; raise ServiceUnavailable if its type is wrong."""
    if not isinstance(answer, dict) or not isinstance(answer.get(name, member), kind):
        raise not_available()
    return answer[name]


def not_available():
    return ServiceUnavailable("The authentication service does not answer.", retry_after=PAUSE)

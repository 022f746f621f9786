"""Asks the authentication service: it has the credentials, and we have only its answers."""

import os
import time
from base64 import b64decode, b64encode
from urllib.parse import quote, urlsplit

import click
import requests
from flask import current_app
from werkzeug.exceptions import ServiceUnavailable

TIMEOUT = 1, 5  # seconds to connect, and to wait for an answer
ATTEMPTS = 3  # each of our requests, made twice, does what it does once: we may repeat any
BETWEEN = 0.1  # seconds; a service that is started again needs a moment
PAUSE = 5  # seconds for which a service that has kept us waiting is left alone
THIS_MACHINE = ("127.0.0.1", "::1", "localhost")


class AuthService:
    """The service as an application sees it: where it is, our secret, and when to ask again."""

    def __init__(self, url, secret):
        self.url = url
        self.ask_again_at = float("-inf")
        self.session = requests.Session()
        self.session.trust_env = False  # no proxy and no .netrc sees what we send
        self.session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or True
        self.session.headers["Authorization"] = f"Bearer {secret}"

    def ask(self, method, path, body=None):
        """Return the JSON of a 200, or None of a 204.

        Raises ServiceUnavailable, before long, if there is no answer, or none that makes sense.
        """
        if time.monotonic() < self.ask_again_at:
            raise not_available()
        try:
            response = self.send(method, path, body)
            if response.status_code not in (200, 204):
                raise requests.HTTPError(f"{method} {path} is answered by {response.status_code}")
            return response.json() if response.status_code == 200 else None
        except requests.Timeout as error:  # not repeated: who is slow would only get slower
            self.ask_again_at = time.monotonic() + PAUSE
            raise not_available() from error
        except requests.RequestException as error:  # also of an answer that is not JSON
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
    """Let passwords travel in the clear only inside this machine."""
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in THIS_MACHINE:
        raise click.ClickException(
            f"AUTH_SERVICE_URL is {url}: it must be https://, or http://127.0.0.1."
        )


def verify(name, password):
    """Tell whether the service says that this is the user's password."""
    return member(ask("POST", "/verifications", name=name, password=password), "right", bool)


def set_password(name, password):
    """Give a user a password; the signing key that the old one has opened is gone."""
    tell("PUT", f"{user(name)}/password", password=password)


def signing_key(name):
    """Return the user's key to sign with, or None."""
    key = member(ask("GET", f"{user(name)}/signing-key"), "key", str | None)
    return key and b64decode(key)


def set_signing_key(name, key):
    """Give a user a key to sign with, or None."""
    tell("PUT", f"{user(name)}/signing-key", key=key and b64encode(key).decode())


def delete(name):
    """Forget a user."""
    tell("DELETE", user(name))


def ask(method, path, **body):
    return current_app.extensions["auth_service"].ask(method, path, body or None)


def tell(method, path, **body):
    if ask(method, path, **body) is not None:
        raise not_available()  # whatever answers there is not our service


def user(name):
    return f"/users/{quote(name, safe='')}"


def member(answer, name, kind):
    """Return a member of an answer; raise ServiceUnavailable if it is not as agreed."""
    if not isinstance(answer, dict) or not isinstance(answer.get(name, member), kind):
        raise not_available()
    return answer[name]


def not_available():
    return ServiceUnavailable("The authentication service does not answer.", retry_after=PAUSE)

"""What faults change on the wire: plays their requests to the API as it is, broken, and mended.

A program that is run in a copy of a chapter, with its number and names of
faults: it prints three exchanges for
each, as JSON. What differs from time to time, such as a random token, is masked in them.
"""

import importlib
import json
import logging
import re
import sys
import time
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from unittest.mock import patch

from argon2 import PasswordHasher
from joserfc import jwt
from joserfc.jwk import ECKey

from course.mutants.faults import about, find_faults

PACKAGES = ("auth_service", "authorization_server", "cinema", "tests")
VARIES = re.compile(
    "cinema_[-_A-Za-z0-9]{43}"  # a token
    "|session=[^;]*"
    "|[0-9a-f]{64}"  # a CSRF token
    "|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # the number of a request
    "|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"
    '|(?<=;nonce=")[^"]*'
    '|(?<="ending":")[^"]*'
    '|(?<=csrf_token" value=")[^"]*'
    "|(?<=;t=)[0-9]+"  # seconds until
)
SECRETS = {
    "AUTH_SERVICE_SECRET": "the services' secret of the tests",
    "AUTHORIZATION_SERVER_SECRET": "the server's secret of the tests",
    "ROBOT_SECRET": "the robot's secret of the tests",
}
SIGNING_KEY = bytes(32)
KEY_OF_ISSUER = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)


class Play:
    """A fresh application with three movies and two users, and what it has said so far."""

    def __init__(self, fault, stack):
        forget_modules()
        self.tests = importlib.import_module("tests")
        self.stack = stack
        self.app = self.make_app(fault)
        self.client = self.app.test_client()
        self.kept = {"PASSWORD": getattr(self.tests, "PASSWORD", "")}
        self.hashes = count_slow_hashes(stack)

    def make_app(self, fault):
        if not hasattr(self.tests, "cinema_of_three_movies"):  # chapter 1
            return self.tests.app
        if fault.app == "cinema":
            return self.tests.cinema_of_three_movies(**fault.settings)[0]
        databases = dict.fromkeys(
            ("SQLALCHEMY_DATABASE_URI", "AUTH_SERVICE_DATABASE_URL"), "sqlite://"
        )
        settings = self.tests.SETTINGS | SECRETS | databases | fault.settings
        app = importlib.import_module(fault.app).create_app(settings)
        if fault.app == "authorization_server":
            app.test_cli_runner().invoke(args=["seed"])
        return app

    def exchange(self, step):
        """Do what a step says, and return the lines of the exchange."""
        if "sql" in step:
            self.tell_database(step["sql"])
            return [f"(The database is told: {step['sql']})"]
        if "wait" in step:
            let_time_pass(step["wait"], self.stack)
        lines = []
        for _ in range(step.get("times", 1)):
            self.hashes.clear()
            response = self.ask(step)
            lines += [f"> {step['ask']}", *described(response)]
            lines.append(f"(Slow hashes: {len(self.hashes)})")
        return lines

    def ask(self, step):
        method, _, url = self.filled(step["ask"]).partition(" ")
        body = self.body_of(step)
        headers = {"Content-Type": "application/json"} if body else {}
        headers |= {name: self.filled(value) for name, value in step.get("headers", {}).items()}
        if "as" in step:
            headers |= self.credentials(step)
        if "token" in step:
            headers["Authorization"] = f"Bearer {self.token(**step['token'])}"
        if "signed" in step:
            headers |= self.signature(step["signed"], method, url, headers, body)
        if "instead" in step:
            body = step["instead"].encode()
        client = self.app.test_client(use_cookies=False) if "Cookie" in headers else self.client
        response = client.open(url, method=method, data=body, headers=headers)
        for name, place in step.get("keep", {}).items():
            self.kept[name] = found(response, place)
        return response

    def credentials(self, step):
        """Return a user's, or the key, as long as that is what opens the API."""
        if not hasattr(self.tests, "basic"):
            return getattr(self.tests, "KEY", {})
        return self.tests.basic(step["as"], step.get("password", self.tests.PASSWORD))

    def filled(self, value):
        """Put what was kept in its places in a text; leave other values as they are."""
        if not isinstance(value, str):
            return value
        return re.sub(r"\{(\w+)\}", lambda place: self.kept.get(place[1], place[0]), value)

    def body_of(self, step):
        """Return the bytes of a step's body; TOML knows no null, so the word stands for it."""
        if "movie" in step:
            return json.dumps(self.tests.METROPOLIS | step["movie"]).encode()
        if "json" not in step:
            return b""
        members = {name: self.filled(value) for name, value in step["json"].items()}
        nothing = {name: None for name, value in members.items() if value == "null"}
        return json.dumps(members | nothing).encode()

    def signature(self, user, method, path, headers, body):
        """Return the fields that sign a request, by a key that the user has from now on."""
        http_signature = importlib.import_module("cinema.http.signatures.message")
        self.give_signing_key(user)
        url, now = f"http://localhost{path}", int(time.time())
        return http_signature.sign(SIGNING_KEY, user, method, url, headers, body, now, "a nonce")

    def give_signing_key(self, name):
        with self.app.app_context():
            try:
                credentials = importlib.import_module("cinema.users.credentials")
            except ModuleNotFoundError:  # chapter 4
                table = "UPDATE user SET signing_key = x'{}' WHERE name = '{}'"
                self.tell_database(table.format(SIGNING_KEY.hex(), name))
            else:
                credentials.set_signing_key(name, SIGNING_KEY)

    def token(self, typ="at+jwt", **claims):
        """Return a token as the issuer whom the API trusts would make it, but for these claims."""
        self.app.extensions["issuer_keys"].fetch = lambda: {KEY_OF_ISSUER.kid: KEY_OF_ISSUER}
        common = {
            "iss": self.app.config["AUTHORIZATION_SERVER_URL"],
            "aud": self.app.config["AUDIENCE"],
            "exp": int(time.time()) + 300,
            "sub": "alice",
            "client_id": "movie-night",
            "scope": "movies:write",
        }
        header = {"alg": "ES256", "kid": KEY_OF_ISSUER.kid, "typ": typ}
        return jwt.encode(header, common | claims, KEY_OF_ISSUER)

    def tell_database(self, statement):
        database = importlib.import_module("cinema.data.database")
        with self.app.app_context(), database.writing() as connection:
            (connection or database.db.session.connection()).exec_driver_sql(statement)


def forget_modules():
    """Let the chapter's modules be read anew."""
    for name in list(sys.modules):
        if name.partition(".")[0] in PACKAGES:
            del sys.modules[name]
    importlib.invalidate_caches()


def count_slow_hashes(stack):
    """Return a list that grows by one with each slow hash."""
    hashes = []
    for name in ("hash", "verify"):
        slow = getattr(PasswordHasher, name)

        def counted(*values, slow=slow):
            hashes.append(slow)
            return slow(*values)

        stack.enter_context(patch.object(PasswordHasher, name, counted))
    return hashes


def let_time_pass(seconds, stack):
    now = time.time

    class Later(datetime):
        @classmethod
        def now(cls, zone=None):
            return cls.fromtimestamp(now() + seconds, zone)

    stack.enter_context(patch("cinema.users.sessions.datetime", Later))
    stack.enter_context(patch("time.time", lambda: now() + seconds))


def found(response, place):
    """Return a cookie of an answer, or one of its fields, or a member of its body."""
    if place == "Cookie":
        return response.headers["Set-Cookie"].partition(";")[0]
    return response.headers.get(place) or response.json[place]


def described(response):
    fields = [f"{name}: {value}" for name, value in response.headers]
    lines = [response.status, *fields, *response.text.splitlines()]
    return [VARIES.sub("…", f"< {line}") for line in lines]


def play(fault):
    """Return the whole exchange, as lines."""
    with ExitStack() as stack:
        scene = Play(fault, stack)
        return [line for step in fault.wire for line in scene.exchange(step)]


def play_thrice(fault):
    """Return the exchanges with the API as it is, broken, and mended."""
    file = Path(fault.file)
    source = file.read_bytes()
    sound = play(fault)
    try:
        file.write_text(fault.applied_to(source.decode()), encoding="utf-8")
        broken = play(fault)
    finally:
        file.write_bytes(source)
    return sound, broken, play(fault)


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    logging.disable()  # what is broken complains
    sys.path.insert(0, "")
    chapter, *names = sys.argv[1:]
    with about(int(chapter)):
        print(json.dumps({fault.name: play_thrice(fault) for fault in find_faults(names)}))

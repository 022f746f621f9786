"""Users for the tests of who is asking, and the places inside where passwords are kept and checked.

Passwords that are checked elsewhere, or kept in another table, change this file and no test.
"""

import time
from base64 import b64encode
from itertools import count
from pkgutil import resolve_name
from unittest.mock import patch

from cinema.data.database import db, writing
from cinema.users import passwords
from cinema.users.commands import add_user
from cinema.users.user import User
from sqlalchemy import select
from werkzeug.datastructures import WWWAuthenticate

from tests import PASSWORD, ApiTestCase
from tests.lesson import made_in

with made_in("5.d1"):
    from cinema.users.password_hashes import check_password_hash
with made_in("5.d2"):
    from cinema.users.credentials.stored import Credential

SLOW_CHECK = "cinema.users.credentials.stored.check_password_hash"
SLOWER = {"ARGON2_TIME_COST": 2}  # than the hash of the other tests
CLOCKS = ("time.time", "time.monotonic", "cachelib.simple.time")

FEW = {"FAILED_LOGINS": "3 per minute"}
HOURS = count(1)  # so that a test begins when what the one before has counted is long over

EVIL = "https://evil.example"
FAVOURITES = "/v1/watchlists/favourites"
WRITES = ("PUT", "PATCH", "DELETE")
ODD_PASSWORDS = (
    "with:several:colons:",
    " spaces at both ends ",
    "schlüssel",
    "пароль из кино",
    "東京物語東京物語",
    "no-break\u00a0space and\u3000wide space",
    "family 👩‍👩‍👧 and 🗝",  # joined by U+200D, which str.isprintable() does not like
    "x" * 64,
    "x" * 900,
    "%00%0a+&=?#",
)


def basic_of(pair):
    """Return the header that brings these bytes as Basic credentials."""
    return {"Authorization": f"Basic {b64encode(pair).decode()}"}


def told(response, member):
    """Return a member of an answer's JSON; None if it has none, or is no JSON."""
    body = response.get_json(silent=True)
    return body.get(member) if isinstance(body, dict) else None


def challenges(response):
    """Return the parameters of each scheme that WWW-Authenticate names, by the scheme's name."""
    values = map(WWWAuthenticate.from_header, response.headers.getlist("WWW-Authenticate"))
    return {value.type: dict(value.parameters) for value in values if value}


def check_slowly(*values):
    """Check a password as ever, and take the time that it takes in earnest."""
    time.sleep(0.02)
    return check_password_hash(*values)


def forget_passwords():
    """Forget who was right a moment ago, if that is remembered: the next check is a slow one."""
    if hasattr(passwords, "remembered"):
        passwords.remembered.clear()


class Statuses:
    """For a TestCase: what an answer should have been, if it is another one."""

    def assert_status(self, response, expected, why=""):
        """Check the status of an answer; `expected` is one, or several of which any will do."""
        statuses = expected if isinstance(expected, tuple) else (expected,)
        if response.status_code not in statuses:
            asked = f"{response.request.method} {response.request.path}"
            wanted = " or ".join(map(str, statuses))
            self.fail(
                f"{asked} should be {wanted}{why and f' ({why})'}; "
                f"it was {response.status_code}: {response.text[:500]}"
            )

    def assert_not_kept(self, secret, database, why="keep a hash of it"):
        """Check that a secret is nowhere in the bytes of a database."""
        if secret in database:
            self.fail(f"the database should not hold {secret!r}: {why}")

    def place_of(self, response):
        """Return where an answer's Location leads."""
        asked = f"{response.request.method} {response.request.path}"
        self.assertTrue(response.location, f"{asked} should answer with a Location")
        return response.location


class UserTestCase(Statuses, ApiTestCase):
    """Users who prove who they are; no password has been checked yet."""

    def setUp(self):
        super().setUp()
        forget_passwords()

    def add_user(self, name, password=PASSWORD, role="member"):
        with self.app.app_context(), writing():
            add_user(name, role, password)

    def set_role(self, name, role):
        with self.app.app_context(), writing():
            db.session.get(User, name).role = role

    def set_password(self, name, password):
        self.run_command("set-password", name, "--password", password)

    def delete_user(self, name):
        with self.app.app_context(), writing():
            db.session.delete(db.session.get(User, name))

    def run_command(self, *arguments, typed=""):
        """Run a command of `flask`; a defect of it is shown as it is."""
        runner = self.app.test_cli_runner(catch_exceptions=False)
        return runner.invoke(args=arguments, input=typed)

    def kept_hashes(self):
        """Return what is kept of each user's password, by name."""
        with self.app.app_context():
            kept = select(Credential.user_name, Credential.password_hash)
            return dict(db.session.execute(kept).all())

    def put_favourites(self, headers=None, client=None, **members):
        """Ask for a watchlist, as any user may; its owner is who the API thinks is asking."""
        body = {"title": "Favourites"} | members
        return (client or self.client).put(FAVOURITES, json=body, headers=headers)

    def count_slow_checks(self, check=check_password_hash):
        """Return what notes how often a password is checked, which is what takes the time."""
        return self.enterContext(patch(SLOW_CHECK, wraps=check))

    def later(self, seconds):
        """Let time pass."""
        for clock in CLOCKS:
            self.enterContext(patch(clock, return_value=resolve_name(clock)() + seconds))

    def assert_asked_by(self, name, response):
        """Check that the API knew who was asking for a new watchlist."""
        self.assert_status(response, 201, f"{name} should be known, and be let in")
        self.assertEqual(told(response, "owner"), name, "the owner should be who is asking")

    def assert_unauthorized(self, response):
        """Check that an answer is a 401 that tells how to prove who is asking."""
        self.assert_status(response, 401, "nothing proves who is asking")
        self.assert_problem(response, 401, "Unauthorized")
        self.assertIn(
            "basic", challenges(response), "each 401 should name Basic in WWW-Authenticate"
        )

    def assert_forbidden(self, response, *names):
        """Check that an answer is a 403 that names what is missing."""
        self.assert_status(response, 403, "who is asking is known, and may not do this")
        self.assert_problem(response, 403, "Forbidden")
        for name in names:
            self.assertIn(name, told(response, "detail"), "detail should name what is missing")


class FailedLoginsTestCase(UserTestCase):
    """Three wrong passwords a minute are allowed, and none has been sent yet."""

    settings = FEW

    def setUp(self):
        super().setUp()
        self.later(3600 * next(HOURS))

"""5.b Token authentication, done by Flask-Security: what it brings, how it differs from ours."""

import ast
import re
import sys
from datetime import timedelta
from importlib.metadata import requires
from pathlib import Path
from tempfile import TemporaryDirectory
from time import time
from unittest import TestCase
from unittest.mock import patch

from cinema.users.sessions import now
from flask.cli import ScriptInfo
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import event

from tests import ALICE, METROPOLIS, PASSWORD, ApiTestCase
from tests.lesson import made_in

with made_in("5.b"):
    import with_flask_security
    from cinema.api import account
    from cinema.users import tokens
    from cinema.users.authentication import api_token
    from with_flask_security.app import create_app
    from with_flask_security.models import User, db, users

CHAPTER = Path(with_flask_security.__file__).parents[1]
LESSON = (CHAPTER / "README.md", *CHAPTER.glob("lessons/*.md"))
SECRETS = {
    "SECRET_KEY": "the secret of the tests, which is long enough",
    "SECURITY_PASSWORD_SALT": "the salt of the tests",
    "PASSWORD": PASSWORD,
}
QUICK = {"SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": {"argon2__rounds": 1, "argon2__memory_cost": 32}}
IN_MEMORY = {"SQLALCHEMY_DATABASE_URI": "sqlite://"}
NEW_PASSWORD = "the wind has changed its mind"
PACKAGES = {
    "email-validator",
    "flask-login",
    "flask-principal",
    "flask-wtf",
    "libpass",
    "wtforms",
}


class FlaskSecurityTestCase(TestCase):
    """An application of Flask-Security, with alice, an editor, and bob, a member."""

    def start(self, **settings):
        app = create_app(SECRETS | QUICK | IN_MEMORY | settings)
        with app.app_context():
            self.addCleanup(db.engine.dispose)
        return app

    def setUp(self):
        super().setUp()
        self.other = self.start()
        self.program = self.other.test_client(use_cookies=False)

    def log_in(self, name="alice", password=PASSWORD, client=None):
        credentials = {"email": f"{name}@cinema.example", "password": password}
        return (client or self.program).post("/login?include_auth_token", json=credentials)

    def token_of(self, name="alice"):
        return self.log_in(name).json["response"]["user"]["authentication_token"]

    def header_of(self, name="alice"):
        return {"Authentication-Token": self.token_of(name)}

    def try_it(self, header, client=None):
        """Return the status of a change that needs movies:write."""
        client = client or self.program
        return client.post("/movies", json={"title": "Metropolis"}, headers=header).status_code

    def change_password(self, header, client=None, current=PASSWORD):
        names = ("password", "new_password", "new_password_confirm")
        body = dict(zip(names, (current, NEW_PASSWORD, NEW_PASSWORD), strict=True))
        return (client or self.program).post("/change", json=body, headers=header)

    def it_is_later(self, **by):
        """Let the clock that signs and checks be ahead."""
        later = int(time() + timedelta(**by).total_seconds())
        clock = "itsdangerous.timed.TimestampSigner.get_timestamp"
        self.enterContext(patch(clock, return_value=later))


class AppTest(FlaskSecurityTestCase):
    def test_login_gives_a_token_that_nobody_keeps(self):
        response = self.log_in()

        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.headers.get("Cache-Control"), "no-store")
        self.assertIn("authentication_token", response.json["response"]["user"])

    def test_stranger_is_not_told_who_is_a_user(self):
        wrong, unknown = self.log_in(password="wrong password"), self.log_in("nobody")

        for response in (wrong, unknown):
            self.assertEqual(response.status_code, 400)
            self.assertEqual(response.json, wrong.json)

    def test_token_says_who_is_asking(self):
        response = self.program.get("/tokens", headers=self.header_of("bob"))

        permissions = ["watchlists:read", "watchlists:write"]
        self.assertEqual(response.json, {"user": "bob@cinema.example", "permissions": permissions})

    def test_role_decides_who_adds_movies(self):
        statuses = [self.try_it(self.header_of(name)) for name in ("alice", "bob")]

        self.assertEqual((*statuses, self.try_it({})), (201, 403, 401))
        self.assertEqual(self.program.get("/movies").json, {"movies": ["Metropolis"]})

    def test_title_that_is_none_is_refused(self):
        header = self.header_of()
        for body in ({}, {"title": 7}, {"title": " "}, {"title": "x" * 301}, [], "x"):
            with self.subTest(body=body):
                response = self.program.post("/movies", json=body, headers=header)

                self.assertEqual(response.status_code, 400)

    def test_errors_have_one_shape(self):
        for method, url, status in (("GET", "/nothing", 404), ("PUT", "/movies", 405)):
            with self.subTest(status=status):
                response = self.program.open(url, method=method)

                self.assertEqual(response.status_code, status)
                self.assertEqual(response.json["meta"], {"code": status})
                self.assertNotEqual(response.json["response"]["errors"], [], "say what is wrong")
        self.assertEqual(set(response.allow), {"GET", "HEAD", "OPTIONS", "POST"})

    def test_what_is_not_a_token_is_refused(self):
        token = self.token_of()
        for text in ("", "x", token[:-1], f"{token}x", token.swapcase(), token.split(".")[0]):
            with self.subTest(text=text):
                self.assertEqual(self.try_it({"Authentication-Token": text}), 401)

    def test_token_of_who_is_locked_out_or_gone_is_refused(self):
        for lock_out in (users.deactivate_user, users.delete_user):
            with self.subTest(lock_out=lock_out.__name__):
                other = self.start()
                client = other.test_client(use_cookies=False)
                user = self.log_in(client=client).json["response"]["user"]
                header = {"Authentication-Token": user["authentication_token"]}
                self.assertEqual(self.try_it(header, client), 201)

                with other.app_context():
                    lock_out(users.find_user(email="alice@cinema.example"))
                    db.session.commit()

                self.assertEqual(self.try_it(header, client), 401)

    def test_cookie_of_the_login_opens_nothing(self):
        browser = self.other.test_client()
        self.log_in(client=browser)

        self.assertIn("with_flask_security", str(browser.get_cookie("with_flask_security")))
        self.assertEqual(self.try_it({}, browser), 401)
        self.assertEqual(self.change_password({}, browser).status_code, 401)

    def test_new_password_ends_all_tokens(self):
        first, second = self.header_of(), self.header_of()

        self.assertEqual(self.change_password(first).status_code, 200)

        self.assertEqual((self.try_it(first), self.try_it(second)), (401, 401))
        self.assertEqual(self.log_in(password=NEW_PASSWORD).status_code, 200)

    def test_token_alone_does_not_change_the_password(self):
        response = self.change_password(self.header_of(), current="a guess of mine")

        self.assertEqual(response.status_code, 400)

    def test_database_holds_no_password(self):
        with self.other.app_context():
            user = users.find_user(email="alice@cinema.example")

            self.assertRegex(user.password, r"^\$argon2id\$")


class StartTest(FlaskSecurityTestCase):
    def test_second_start_keeps_what_is_there(self):
        folder = self.enterContext(TemporaryDirectory())
        settings = {"SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder}/cinema.db"}
        client = self.start(**settings).test_client(use_cookies=False)
        token = self.log_in(client=client).json["response"]["user"]["authentication_token"]
        self.change_password({"Authentication-Token": token}, client)

        again = self.start(**settings).test_client(use_cookies=False)

        self.assertEqual(self.log_in(password=NEW_PASSWORD, client=again).status_code, 200)
        self.assertEqual(self.log_in(client=again).status_code, 400)

    def test_second_start_does_not_bring_back_a_user_who_was_deleted(self):
        folder = self.enterContext(TemporaryDirectory())
        settings = {"SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder}/users.db"}
        with self.start(**settings).app_context():
            users.delete_user(users.find_user(email="bob@cinema.example"))
            db.session.commit()

        again = self.start(**settings).test_client(use_cookies=False)

        self.assertEqual(self.log_in("bob", client=again).status_code, 400)
        self.assertEqual(self.log_in("alice", client=again).status_code, 200)

    def test_flask_finds_the_application_and_the_first_start_makes_its_secrets(self):
        defaults = patch.dict("with_flask_security.config.DEFAULTS", IN_MEMORY | QUICK)
        secret = patch(
            "with_flask_security.config.kept_secret", side_effect=lambda _app, name: name
        )
        nothing = patch.dict("os.environ", CINEMA_PASSWORD="")
        with defaults, secret, nothing:
            app = ScriptInfo("with_flask_security.app").load_app()

        with app.app_context():
            self.addCleanup(db.engine.dispose)
        self.assertEqual(app.config["SECRET_KEY"], "with_flask_security_secret")
        self.assertEqual(app.config["SECURITY_PASSWORD_SALT"], "with_flask_security_salt")
        self.assertEqual(app.config["PASSWORD"], "password")


class ComparisonTest(FlaskSecurityTestCase, ApiTestCase):
    """Holds what the lesson's table says: one test for each row, ours first."""

    def ours(self, **members):
        """Return a token of the cinema."""
        wanted = {"name": "Program", "scopes": ["movies:write"]} | members
        response = self.client.post("/v1/tokens", json=wanted, headers=ALICE)
        self.assertEqual(response.status_code, 201, "POST /v1/tokens should make a token")
        return response.json["token"]

    def try_ours(self, token, **request):
        headers = {"Authorization": f"Bearer {token}"}
        return self.client.post("/v1/movies", json=METROPOLIS, headers=headers, **request)

    def read_ours(self, token):
        return self.client.get("/v1/movies/1", headers={"Authorization": f"Bearer {token}"})

    def test_every_row_of_the_lesson_has_a_test(self):
        lesson = "\n".join(page.read_text("utf-8") for page in LESSON)
        table = lesson.partition("| | ours | Flask-Security")[2].split("\n\n")[0]
        rows = re.findall(r"^\| \*\*([a-z]+)\*\* \|", table, re.MULTILINE)
        tests = [name.split("_")[2] for name in vars(type(self)) if name.startswith("test_row_")]

        self.assertEqual(rows, tests)

    def test_row_storage(self):
        token, other = self.ours(), self.token_of()
        with self.other.app_context():
            kept = db.engine.raw_connection().driver_connection.serialize()
            uniquifier = users.find_user(email="alice@cinema.example").fs_uniquifier

        self.assertNotIn(token.encode(), self.database.serialize(), "a hash of it is enough")
        self.assertEqual(len(self.client.get("/v1/tokens", headers=ALICE).json["tokens"]), 1)
        self.assertNotIn(other.encode(), kept)
        _, payload = URLSafeTimedSerializer("anybody's key").loads_unsafe(other)
        self.assertEqual(payload["uid"], uniquifier, "anybody can read it; nobody can change it")

    def test_row_theft(self):
        """What a thief of the database and of SECRET_KEY can do."""
        self.ours()
        with self.other.app_context():
            stolen = users.find_user(email="alice@cinema.example").fs_uniquifier
        accomplice = self.start(PASSWORD="any other password")
        with accomplice.test_request_context():
            forged = User(fs_uniquifier=stolen).get_auth_token()

        self.assertEqual(self.try_it({"Authentication-Token": forged}), 201)
        for loot in set(re.findall(rb"[A-Za-z0-9_-]{32,}", self.database.serialize())):
            self.assertEqual(self.try_ours(f"cinema_{loot.decode()}").status_code, 401)

    def test_row_name(self):
        self.ours(name="Nightly import")

        named = self.client.get("/v1/tokens", headers=ALICE).json["tokens"]

        self.assertEqual([token["name"] for token in named], ["Nightly import"])
        about = self.program.get("/tokens", headers=self.header_of()).json
        self.assertEqual(set(about), {"user", "permissions"}, "of the token itself, nothing")

    def test_row_expiry(self):
        short, long, other = self.ours(days=1), self.ours(days=365), self.header_of()
        for days, statuses in {0: (200, 200), 1: (401, 200), 365: (401, 401)}.items():
            with patch("cinema.users.tokens.now", return_value=now() + timedelta(days=days)):
                answers = [self.read_ours(token).status_code for token in (short, long)]

            self.assertEqual((days, *answers), (days, *statuses))
        self.assertEqual(self.try_it(other), 201)
        self.it_is_later(minutes=14)
        self.assertEqual(self.try_it(other), 201)
        self.it_is_later(minutes=16)
        self.assertEqual(self.try_it(other), 401)
        self.other.config["SECURITY_TOKEN_MAX_AGE"] = timedelta(days=1)
        self.assertEqual(self.try_it(other), 201, "one setting for all tokens, past ones included")

    def test_row_revocation(self):
        tokens, others = [self.ours(), self.ours()], [self.header_of(), self.header_of()]

        self.client.delete("/v1/tokens/1", headers=ALICE)
        response = self.program.delete("/tokens", headers=others[0])

        self.assertEqual([self.read_ours(token).status_code for token in tokens], [401, 200])
        self.assertEqual(response.status_code, 204)
        self.assertEqual([self.try_it(other) for other in others], [401, 401])

    def test_row_scope(self):
        narrow = self.ours(scopes=["watchlists:read"])

        self.assertEqual(self.try_ours(narrow).status_code, 403)
        self.assertEqual(self.try_it(self.header_of()), 201, "the token can do all that alice can")

    def test_row_state(self):
        """Both ask the database each time; one of them, what the token alone could not tell."""
        token, header, statements = self.ours(), self.header_of(), []

        def note(_connection, _cursor, statement, *_):
            statements.append(statement)

        with self.other.app_context():
            event.listen(db.engine, "before_cursor_execute", note)
            self.program.get("/tokens", headers=header)
            event.remove(db.engine, "before_cursor_execute", note)

        ours = self.statements_of("/v1/movies/1", {"Authorization": f"Bearer {token}"})
        self.assertGreater(len(ours), len(self.statements_of("/v1/movies/1")))
        self.assertIn("fs_uniquifier", "".join(statements))

    def test_row_place(self):
        """Where a token may stand in a request."""
        token, other = self.ours(), self.token_of()
        by_default = self.start(SECURITY_TOKEN_AUTHENTICATION_KEY="auth_token")
        client = by_default.test_client(use_cookies=False)
        shown = self.log_in(client=client).json["response"]["user"]["authentication_token"]

        self.assertEqual(self.try_ours(token).status_code, 201)
        self.assertEqual(self.client.get(f"/v1/tokens?auth_token={token}").status_code, 401)
        self.assertEqual(self.try_it({"Authentication-Token": other}), 201)
        self.assertEqual(self.try_it({"Authorization": f"Bearer {other}"}), 401)
        self.assertEqual(self.program.get(f"/tokens?auth_token={other}").status_code, 401)
        self.assertEqual(client.get(f"/tokens?auth_token={shown}").status_code, 200)

    def test_row_errors(self):
        ours, other = self.try_ours("cinema_x"), self.program.get("/tokens")

        self.assertEqual((ours.status_code, other.status_code), (401, 401))
        self.assertEqual(ours.mimetype, "application/problem+json")
        self.assertIn('error="invalid_token"', str(ours.headers))
        self.assertEqual(other.mimetype, "application/json")
        self.assertEqual(set(other.json), {"meta", "response"})
        self.assertNotIn("WWW-Authenticate", other.headers)

    def test_row_login(self):
        """What each brings along besides."""
        rules = {rule.rule for rule in self.other.url_map.iter_rules()}

        self.assertLessEqual({"/login", "/logout", "/change", "/verify"}, rules)

    def test_row_packages(self):
        ours = [Path(module.__file__) for module in (tokens, account.tokens, api_token)]
        imported = {
            node.module.split(".")[0] if isinstance(node, ast.ImportFrom) else node.names[0].name
            for file in ours
            for node in ast.walk(ast.parse(file.read_text("utf-8")))
            if isinstance(node, ast.Import) or (isinstance(node, ast.ImportFrom) and not node.level)
        }
        needed = [each for each in requires("flask-security") if "extra" not in each]
        names = {re.match("[A-Za-z0-9-]+", each)[0].lower() for each in needed}

        self.assertEqual(imported - sys.stdlib_module_names, {"flask", "sqlalchemy", "werkzeug"})
        self.assertEqual(names - {"flask", "markupsafe"}, PACKAGES)

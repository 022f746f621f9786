"""5.d2 OAuth grants: what was allowed by OAuth ends with the password that allowed it."""

from tempfile import TemporaryDirectory
from unittest import mock

import authorization_server
import cinema
from cinema.data.database import db, writing
from cinema.users.authentication.oauth_keys import IssuerKeys
from cinema.users.commands import add_user
from cinema.users.passwords import change_password
from cinema.users.user import User
from joserfc.jwk import KeySet
from sqlalchemy import text

from tests import basic
from tests.lesson import made_in
from tests.oauth import (
    PASSWORD,
    SETTINGS,
    OAuthTestCase,
    add_users_and_clients,
    dispose,
    parameters_of,
)
from tests.seams import by_another, overtaken_by

with made_in("5.d2"):
    from cinema.users.credentials import stored

NEW = "a sled named Rosebud"


class GrantTestCase(OAuthTestCase):
    """Users with grants, who get another password."""

    def change_password(self, name="alice", password=NEW):
        with self.app.app_context():
            change_password(name, password)

    def allow_by(self, password):
        """Log in by a password, and consent; return the refresh token that the client gets."""
        self.log_in(password=password)
        answer = self.submit(self.ask(), "/authorize", {"decision": "allow"})
        self.assertIn("code", parameters_of(answer), "the client should get a code")
        traded = self.trade(parameters_of(answer)["code"])
        self.assertIn("refresh_token", traded.json, "and for the code tokens")
        return traded.json["refresh_token"]

    def assert_must_log_in(self):
        self.assertIn("Log in", self.ask().text, "this browser should be nobody's any more")


class NewPasswordTest(GrantTestCase):
    """Who had the old password is out, and so is every program that they have let in."""

    def test_refresh_token_is_refused(self):
        first = self.get_tokens()["refresh_token"]
        second = self.refresh(first).json["refresh_token"]

        self.change_password()

        self.assert_error(self.refresh(second), 400, "invalid_grant")
        self.assert_error(self.refresh(first), 400, "invalid_grant")

    def test_code_that_is_still_unused_is_refused(self):
        code = self.get_code()

        self.change_password()

        self.assert_error(self.trade(code), 400, "invalid_grant")

    def test_login_at_the_authorization_server_ends(self):
        self.log_in()

        self.change_password()

        self.assert_must_log_in()

    def test_consent_that_was_being_given_leads_to_the_login(self):
        self.log_in()
        page = self.ask()

        self.change_password()
        answer = self.submit(page, "/authorize", {"decision": "allow"})

        self.assertEqual(answer.status_code, 303)
        self.assertNotIn("code", parameters_of(answer))
        self.assertEqual((answer.location or "").partition("?")[0], "/authorize")
        self.assert_must_log_in()

    def test_user_is_asked_anew_and_can_allow_it_again(self):
        self.get_tokens()

        self.change_password()
        by_the_old_password = self.log_in()
        token = self.allow_by(NEW)

        self.assertNotEqual(by_the_old_password.status_code, 303, "this should not log in")
        self.assertEqual(self.refresh(token).status_code, 200)

    def test_introspection_knows_at_once(self):
        tokens = self.get_tokens()

        self.change_password()

        for kind in ("access_token", "refresh_token"):
            with self.subTest(kind):
                self.assertEqual(self.introspect(tokens[kind]), {"active": False})

    def test_client_can_still_take_its_token_back(self):
        token = self.get_tokens()["refresh_token"]

        self.change_password()
        form = {"client_id": "movie-night", "token": token}
        answer = self.client.post("/revoke", data=form)

        self.assertEqual(answer.status_code, 200)
        with self.app.app_context():
            left = db.session.scalar(text("SELECT count(*) FROM oauth_consent"))
        self.assertEqual(left, 0, "nothing of the consent should be left")

    def test_what_other_users_have_allowed_goes_on(self):
        token = self.get_tokens(name="bob")["refresh_token"]

        self.change_password("alice")

        self.assertEqual(self.refresh(token).status_code, 200)

    def test_program_that_acts_for_itself_goes_on(self):
        token = self.ask_as_robot().json["access_token"]

        self.change_password()

        self.assertIs(self.introspect(token).get("active"), True, "this is no user's token")
        self.assertEqual(self.ask_as_robot().status_code, 200)

    def test_stronger_hash_of_the_same_password_ends_nothing(self):
        token = self.get_tokens()["refresh_token"]

        with mock.patch.dict(self.app.config, ARGON2_TIME_COST=2):
            self.log_in()

        self.assertEqual(self.refresh(token).status_code, 200)

    def test_new_user_of_the_same_name_has_allowed_nothing(self):
        code, token = self.get_code(), self.get_tokens()["refresh_token"]
        self.log_in()
        with self.app.app_context(), writing():
            db.session.delete(db.session.get(User, "alice"))
        with self.app.app_context(), writing():
            add_user("alice", "editor", NEW)

        self.assert_error(self.trade(code), 400, "invalid_grant")
        self.assert_error(self.refresh(token), 400, "invalid_grant")
        self.assert_must_log_in()

    def test_refresh_token_of_a_user_who_is_gone_is_refused(self):
        token = self.get_tokens()["refresh_token"]
        with self.app.app_context(), writing():
            db.session.delete(db.session.get(User, "alice"))

        self.assert_error(self.refresh(token), 400, "invalid_grant")

    def test_login_that_does_not_say_by_which_password_is_none(self):
        """Chapter 4's cookies did not; where its secret stays, they come for ten more minutes."""
        self.log_in()
        with self.browser.session_transaction() as session:
            for name in set(session) - {"user", "until"}:
                del session[name]

        self.assert_must_log_in()

    def test_attack_of_a_thief_who_lets_his_own_program_in(self):
        """He comes by a stolen password, and again when its owner has changed it."""
        token = self.allow_by(PASSWORD)

        self.change_password()

        self.assert_error(self.refresh(token), 400, "invalid_grant")


class OvertakenTest(GrantTestCase):
    """Looks inside: a change comes while somebody logs in, or consents, by the old password.

    The seams are `verify` and `set_password` of what stores the passwords, and `writing`.
    """

    def setUp(self):
        super().setUp()
        self.change_password(password=PASSWORD)  # nobody has come by it yet

    def test_login_that_is_overtaken_is_none(self):
        verify = stored.verify

        def verify_and_be_overtaken(*values):
            right = verify(*values)
            by_another(self.change_password)
            return right

        with mock.patch.object(stored, "verify", verify_and_be_overtaken):
            self.log_in()

        self.assert_must_log_in()

    def test_consent_that_is_overtaken_gives_a_code_that_is_worth_nothing(self):
        self.log_in()
        page = self.ask()

        with overtaken_by(self.change_password, self.app):
            answer = self.submit(page, "/authorize", {"decision": "allow"})

        if "code" in parameters_of(answer):
            code = parameters_of(answer)["code"]
            self.assert_error(self.trade(code), 400, "invalid_grant")
        self.assert_must_log_in()

    def test_consent_in_the_midst_of_a_change_ends_with_it(self):
        """The old password still counts, but its end has begun."""
        tokens, set_password = [], stored.set_password

        def be_slow(name, password):
            tokens.append(by_another(self.get_tokens)["refresh_token"])
            set_password(name, password)

        with mock.patch.object(stored, "set_password", be_slow):
            self.change_password()

        self.assert_error(self.refresh(tokens[0]), 400, "invalid_grant")


class WithApiTest(GrantTestCase):
    """The API and the authorization server beside it, as they are in earnest: two applications."""

    @classmethod
    def setUpClass(cls):
        """Do without the server of the other tests."""

    def setUp(self):
        folder = self.enterContext(TemporaryDirectory())
        settings = SETTINGS | {
            "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder}/cinema.db",
            "CREDENTIALS_DATABASE_URL": f"sqlite:///{folder}/credentials.db",
        }
        self.app = authorization_server.create_app(settings)
        self.api = cinema.create_app(settings)
        for app in (self.app, self.api):
            self.addCleanup(dispose, app)
        add_users_and_clients(self.app)
        self.browser = self.client = self.app.test_client()

    def test_grants_end_however_the_password_is_changed(self):
        for number, change in enumerate((self.by_version_1, self.by_version_2, self.by_command)):
            with self.subTest(change.__name__):
                old, new = (f"the password {each} of alice" for each in (number, number + 1))
                self.change_password("alice", old)
                token = self.allow_by(old)
                self.log_in(password=old)

                change(old, new)

                self.assert_error(self.refresh(token), 400, "invalid_grant")
                self.assert_must_log_in()
                self.assertEqual(self.log_in(password=new).status_code, 303)
                self.browser.delete_cookie("authorization_session")

    def by_version_1(self, old, new, url="/v1/password"):
        body = {"current": old, "new": new}
        answer = self.api.test_client().put(url, json=body, headers=basic("alice", old))
        self.assertEqual(answer.status_code, 200)

    def by_version_2(self, old, new):
        self.by_version_1(old, new, "/v2/password")

    def by_command(self, _old, new):
        result = self.api.test_cli_runner().invoke(
            args=["set-password", "alice", "--password", new]
        )
        self.assertEqual(result.exit_code, 0, result.output)

    def test_access_token_lives_to_its_end_of_five_minutes(self):
        """It proves by itself what it says; the lesson names this price."""
        token = self.get_tokens()["access_token"]
        self.change_password()
        keys = IssuerKeys("")
        key_set = KeySet.import_key_set(self.client.get("/jwks.json").json)
        public = {key.kid: key for key in key_set}
        self.enterContext(mock.patch.object(keys, "fetch", return_value=public))
        self.enterContext(mock.patch.dict(self.api.extensions, issuer_keys=keys))

        def ask():
            headers = {"Authorization": f"Bearer {token}"}
            return self.api.test_client().get("/v1/movies", headers=headers).status_code

        self.assertEqual(ask(), 200)
        self.later(301)
        self.assertEqual(ask(), 401)

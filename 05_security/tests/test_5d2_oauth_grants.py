"""5.d2 OAuth grants: what was allowed by OAuth ends with the password that allowed it."""

from tempfile import TemporaryDirectory
from unittest import mock

import authorization_server
import cinema
from authorization_server.data import consents
from authorization_server.data.resource_owners import ResourceOwner
from authorization_server.oauth.jwt_keys import token_keys
from authorization_server.pages import login
from cinema.data.database import db, writing
from cinema.users import credentials
from cinema.users.authentication.oauth_keys import IssuerKeys
from cinema.users.commands import add_user
from cinema.users.credentials import stored
from cinema.users.passwords import change_password, check_password, remembered
from cinema.users.roles import PERMISSIONS
from cinema.users.user import User
from flask import session
from sqlalchemy import select

from tests import basic
from tests.test_4a_oauth import (
    PASSWORD,
    SETTINGS,
    OAuthTestCase,
    add_users_and_clients,
    dispose,
    parameters_of,
)

NEW = "a sled named Rosebud"


def naive_resource_owner(name, *_):
    """Find a user as chapter 4 did, where nobody could change their password."""
    user = db.session.get(User, name)
    return ResourceOwner(user.name, user.stamp, PERMISSIONS[user.role])


class GrantTestCase(OAuthTestCase):
    """Users with grants, who get another password; no password has been checked yet."""

    def setUp(self):
        super().setUp()
        remembered.clear()

    def change_password(self, name="alice", password=NEW):
        with self.app.app_context():
            change_password(name, password)

    def allow_by(self, password):
        """Log in by a password, and consent; return the refresh token that the client gets."""
        self.log_in(password=password)
        answer = self.submit(self.ask(), "/authorize", {"decision": "allow"})
        return self.trade(parameters_of(answer)["code"]).json["refresh_token"]

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
        self.assertEqual(answer.location.partition("?")[0], "/authorize")
        self.assert_must_log_in()

    def test_user_is_asked_anew_and_can_allow_it_again(self):
        self.get_tokens()

        self.change_password()
        by_the_old_password = self.log_in()
        token = self.allow_by(NEW)

        self.assertEqual(by_the_old_password.status_code, 403)
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
            self.assertEqual(db.session.scalars(select(consents.Consent)).all(), [])

    def test_what_other_users_have_allowed_goes_on(self):
        code = parameters_of(self.decide("allow", name="bob"))["code"]
        token = self.trade(code).json["refresh_token"]

        self.change_password("alice")

        self.assertEqual(self.refresh(token).status_code, 200)

    def test_program_that_acts_for_itself_goes_on(self):
        token = self.ask_as_robot().json["access_token"]

        self.change_password()

        self.assertTrue(self.introspect(token)["active"])
        self.assertEqual(self.ask_as_robot().status_code, 200)

    def test_stronger_hash_of_the_same_password_ends_nothing(self):
        token = self.get_tokens()["refresh_token"]
        remembered.clear()

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

        def log_in(user):
            session["user"], session["until"] = user.name, 2**33

        with mock.patch.object(login, "log_in", log_in):
            self.log_in()

        self.assert_must_log_in()

    def test_attack_of_a_thief_who_lets_his_own_program_in(self):
        def steal(password, new):
            """Log in by a stolen password, and come back when its owner has changed it."""
            token = self.allow_by(password)
            self.change_password("alice", new)
            return self.refresh(token)

        with mock.patch.object(consents, "find_resource_owner", naive_resource_owner):
            naive = steal(PASSWORD, NEW)
        ours = steal(NEW, "another sled")

        self.assertIn("access_token", naive.json)
        self.assert_error(ours, 400, "invalid_grant")


class OvertakenTest(GrantTestCase):
    """A change that comes while somebody logs in, or consents, by the old password."""

    def test_login_that_is_overtaken_is_none(self):
        def check_and_be_overtaken(*values):
            user = check_password(*values)
            self.change_password()
            return user

        with mock.patch(
            "authorization_server.endpoints.authorize.check_password", check_and_be_overtaken
        ):
            self.log_in()

        self.assert_must_log_in()

    def test_consent_that_is_overtaken_gives_a_code_that_is_worth_nothing(self):
        def log_out_and_be_overtaken():
            session.clear()
            self.change_password()

        with mock.patch.object(login, "log_out", log_out_and_be_overtaken):
            code = self.get_code()

        self.assert_error(self.trade(code), 400, "invalid_grant")

    def test_consent_in_the_midst_of_a_change_ends_with_it(self):
        """The old password still counts, but its end has begun."""
        tokens = []

        def set_password(name, password):
            tokens.append(self.get_tokens()["refresh_token"])
            stored.set_password(name, password)

        with mock.patch.object(credentials, "set_password", set_password):
            self.change_password()

        self.assert_error(self.refresh(tokens[0]), 400, "invalid_grant")


class WithApiTest(GrantTestCase):
    """The API and the authorization server beside it, as they are in earnest: two applications."""

    @classmethod
    def setUpClass(cls):
        """Do without the server of the other tests."""

    def setUp(self):
        remembered.clear()
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
        with self.app.app_context():
            public = {key.kid: key for key in token_keys()}
        self.enterContext(mock.patch.object(keys, "fetch", return_value=public))
        self.enterContext(mock.patch.dict(self.api.extensions, issuer_keys=keys))

        def ask():
            headers = {"Authorization": f"Bearer {token}"}
            return self.api.test_client().get("/v1/movies", headers=headers).status_code

        self.assertEqual(ask(), 200)
        self.later(301)
        self.assertEqual(ask(), 401)

"""4.a1 Who is asking: nobody changes anything without proving who they are."""

import re
from unittest.mock import Mock

from cinema.users.authentication import NotAuthenticated, login_required

from tests import ALICE, basic
from tests.users import UserTestCase, challenges

SESSION = re.compile("/session$")  # who logs in is known afterwards; who is not in cannot go out
VARIABLE = re.compile("<[^>]+>")


class LoginRequiredTest(UserTestCase):
    """Who changes something must say who they are."""

    def test_every_change_needs_a_login(self):
        for rule in self.app.url_map.iter_rules():
            url = VARIABLE.sub("1", rule.rule)
            for method in rule.methods - {"GET", "HEAD", "OPTIONS"}:
                if not SESSION.search(url):
                    with self.subTest(method=method, url=url):
                        response = self.client.open(url, method=method)

                        self.assert_unauthorized(response)
        self.assert_nothing_changed()

    def test_stranger_is_refused_before_the_body_is_looked_at(self):
        response = self.client.post("/v1/movies", data="no JSON", content_type="text/plain")

        self.assert_unauthorized(response)

    def test_stranger_may_read(self):
        for url in ("/v1/movies", "/v1/movies/1", "/v1/watchlists"):
            with self.subTest(url=url):
                self.assert_status(self.client.get(url), 200)

    def test_wrong_credentials_are_refused_where_none_are_needed(self):
        for path in ("movies", "movies/1", "movies/99", "watchlists", "watchlists/x"):
            with self.subTest(path=path):
                response = self.client.get(f"/v1/{path}", headers=basic("alice", "no"))

                self.assert_unauthorized(response)

    def test_wrong_credentials_are_refused_on_every_url(self):
        rules = [rule.rule for rule in self.app.url_map.iter_rules() if "GET" in rule.methods]
        for number, path in enumerate((*rules, "/nothing", "/v1/movies/x")):
            url = VARIABLE.sub("1", path)
            with self.subTest(url=url), self.client.get(url) as of_stranger:
                response = self.client.get(url, headers=basic(f"nobody-{number}", "no"))

                self.assert_unauthorized(response)
                for each in (of_stranger, response):
                    self.assertIn("Authorization", each.vary, "caches must keep these two apart")

    def test_right_credentials_are_no_hindrance_where_none_are_needed(self):
        for path in ("/", "/v1/movies", "/v1/movies/1"):
            with self.subTest(path=path):
                self.assert_status(self.client.get(path, headers=ALICE), 200)

    def test_unknown_scheme_is_as_good_as_none(self):
        for value in ("x", "Key x", "Digest username=alice", "Basic2 x", "Bearerx x", "", " "):
            with self.subTest(value=value):
                headers = {"Authorization": value}

                self.assert_status(self.client.get("/v1/movies/1", headers=headers), 200)
                self.assert_unauthorized(self.put_favourites(headers))

    def test_head_of_a_401_has_the_challenge_and_no_body(self):
        response = self.client.head("/v1/movies/1", headers=basic("alice", "no"))

        self.assert_status(response, 401)
        self.assertEqual(response.data, b"")
        self.assertIn("basic", challenges(response), "HEAD should have the fields that GET has")


class DecoratorTest(UserTestCase):
    """`login_required`, and what it does to a view. This looks inside: at the decorator alone."""

    def test_view_does_not_run_for_a_stranger(self):
        view = Mock(__name__="view")

        with self.app.test_request_context(), self.assertRaises(NotAuthenticated):
            login_required(view)()

        view.assert_not_called()

    def test_view_runs_for_a_user_as_it_is_called(self):
        view = Mock(__name__="view", return_value="answer")

        with self.app.test_request_context(headers=ALICE):
            answer = login_required(view)(1, name="x")

        self.assertEqual(answer, "answer", "the decorator should return what the view returns")
        view.assert_called_once_with(1, name="x")

    def test_view_keeps_its_name(self):
        @login_required
        def delete_everything():
            """Delete everything."""

        self.assertEqual(delete_everything.__name__, "delete_everything", "use functools.wraps")
        self.assertEqual(delete_everything.__doc__, "Delete everything.")

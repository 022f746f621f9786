"""4.d Large projects: who may do what, by role and by scope."""

import time
from unittest.mock import patch

from joserfc import jwt
from joserfc.jwk import ECKey

from tests import ALICE, BOB, METROPOLIS, PASSWORD
from tests.large_project import CAROL, WithCarolTestCase

JSON_LD = "application/ld+json"
RIGHTS = {  # of a stranger, a member, an editor, and the owner of the watchlist, who is a member
    "GET /context": (200, 200, 200, 200),
    "GET /documentation": (200, 200, 200, 200),
    "GET /movies": (200, 200, 200, 200),
    "POST /movies": (401, 403, 201, 403),
    "GET /movies/<id:movie_id>": (200, 200, 200, 200),
    "PUT /movies/<id:movie_id>": (401, 403, 200, 403),
    "PATCH /movies/<id:movie_id>": (401, 403, 200, 403),
    "DELETE /movies/<id:movie_id>": (401, 403, 204, 403),
    "GET /watchlists": (200, 200, 200, 200),
    "GET /watchlists/<name>": (200, 200, 200, 200),
    "PUT /watchlists/<name>": (401, 403, 403, 200),
    "PATCH /watchlists/<name>": (401, 403, 403, 200),
    "DELETE /watchlists/<name>": (401, 403, 403, 204),
    "POST /session": (201, 201, 201, 201),
    "GET /session": (404, 404, 404, 404),
    "DELETE /session": (404, 404, 404, 404),
    "POST /signing-key": (401, 201, 201, 201),
    "GET /signing-key": (401, 404, 404, 404),
    "DELETE /signing-key": (401, 404, 404, 404),
    "PUT /password": (401, 200, 200, 200),
    "POST /tokens": (401, 201, 201, 201),
    "GET /tokens": (401, 200, 200, 200),
    "DELETE /tokens": (401, 204, 204, 204),
    "GET /tokens/<id:token_id>": (401, 404, 404, 404),
    "DELETE /tokens/<id:token_id>": (401, 404, 404, 404),
}
RIGHTS_IF_PRIVATE = {
    "GET /watchlists/<name>": (404, 404, 404, 200),
    "PUT /watchlists/<name>": (401, 404, 404, 200),
    "PATCH /watchlists/<name>": (401, 404, 404, 200),
    "DELETE /watchlists/<name>": (401, 404, 404, 204),
}
RIGHTS_IF_MISSING = {
    "GET /movies/<id:movie_id>": (404, 404, 404, 404),
    "PUT /movies/<id:movie_id>": (401, 403, 404, 403),
    "PATCH /movies/<id:movie_id>": (401, 403, 404, 403),
    "DELETE /movies/<id:movie_id>": (401, 403, 404, 403),
    "GET /watchlists/<name>": (404, 404, 404, 404),
    "PUT /watchlists/<name>": (401, 201, 201, 201),
    "PATCH /watchlists/<name>": (401, 404, 404, 404),
    "DELETE /watchlists/<name>": (401, 404, 404, 404),
}
BODIES = {
    "POST /movies": METROPOLIS,
    "PUT /movies/<id:movie_id>": METROPOLIS,
    "PATCH /movies/<id:movie_id>": {"title": "Rebecca, restored"},
    "PUT /watchlists/<name>": {"title": "Saturday"},
    "PATCH /watchlists/<name>": {"title": "Saturday"},
    "POST /session": {"name": "bob", "password": PASSWORD},
    "PUT /password": {"current": PASSWORD, "new": "a sled named Rosebud"},
    "POST /tokens": {"name": "a program of mine", "scopes": ["watchlists:read"]},
}


class RightsTest(WithCarolTestCase):
    USERS = {"stranger": {}, "member": BOB, "editor": ALICE, "owner": CAROL}

    def test_table_of_rights_has_every_route_of_each_version(self):
        for version in ("v1", "v2"):
            routes = {
                f"{method} {rule.rule.removeprefix(f'/{version}')}"
                for rule in self.app.url_map.iter_rules()
                for method in rule.methods - {"HEAD", "OPTIONS"}
                if rule.endpoint.startswith(f"{version}.")
            }
            with self.subTest(version=version):
                self.assertEqual(routes, set(RIGHTS), "who may do what should be said in RIGHTS")

    def test_what_is_of_no_version_can_only_be_read(self):
        for rule in self.app.url_map.iter_rules():
            if not rule.endpoint.startswith(("v1.", "v2.")):
                with self.subTest(rule=rule.rule):
                    self.assertEqual(rule.methods, {"GET", "HEAD", "OPTIONS"})

    def test_everybody_may_do_what_the_table_says_and_no_more(self):
        self.check(RIGHTS, movie_id="3", name="friday-night")

    def test_what_is_private_is_there_for_its_owner_only(self):
        self.check(RIGHTS_IF_PRIVATE, name="secret")

    def test_who_may_not_change_a_thing_is_not_told_whether_it_is_there(self):
        self.check(RIGHTS_IF_MISSING, movie_id="999", name="nothing")

    def check(self, rights, **values):
        """Try each route as each user in both versions; what is refused must change nothing."""
        for route, expected in rights.items():
            for (user, headers), status in zip(self.USERS.items(), expected, strict=True):
                for version in ("v1", "v2"):
                    with self.subTest(route=route, user=user, version=version):
                        self.setUp()

                        response = self.send(version, route, headers, values)

                        self.assertEqual(response.status_code, status)
                        if status >= 400:
                            self.assert_nothing_changed()

    def send(self, version, route, headers, values):
        method, path = route.split()
        path = path.replace("<id:movie_id>", values.get("movie_id", ""))
        path = path.replace("<name>", values.get("name", ""))
        path = path.replace("<id:token_id>", "1")
        return self.client.open(
            f"/{version}{path}", method=method, json=BODIES.get(route), headers=headers
        )

    def test_401_tells_which_credentials_would_do(self):
        response = self.client.post("/v2/movies", json=METROPOLIS)

        challenges = response.headers.getlist("WWW-Authenticate")
        self.assert_challenged(response)
        self.assertEqual({each.partition(" ")[0] for each in challenges}, {"Basic", "Bearer"})
        self.assertIn("Accept-Signature", response.headers, "a signature would do as well")

    def test_403_tells_which_permission_is_missing(self):
        response = self.client.post("/v2/movies", json=METROPOLIS, headers=BOB)

        self.assert_problem(response, 403, "Forbidden")
        self.assertEqual(response.json["detail"], "This needs the permission movies:write.")
        self.assertNotIn("WWW-Authenticate", response.headers, "other credentials would not help")

    def test_403_tells_whose_watchlist_it_is(self):
        response = self.client.delete("/v2/watchlists/friday-night", headers=BOB)

        self.assert_problem(response, 403, "Forbidden")
        self.assertEqual(response.json["detail"], "This belongs to carol.")

    def test_refusal_comes_before_anything_that_is_wrong_with_the_body(self):
        for headers, status in (({}, 401), (BOB, 403)):
            with self.subTest(status=status):
                response = self.client.post("/v1/movies", data=b"{", headers=headers)

                self.assertEqual(response.status_code, status)


class ScopeTest(WithCarolTestCase):
    """Tokens may less than the user who has given them away."""

    KEY = ECKey.generate_key("P-256")

    def setUp(self):
        super().setUp()
        keys = self.app.extensions["issuer_keys"]
        self.enterContext(patch.object(keys, "find", return_value=self.KEY))

    def token(self, scope, sub="carol"):
        claims = {
            "iss": self.app.config["AUTHORIZATION_SERVER_URL"],
            "aud": self.app.config["AUDIENCE"],
            "exp": int(time.time()) + 60,
            "sub": sub,
            "client_id": "a-program",
            "scope": scope,
        }
        token = jwt.encode({"alg": "ES256", "typ": "at+jwt"}, claims, self.KEY)
        return {"Authorization": f"Bearer {token}"}

    def test_private_watchlist_is_there_for_tokens_that_may_read_it(self):
        for scope, seen in {
            "watchlists:read": 2,
            "watchlists:read watchlists:write": 2,
            "watchlists:write": 1,
            "movies:write": 1,
            "another": 1,
        }.items():
            for version in ("v1", "v2"):
                with self.subTest(scope=scope, version=version):
                    headers = self.token(scope)

                    one = self.client.get(f"/{version}/watchlists/secret", headers=headers)
                    many = self.client.get(f"/{version}/watchlists", headers=headers)

                    self.assertEqual(one.status_code, 200 if seen == 2 else 404)
                    self.assertEqual(len(many.json["watchlists"]), seen)

    def test_token_that_may_only_read_changes_nothing_and_is_told_what_it_lacks(self):
        response = self.client.delete(
            "/v1/watchlists/friday-night", headers=self.token("watchlists:read")
        )

        self.assert_problem(response, 403, "Forbidden")
        challenge = response.headers.get("WWW-Authenticate", "")
        self.assertIn('error="insufficient_scope", scope="watchlists:write"', challenge)
        self.assert_nothing_changed()

    def test_scope_gives_nobody_more_than_their_role(self):
        response = self.client.delete("/v1/movies/3", headers=self.token("movies:write"))

        self.assert_problem(response, 403, "Forbidden")
        self.assert_nothing_changed()

    def test_json_ld_offers_what_this_token_may_do(self):
        for scope, offered in {"watchlists:read": 0, "watchlists:write": 3}.items():
            with self.subTest(scope=scope):
                response = self.client.get(
                    "/v2/watchlists/friday-night", headers=self.token(scope) | {"Accept": JSON_LD}
                )

                self.assertEqual(len(response.json["operation"]), offered)

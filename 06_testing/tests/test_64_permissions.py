"""6.4 Permissions: who may do what is one table, and each cell of it is asked.

The table is complete by construction: of a route that has no row in it, a test says which to write.
"""

from cinema.data.database import writing
from cinema.users.commands import add_user
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

from . import ALICE, BOB, METROPOLIS, PASSWORD, ApiTestCase
from .credentials import bearer, new_key, own_token
from .routes import routes_of

# Carol owns the watchlists "public" and "private". The owner is she, logged in with a browser; the
# program is hers, with a token that may only read; the member is Bob, to whom nothing belongs.
RIGHTS = """
                                               stranger  member  owner  program  editor
GET     /                                           200     200    200      200     200
GET     /docs                                       200     200    200      200     200
GET     /docs/docs.js                               200     200    200      200     200
GET     /docs/swagger-ui/swagger-ui.css             200     200    200      200     200
GET     /errors                                     200     200    200      200     200
GET     /errors/not-found                           200     200    200      200     200
GET     /openapi.yaml                               200     200    200      200     200
GET     /.well-known/oauth-protected-resource       200     200    200      200     200
GET     /v*/context                                 200     200    200      200     200
GET     /v*/documentation                           200     200    200      200     200

GET     /v*/movies                                  200     200    200      200     200
POST    /v*/movies                                  401     403    403      403     201
GET     /v*/movies/3                                200     200    200      200     200
PUT     /v*/movies/3                                401     403    403      403     200
PATCH   /v*/movies/3                                401     403    403      403     200
DELETE  /v*/movies/3                                401     403    403      403     204
GET     /v*/movies/9                                404     404    404      404     404
PUT     /v*/movies/9                                401     403    403      403     404
PATCH   /v*/movies/9                                401     403    403      403     404
DELETE  /v*/movies/9                                401     403    403      403     404

GET     /v*/watchlists                              200     200    200      200     200
GET     /v*/watchlists/public                       200     200    200      200     200
PUT     /v*/watchlists/public                       401     403    200      403     403
PATCH   /v*/watchlists/public                       401     403    200      403     403
DELETE  /v*/watchlists/public                       401     403    204      403     403
GET     /v*/watchlists/private                      404     404    200      200     404
PUT     /v*/watchlists/private                      401     404    200      403     404
PATCH   /v*/watchlists/private                      401     404    200      403     404
DELETE  /v*/watchlists/private                      401     404    204      403     404
GET     /v*/watchlists/none                         404     404    404      404     404
PUT     /v*/watchlists/none                         401     201    201      403     201
PATCH   /v*/watchlists/none                         401     404    404      403     404
DELETE  /v*/watchlists/none                         401     404    404      403     404

POST    /v*/session                                 201     201    201      201     201
GET     /v*/session                                 404     404    200      404     404
DELETE  /v*/session                                 404     404    204      404     404
PUT     /v*/password                                401     200    200      403     200
POST    /v*/signing-key                             401     201    201      403     201
GET     /v*/signing-key                             401     404    200      403     404
DELETE  /v*/signing-key                             401     404    204      403     404
POST    /v*/tokens                                  401     201    201      403     201
GET     /v*/tokens                                  401     200    200      403     200
DELETE  /v*/tokens                                  401     204    204      403     204
GET     /v*/tokens/1                                401     404    200      403     404
DELETE  /v*/tokens/1                                401     404    204      403     404
"""
VERSIONS = ("v1", "v2")  # "v*" is each of them
LIST = {"title": "Saturday"}
BODIES = {
    "POST /v*/movies": METROPOLIS,
    "PUT /v*/movies/3": METROPOLIS,
    "PUT /v*/movies/9": METROPOLIS,
    "PUT /v*/watchlists/public": LIST,
    "PUT /v*/watchlists/private": LIST,
    "PUT /v*/watchlists/none": LIST,
    "POST /v*/session": {"name": "bob", "password": PASSWORD},
    "PUT /v*/password": {"current": PASSWORD, "new": "a sled named Rosebud"},
    "POST /v*/tokens": {"name": "a program", "scopes": ["watchlists:read"]},
}
OPEN_TO_ALL = {"POST /v1/session", "POST /v2/session"}  # but for who has a wrong password


def read(table):
    """Return the actors, and for each "METHOD path" how each of them is answered."""
    heading, *rows = (line.split() for line in table.splitlines() if line)
    return heading, {f"{row[0]} {row[1]}": [int(status) for status in row[2:]] for row in rows}


ACTORS, ANSWERS = read(RIGHTS)


def route_of(url_map, request):
    """Return the route that a request would take; if there is none, the request itself."""
    method, path = request.split()
    try:
        rule, _ = url_map.bind("localhost").match(path, method, return_rule=True)
    except HTTPException:
        return request
    return f"{method} {rule.rule}"


def requests_of(row):
    return {row.replace("v*", version) for version in VERSIONS}


def rows_to_write(url_map):
    """Return, for each route without a row, the beginning of one."""
    known = {route_of(url_map, request) for row in ANSWERS for request in requests_of(row)}
    cells = " ".join(f"{actor}?" for actor in ACTORS)
    return [f"{route} {cells}" for route in sorted(routes_of(url_map) - known)]


class PermissionsTestCase(ApiTestCase):
    """Everybody who is in the table, and what is Carol's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls.app.app_context(), writing():
            add_user("carol", "member", PASSWORD)
        browser = cls.app.test_client()
        login = browser.post("/v1/session", json={"name": "carol", "password": PASSWORD})
        cls.cookie = browser.get_cookie("session").value
        cls.headers = {
            "stranger": {},
            "member": BOB,
            "owner": {"X-CSRF-Token": login.json["csrf_token"]},
            "program": bearer(own_token(cls.app, "carol", ["watchlists:read"])),
            "editor": ALICE,
        }
        new_key(cls.app, "carol")
        for name in ("public", "private"):
            body = {"title": "Friday", "private": name == "private"}
            browser.put(f"/v1/watchlists/{name}", json=body, headers=cls.headers["owner"])
        cls.snapshot = cls.database.serialize()

    def ask(self, actor, request, **body):
        """Return how somebody is answered."""
        method, path = request.split()
        client = self.app.test_client()
        if actor == "owner":
            client.set_cookie("session", self.cookie)
        return client.open(path, method=method, headers=self.headers[actor], **body)


class TableTest(PermissionsTestCase):
    """The table has all routes, and of each route what is allowed and what is refused."""

    def test_every_route_has_a_row(self):
        self.assertEqual(rows_to_write(self.app.url_map), [], "write who may do this into RIGHTS")

    def test_every_row_has_a_route(self):
        asked = {
            route_of(self.app.url_map, request) for row in ANSWERS for request in requests_of(row)
        }

        nowhere = asked - routes_of(self.app.url_map)
        self.assertEqual(nowhere, set(), "nothing answers these rows")

    def test_route_without_a_row_is_named_with_the_row_to_write(self):
        rules = [rule.empty() for rule in self.app.url_map.iter_rules()]
        rules.append(Rule("/v2/reviews/<name>", endpoint="put_review", methods=["PUT"]))

        rows = rows_to_write(Map(rules, converters=self.app.url_map.converters))

        row = "PUT /v2/reviews/<name> stranger? member? owner? program? editor?"
        self.assertEqual(rows, [row])

    def test_every_row_has_a_cell_for_everybody(self):
        for row, statuses in ANSWERS.items():
            with self.subTest(row):
                self.assertEqual(len(statuses), len(ACTORS))

    def test_every_route_is_allowed_to_somebody_and_every_change_refused_to_somebody(self):
        answers = {}
        for row, statuses in ANSWERS.items():
            for request in requests_of(row):
                route = route_of(self.app.url_map, request)
                answers.setdefault(route, set()).update(statuses)
        for route, statuses in answers.items():
            with self.subTest(route):
                self.assertLess(min(statuses), 300, "what nobody may do proves no right")
                if not route.startswith("GET") and route not in OPEN_TO_ALL:
                    self.assertGreaterEqual(max(statuses), 401, "what all may do proves no limit")


class EveryCellTest(PermissionsTestCase):
    """Who may do what, and that a refusal is a refusal: nothing has changed."""

    def test_stranger(self):
        self.check("stranger")

    def test_member(self):
        self.check("member")

    def test_owner(self):
        self.check("owner")

    def test_program(self):
        self.check("program")

    def test_editor(self):
        self.check("editor")

    def check(self, actor):
        for row, statuses in ANSWERS.items():
            for request in requests_of(row):
                with self.subTest(request):
                    self.check_cell(actor, request, row, statuses[ACTORS.index(actor)])

    def check_cell(self, actor, request, row, status):
        self.begin_again()  # else a refusal that fails would spoil the cells that follow
        body = BODIES.get(row, LIST if row.startswith("PATCH") else None)

        with self.ask(actor, request, json=body) as response:
            self.assertEqual(response.status_code, status)

        if status == 401:
            self.assert_challenged(response)
        if status >= 400:
            self.assertEqual(response.mimetype, "application/problem+json")
            self.assert_nothing_changed()


class RefusalTest(PermissionsTestCase):
    """401: say who you are. 403: we know, and you may not. 404: you need not even know."""

    def test_refusal_comes_before_anything_that_is_wrong_with_the_request(self):
        for actor, status in (("stranger", 401), ("member", 403), ("editor", 400)):
            with self.subTest(actor):
                no_json = {"data": b"{", "content_type": "application/json"}

                response = self.ask(actor, "POST /v1/movies", **no_json)

                self.assertEqual(response.status_code, status)

    def test_403_says_what_is_missing(self):
        for actor, request, detail in (
            ("member", "DELETE /v1/movies/3", "This needs the permission movies:write."),
            ("member", "DELETE /v1/watchlists/public", "This belongs to carol."),
            ("editor", "DELETE /v1/watchlists/public", "This belongs to carol."),
            ("program", "DELETE /v1/tokens", "A token is not enough for this: log in yourself."),
        ):
            with self.subTest(actor=actor, request=request):
                response = self.ask(actor, request)

                self.assert_problem(response, 403, "Forbidden")
                self.assertEqual(response.json["detail"], detail)
                self.assertNotIn("WWW-Authenticate", response.headers, "no login would help")

    def test_program_is_told_the_scope_that_it_lacks(self):
        response = self.ask("program", "DELETE /v1/watchlists/public")

        self.assert_problem(response, 403, "Forbidden")
        challenge = response.headers.get("WWW-Authenticate")
        self.assertIn('error="insufficient_scope", scope="watchlists:write"', challenge)

    def test_program_sees_what_is_private_only_if_it_may_read(self):
        for scope, status in (("watchlists:read", 200), ("watchlists:write", 404)):
            with self.subTest(scope):
                token = bearer(own_token(self.app, "carol", [scope]))

                response = self.client.get("/v1/watchlists/private", headers=token)

                self.assertEqual(response.status_code, status)

    def test_404_of_what_is_private_is_that_of_what_is_not_there(self):
        for method in ("GET", "PATCH", "DELETE"):
            with self.subTest(method):
                private, none = (
                    self.ask("member", f"{method} /v1/watchlists/{name}", json=LIST)
                    for name in ("private", "none")
                )

                self.assertEqual(private.status_code, 404)
                self.assertEqual(private.text, none.text.replace("none", "private"))
                self.assertEqual(set(private.headers.keys()), set(none.headers.keys()))

    def test_list_has_what_each_may_see(self):
        for actor, names in {
            "stranger": ["public"],
            "member": ["public"],
            "owner": ["private", "public"],
            "program": ["private", "public"],
            "editor": ["public"],
        }.items():
            for version in VERSIONS:
                with self.subTest(actor=actor, version=version):
                    body = self.ask(actor, f"GET /{version}/watchlists").json

                    self.assertEqual([each["name"] for each in body["watchlists"]], names)

    def test_nobody_gives_their_list_to_somebody_else_or_takes_one(self):
        for actor, name in (("owner", "public"), ("member", "none")):
            with self.subTest(actor):
                body = LIST | {"owner": "alice"}

                response = self.ask(actor, f"PUT /v1/watchlists/{name}", json=body)

                self.assert_problem(response, 400, "Bad Request")
                self.assertEqual(list(response.json["errors"]), ["owner"])
                self.assert_nothing_changed()

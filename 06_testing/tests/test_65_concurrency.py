"""6.5 Concurrency: many at once, on a database in a file, as a server has it.

No test here can prove that nothing goes wrong; each begins its threads together, and asks for what
must hold in whatever order they come.
"""

from collections import Counter
from functools import partial
from itertools import chain

from . import ALICE, METROPOLIS, PASSWORD, ApiTestCase, ServerTestCase, all_at_once
from .credentials import bearer, own_token
from .seams import overtaken_by

MOVIES, MOVIE, WATCHLIST = "/v1/movies", "/v1/movies/1", "/v1/watchlists/friday-night"
MANY = 8


class ConcurrencyTest(ServerTestCase):
    def setUp(self):
        super().setUp()
        self.send("POST", MOVIES, METROPOLIS)

    def send(self, method, url, body=None, **fields):
        """Ask with a client of one's own: a test client is for one thread."""
        headers = ALICE | {name.replace("_", "-"): value for name, value in fields.items()}
        return self.app.test_client().open(url, method=method, json=body, headers=headers)

    def statuses(self, *actions):
        return Counter(answer.status_code for answer in all_at_once(actions))

    def test_of_many_that_have_read_the_same_one_may_write(self):
        etag = self.send("GET", MOVIE).headers.get("ETag", "")
        changes = [{"runtime": minutes} for minutes in range(1, MANY + 1)]

        statuses = self.statuses(
            *(partial(self.send, "PATCH", MOVIE, change, If_Match=etag) for change in changes)
        )

        self.assertEqual(statuses, {200: 1, 412: MANY - 1})

    def test_no_update_is_lost_if_each_tries_again(self):
        def one_minute_more():
            while True:
                read = self.send("GET", MOVIE)
                longer = {"runtime": read.json["runtime"] + 1}
                answer = self.send("PATCH", MOVIE, longer, If_Match=read.headers.get("ETag", ""))
                if answer.status_code != 412:
                    return answer

        self.assertEqual(self.statuses(*[one_minute_more] * MANY), {200: MANY})
        self.assertEqual(self.send("GET", MOVIE).json["runtime"], METROPOLIS["runtime"] + MANY)

    def test_patches_of_different_members_are_all_done(self):
        changes = {"title": "M", "director": "Joseph Losey", "year": 1951, "runtime": 88}

        self.statuses(
            *(partial(self.send, "PATCH", MOVIE, {name: changes[name]}) for name in changes)
        )

        self.assertEqual(self.send("GET", MOVIE).json, self.rest_of_it() | changes)

    def rest_of_it(self):
        return {"id": 1, "imdb_id": METROPOLIS["imdb_id"], "url": MOVIE}

    def test_number_that_only_one_can_have_is_had_by_one(self):
        movies = [METROPOLIS | {"imdb_id": "tt0022100", "title": f"M {n}"} for n in range(MANY)]

        statuses = self.statuses(*(partial(self.send, "POST", MOVIES, movie) for movie in movies))

        self.assertEqual(statuses, {201: 1, 409: MANY - 1})
        self.assertEqual(self.send("GET", MOVIES).json["total"], 2)

    def test_idempotency_key_is_good_for_one_movie(self):
        movie = METROPOLIS | {"imdb_id": None}
        create = partial(self.send, "POST", MOVIES, movie, Idempotency_Key='"one"')

        answers = all_at_once([create] * MANY)

        created = [answer for answer in answers if answer.status_code == 201]
        in_flight = [answer for answer in answers if answer.status_code == 409]
        self.assertTrue(created, "one of them should have been the first")
        self.assertEqual({answer.location for answer in created}, {"/v1/movies/2"})
        self.assertEqual(len(created) + len(in_flight), MANY)
        self.assertEqual({answer.json["code"] for answer in in_flight} - {91}, set())
        self.assertEqual(self.send("GET", MOVIES).json["total"], 2)

    def test_watchlist_is_created_once(self):
        create = partial(self.send, "PUT", WATCHLIST, {"title": "Friday"}, If_None_Match="*")

        self.assertEqual(self.statuses(*[create] * MANY), {201: 1, 412: MANY - 1})

    def test_reader_sees_a_change_whole_or_not_at_all(self):
        old, new = METROPOLIS, {"title": "M", "director": "Losey", "year": 1951, "runtime": 88}
        new |= {"imdb_id": "tt0043766"}

        def change():
            return [self.send("PUT", MOVIE, body) for body in (new, old) * MANY]

        def read():
            return [self.send("GET", MOVIE).json for _ in range(4 * MANY)]

        _, *readings = all_at_once([change, read, read])

        for movie in chain(*readings):
            members = {name: movie[name] for name in METROPOLIS}
            self.assertIn(members, (old, new))

    def test_walk_sees_what_stays_once_while_others_come_and_go(self):
        for number in range(20):
            self.send("POST", MOVIES, METROPOLIS | {"imdb_id": None, "year": 1900 + number % 5})

        def come_and_go():
            for _ in range(MANY):
                guest = METROPOLIS | {"imdb_id": None, "year": 1902}
                self.send("DELETE", self.send("POST", MOVIES, guest).location)

        def walk():
            seen, cursor = [], ""
            while cursor is not None:
                url = f"/v2/movies?sort=year&per_page=3{cursor and '&cursor='}{cursor}"
                page = self.send("GET", url).json
                seen += [movie["id"] for movie in page["movies"]]
                cursor = page["next_cursor"]
            return seen

        _, seen = all_at_once([come_and_go, walk])

        self.assertEqual(len(seen), len(set(seen)), "no movie should be seen twice")
        self.assertLessEqual(set(range(1, 22)), set(seen), "what stays should be seen")


class OvertakenTest(ApiTestCase):
    """Looks inside: what a request has read is gone when its turn comes; the seam is `writing`."""

    MINE, SESSION = "/v1/watchlists/mine", "/v1/session"
    WRITES = (
        ("POST", MOVIES, METROPOLIS),
        ("PUT", "/v1/movies/3", METROPOLIS),
        ("PATCH", "/v1/movies/3", {"year": 1941}),
        ("DELETE", "/v1/movies/3", None),
        ("PUT", MINE, {"title": "Mine", "movies": [3]}),
        ("PATCH", MINE, {"movies": [3]}),
        ("DELETE", MINE, None),
        ("POST", "/v1/tokens", {"name": "a program", "scopes": ["movies:write"]}),
        ("DELETE", "/v1/tokens", None),
        ("DELETE", "/v1/tokens/1", None),
        ("POST", "/v1/signing-key", None),
        ("DELETE", "/v1/signing-key", None),
        ("PUT", "/v1/password", {"current": PASSWORD, "new": "a sled named Rosebud"}),
        ("POST", SESSION, {"name": "alice", "password": PASSWORD}),
        ("DELETE", SESSION, None),
    )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        browser = cls.app.test_client()
        login = browser.post(cls.SESSION, json={"name": "alice", "password": PASSWORD})
        assert login.status_code == 201, f"POST /v1/session should log in, not be {login.status}"
        cls.cookie = browser.get_cookie("session").value
        cls.csrf = {"X-CSRF-Token": login.json["csrf_token"]}
        browser.put(cls.MINE, json={"title": "Mine", "movies": [1, 3]}, headers=cls.csrf)
        browser.post("/v1/signing-key", headers=cls.csrf)
        cls.token = bearer(own_token(cls.app, "alice", ["movies:write", "watchlists:write"]))
        cls.snapshot = cls.database.serialize()

    def test_whatever_comes_in_between_is_no_defect_of_ours(self):
        others = {
            "user is deleted": partial(self.run_command, "delete-user", "alice"),
            "password is changed": partial(
                self.run_command, "set-password", "alice", "--password", "another one of hers"
            ),
            "session ends": partial(self.ask, "DELETE", self.SESSION),
            "tokens are revoked": partial(self.ask, "DELETE", "/v1/tokens"),
            "movie is deleted": partial(self.ask, "DELETE", "/v1/movies/3"),
            "list is deleted": partial(self.ask, "DELETE", self.MINE),
        }
        for what, other in others.items():
            for way in ("cookie", "token"):
                for method, url, body in self.WRITES:
                    with self.subTest(what, way=way, method=method, url=url):
                        self.begin_again()

                        response = self.ask_and_be_overtaken(other, way, method, url, body)

                        said = f"this is nobody's mistake: {response.text}"
                        self.assertLess(response.status_code, 500, said)

    def ask_and_be_overtaken(self, other, way, method, url, body):
        """Send a request; if it takes a turn, let something else be done before."""
        with overtaken_by(other, self.app, always=False):
            return self.ask(method, url, body, way)

    def ask(self, method, url, body=None, way="cookie"):
        client = self.app.test_client()
        if way == "cookie":
            client.set_cookie("session", self.cookie)
        headers = {"cookie": self.csrf, "token": self.token}[way]
        return client.open(url, method=method, json=body, headers=headers)

    def run_command(self, *words):
        return self.app.test_cli_runner().invoke(args=words)

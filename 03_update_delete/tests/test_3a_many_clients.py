"""3.a Update: clients that change the same thing at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

from cinema.data.database import db, writing
from cinema.data.models import Movie, Watchlist
from sqlalchemy import event

from tests import KEY, METROPOLIS, ServerTestCase, all_at_once

WATCHLIST = "/v1/watchlists/friday-night"
FRIDAY_NIGHT = {"title": "Friday night", "movies": [3, 1]}


class ManyClientsTestCase(ServerTestCase):
    def setUp(self):
        super().setUp()
        with self.app.app_context(), writing():
            db.session.add_all(Movie(**METROPOLIS | {"imdb_id": None}) for _ in range(4))

    def change(self, method, url, body=None):
        """Return an action that sends a change."""
        return lambda: self.app.test_client().open(url, method=method, json=body, headers=KEY)


class AllAtOnceTest(ManyClientsTestCase):
    def test_one_of_eight_that_put_the_same_new_watchlist_at_once_creates_it(self):
        responses = all_at_once([self.change("PUT", WATCHLIST, FRIDAY_NIGHT)] * 8)

        statuses = sorted(response.status_code for response in responses)
        self.assertEqual(statuses, [200] * 7 + [201])

    def test_one_of_four_that_take_the_same_imdb_id_at_once_gets_it(self):
        patch = {"imdb_id": METROPOLIS["imdb_id"]}
        urls = [f"/v1/movies/{number}" for number in range(1, 5)]

        responses = all_at_once([self.change("PATCH", url, patch) for url in urls])

        statuses = sorted(response.status_code for response in responses)
        self.assertEqual(statuses, [200] + [409] * 3)

    def test_patches_of_different_members_at_once_are_all_kept(self):
        values = {"title": "M", "director": "F. Lang", "year": 1931, "runtime": 117}
        patches = [{name: value} for name, value in values.items()]

        all_at_once([self.change("PATCH", "/v1/movies/1", patch) for patch in patches])

        movie = self.app.test_client().get("/v1/movies/1").json
        self.assertEqual(movie, {"id": 1} | values | {"imdb_id": None, "url": "/v1/movies/1"})


class WaitingTest(ManyClientsTestCase):
    """Looks inside: a change that arrives while `writing()` is another's, and has to wait."""

    def setUp(self):
        super().setUp()
        self.change("PUT", WATCHLIST, FRIDAY_NIGHT)()

    def after(self, turn, change):
        """Send a change while it is another's turn to write; return the answer it gets then."""
        waits = Event()

        def note(_connection, _cursor, statement, *_):
            if statement.startswith("BEGIN"):
                waits.set()

        with ThreadPoolExecutor(1) as thread, self.app.app_context():
            with writing():
                event.listen(db.engine, "before_cursor_execute", note)
                answer = thread.submit(change)
                waits.wait(timeout=1)
                turn()
            return answer.result()

    def delete(self, kind, key):
        """Return another's turn, in which they delete a thing."""
        return lambda: db.session.delete(db.session.get(kind, key))

    def test_patch_keeps_what_was_changed_meanwhile(self):
        def shorten():
            db.session.get(Movie, 1).runtime = 117

        response = self.after(shorten, self.change("PATCH", "/v1/movies/1", {"year": 1931}))

        self.assertEqual(response.status_code, 200, response.text)
        self.assertEqual((response.json["year"], response.json["runtime"]), (1931, 117))

    def test_patch_of_a_watchlist_keeps_what_was_changed_meanwhile(self):
        def rename():
            db.session.get(Watchlist, "friday-night").title = "Saturday"

        response = self.after(rename, self.change("PATCH", WATCHLIST, {"movies": [2]}))

        self.assertEqual(response.status_code, 200, response.text)
        self.assertEqual((response.json["title"], response.json["movies"]), ("Saturday", [2]))

    def test_put_replaces_a_watchlist_that_was_created_meanwhile(self):
        def create():
            db.session.add(Watchlist(name="sunday", title="Mine"))

        response = self.after(create, self.change("PUT", "/v1/watchlists/sunday", FRIDAY_NIGHT))

        self.assertEqual(response.status_code, 200, response.text)
        self.assertEqual(response.json["title"], "Friday night")

    def test_put_creates_a_watchlist_that_was_deleted_meanwhile(self):
        response = self.after(
            self.delete(Watchlist, "friday-night"), self.change("PUT", WATCHLIST, FRIDAY_NIGHT)
        )

        self.assertEqual(response.status_code, 201, response.text)
        self.assertEqual(response.json["title"], "Friday night")

    def test_what_was_deleted_meanwhile_is_404(self):
        for kind, key, url, methods in (
            (Movie, 1, "/v1/movies/1", ("PUT", "PATCH", "DELETE")),
            (Watchlist, "friday-night", WATCHLIST, ("PATCH", "DELETE")),
        ):
            for method in methods:
                with self.subTest(method=method, url=url):
                    self.setUp()
                    body = METROPOLIS if method == "PUT" else {"title": "Another"}

                    response = self.after(self.delete(kind, key), self.change(method, url, body))

                    self.assertEqual(response.status_code, 404, response.text)

    def test_movie_that_was_deleted_meanwhile_cannot_be_put_on_a_watchlist(self):
        for method in ("PUT", "PATCH"):
            with self.subTest(method=method):
                self.setUp()
                body = {"title": "Another", "movies": [2]}

                response = self.after(self.delete(Movie, 2), self.change(method, WATCHLIST, body))

                self.assertEqual(response.status_code, 400, response.text)

"""6.5 Concurrency: many at once, on a database in a file, as a server has it.

No test here can prove that nothing goes wrong; each begins its threads together, and asks for what
must hold in whatever order they come.
"""

from collections import Counter
from functools import partial
from itertools import chain

from . import ALICE, METROPOLIS, ServerTestCase, all_at_once

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

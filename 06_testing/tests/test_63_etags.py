"""6.3 CRUD: an ETag names a version; what is meant for another one is not done."""

from tests import ALICE, BOB, METROPOLIS, REBECCA
from tests.test_63_crud import MOVIE, MOVIES, VARY, WATCHLIST, WATCHLISTS, CrudTestCase


class ETagTest(CrudTestCase):
    """An ETag names a version: another one with every change, the same one without."""

    CHANGES = (
        ("PUT", MOVIE, METROPOLIS, ALICE),
        ("PATCH", MOVIE, {"runtime": 130}, ALICE),
        ("DELETE", MOVIE, None, ALICE),
        ("PUT", WATCHLIST, {"title": "x"}, BOB),
        ("PATCH", WATCHLIST, {"movies": [2]}, BOB),
        ("DELETE", WATCHLIST, None, BOB),
    )

    def test_etag_is_a_strong_one_of_the_version_the_type_and_the_reader(self):
        tags = [
            self.etag_of(MOVIE, headers)
            for headers in (
                {},
                {"Accept": "application/ld+json"},
                {"Accept": "text/plain"},
                ALICE,
                BOB,
            )
        ]

        self.assertEqual(len(set(tags)), 5, "two representations should not share a name")
        for tag in tags:
            self.assertRegex(tag, '^"[!#-~]+"$', "strong, in quotes, of visible ASCII")

    def test_every_change_gives_thing_and_list_another_etag(self):
        for method, url, body, user in self.CHANGES:
            with self.row(method=method, url=url):
                lists = MOVIES if url == MOVIE else WATCHLISTS
                before = self.etag_of(lists), self.etag_of(url)

                self.ask(method, url, body, user)

                self.assertNotEqual(self.etag_of(lists), before[0])
                if method != "DELETE":
                    self.assertNotEqual(self.etag_of(url), before[1])

    def test_new_movie_gives_the_list_another_etag_and_no_movie(self):
        before = self.etag_of(MOVIES), self.etag_of(MOVIE)

        self.ask("POST", MOVIES, METROPOLIS)

        self.assertNotEqual(self.etag_of(MOVIES), before[0])
        self.assertEqual(self.etag_of(MOVIE), before[1])

    def test_deleted_movie_gives_its_watchlists_another_etag(self):
        before = self.etag_of(WATCHLIST)

        self.ask("DELETE", MOVIE)

        self.assertNotEqual(self.etag_of(WATCHLIST), before)

    def test_who_has_the_version_gets_304_without_a_body(self):
        for url in (MOVIES, MOVIE, WATCHLISTS, WATCHLIST):
            etag = self.etag_of(url, {})
            for sent in (etag, f"W/{etag}", f'"x", {etag}'):
                with self.row(url=url, sent=sent):
                    response = self.client.get(url, headers={"If-None-Match": sent})

                    self.assertEqual((response.status_code, response.data), (304, b""))
                    self.assertEqual(response.headers.get("ETag"), etag)
                    self.assertEqual(response.headers.get("Vary"), VARY)
                    self.assertIn("max-age=5", response.headers.get("Cache-Control", ""))
                    self.assertNotIn("Content-Type", response.headers)

    def test_who_has_another_version_gets_this_one(self):
        of_ld = self.client.get(MOVIE, headers={"Accept": "application/ld+json"}).headers
        for sent in ('"0-json"', f'{self.etag_of(MOVIE, {})[:-1]}x"', of_ld.get("ETag")):
            with self.row(sent):
                response = self.client.get(MOVIE, headers={"If-None-Match": sent})

                self.assertEqual((response.status_code, response.json), (200, REBECCA))

    def test_after_a_change_the_old_etag_brings_the_new_body(self):
        for method, url, body, user in self.CHANGES:
            with self.row(method=method, url=url):
                if method != "DELETE":
                    etag = self.etag_of(url, user)
                    self.ask(method, url, body, user)

                    response = self.ask("GET", url, user=user, If_None_Match=etag)

                    self.assertEqual(response.status_code, 200)
                    self.assertNotIn(response.headers.get("ETag"), (etag, None))

    def test_change_that_is_meant_for_this_version_is_done(self):
        for method, url, body, user in self.CHANGES:
            with self.row(method=method, url=url):
                response = self.ask(method, url, body, user, If_Match=self.etag_of(url, user))

                self.assertIn(response.status_code, (200, 204))

    def test_version_that_was_read_in_any_way_will_do(self):
        for reader in ({}, ALICE):
            with self.row(reader):
                etag = self.etag_of(MOVIE, reader)
                response = self.ask("PATCH", MOVIE, {"year": 1941}, If_Match=etag)

                self.assertEqual(response.status_code, 200)

    def test_change_that_is_meant_for_another_version_is_412(self):
        for method, url, body, user in self.CHANGES:
            with self.row(method=method, url=url):
                weak = f"W/{self.etag_of(url, user)}"
                for sent in ('"0-json"', '"99-json"', weak, "", "nonsense"):
                    response = self.ask(method, url, body, user, If_Match=sent)

                    self.assert_refused(response, 412, "Precondition Failed", code=120)

    def test_second_of_two_who_have_read_the_same_is_412_and_nothing_is_lost(self):
        etag = self.etag_of(MOVIE)

        first = self.ask("PATCH", MOVIE, {"year": 1941}, If_Match=etag)
        second = self.ask("PATCH", MOVIE, {"year": 1942}, If_Match=etag)
        again = self.ask("PATCH", MOVIE, {"runtime": 130}, If_Match=first.headers.get("ETag", ""))

        self.assertEqual((first.status_code, again.status_code), (200, 200))
        self.assert_problem(second, 412, "Precondition Failed")
        self.assertEqual(self.client.get(MOVIE).json, REBECCA | {"year": 1941, "runtime": 130})

    def test_star_means_whatever_is_there(self):
        free = f"{WATCHLISTS}/free"
        for url, name, status in (
            (WATCHLIST, "If-Match", 200),
            (WATCHLIST, "If-None-Match", 412),
            (free, "If-Match", 412),
            (free, "If-None-Match", 201),
        ):
            with self.row(url=url, name=name):
                headers = BOB | {name: "*"}

                response = self.client.put(url, json={"title": "x"}, headers=headers)

                self.assertEqual(response.status_code, status)

    def test_read_too_may_be_meant_for_a_version(self):
        self.assertEqual(self.ask("GET", MOVIE, If_Match=self.etag_of(MOVIE)).status_code, 200)
        self.assert_problem(self.ask("GET", MOVIE, If_Match='"0-json"'), 412, "Precondition Failed")

"""4.b HTTP caching: an ETag names a version, and spares a client who has it all the rest."""

from tests import ALICE, BOB, METROPOLIS, REBECCA, SETTINGS, basic, urls_of
from tests.caching import (
    FRIDAY_NIGHT,
    JSON,
    JSON_LD,
    SATURDAY,
    SECRET,
    TEXT,
    CachingTestCase,
    nothing_is_shown,
)

NOT_VERSIONED = (  # nothing is ever written there, or its reader alone could have it
    "/context",
    "/documentation",
    "/password",
    "/session",
    "/signing-key",
    "/tokens",
    "/tokens/x",
)


class ETagTest(CachingTestCase):
    """Every answer that may change has a name for its version."""

    def test_every_route_that_can_change_has_an_etag(self):
        read_only = ("/errors", "/.well-known", "/v1/api", "/v2/api", "/docs", "/openapi")
        urls = [url for url in urls_of(self.app) if not url.startswith(read_only)]

        versioned = {url for url in urls if "ETag" in self.get(url, credentials=ALICE).headers}

        self.assertEqual(versioned, set(self.versioned))
        self.assertLessEqual(set(urls) - versioned, {"/", *self.urls(*NOT_VERSIONED)})

    def test_etag_is_strong(self):
        for url in self.versioned:
            with self.subTest(url=url):
                self.assertRegex(self.tag(url), '^"[!-~]+"$', "no W/: bytes are what it names")

    def test_each_representation_and_each_reader_has_an_etag_of_its_own(self):
        readers = (None, ALICE, BOB)
        for url in self.versioned:
            kinds = (JSON, JSON_LD, TEXT) if "movies" in url else (JSON, JSON_LD)
            with self.subTest(url=url):
                tags = {self.tag(url, accept, who) for accept in kinds for who in readers}

                self.assertEqual(len(tags), len(kinds) * len(readers))

    def test_etag_is_the_same_for_the_same(self):
        for url in self.versioned:
            with self.subTest(url=url):
                self.assertEqual(self.tag(url), self.tag(url))
                self.assertEqual(self.tag(url, JSON_LD, ALICE), self.tag(url, JSON_LD, ALICE))

    def test_head_has_the_etag_of_get(self):
        for url in self.versioned:
            with self.subTest(url=url):
                response = self.client.head(url)

                self.assertEqual(self.tag_of(response), self.tag(url))

    def test_change_to_a_movie_changes_its_tag_and_that_of_the_lists_it_is_on(self):
        for method, body in (
            ("PUT", METROPOLIS),
            ("PATCH", {"runtime": 130}),
            ("PATCH", {"imdb_id": None}),
        ):
            with self.subTest(method=method, body=body):
                before = self.tags()

                self.change(method, REBECCA["url"], body)

                changed = {url for url, tag in self.tags().items() if tag != before[url]}
                self.assertEqual(changed, set(self.urls("/movies", "/movies/3")))

    def test_change_to_a_watchlist_changes_its_tag_and_that_of_the_list(self):
        for method, body in (
            ("PUT", {"title": "Two nights", "movies": [3, 1]}),
            ("PATCH", {"title": "Three nights"}),
            ("PATCH", {"movies": [1]}),
            ("PATCH", {"private": True}),
            ("PATCH", {"private": False}),
        ):
            with self.subTest(method=method, body=body):
                before = self.tags_of_alice()

                response = self.change(method, FRIDAY_NIGHT, body)

                changed = {url for url, tag in self.tags_of_alice().items() if tag != before[url]}
                self.assertEqual(response.status_code, 200)
                self.assertEqual(
                    changed,
                    set(self.urls("/watchlists", "/watchlists/friday-night")),
                )

    def tags_of_alice(self):
        return {url: self.tag(url, credentials=ALICE) for url in (*self.versioned, SATURDAY)}

    def test_new_movie_changes_the_tags_of_the_lists_of_movies_only(self):
        before = self.tags()

        self.create_movie()

        changed = {url for url, tag in self.tags().items() if tag != before[url]}
        self.assertEqual(changed, set(self.urls("/movies")))

    def test_deleted_movie_changes_the_watchlists_that_it_was_on(self):
        before = self.tags()

        self.change("DELETE", "/v1/movies/1")

        changed = {url for url, tag in self.tags().items() if tag != before[url]}
        self.assertEqual(changed, {*self.lists, *self.urls("/watchlists/friday-night")})

    def test_deleted_movie_that_was_on_no_watchlist_changes_the_lists_of_movies_only(self):
        movie = self.change("POST", "/v1/movies", METROPOLIS)
        before = self.tags()

        self.change("DELETE", movie.headers.get("Location"))

        changed = {url for url, tag in self.tags().items() if tag != before[url]}
        self.assertEqual(changed, set(self.urls("/movies")))

    def test_watchlist_that_was_deleted_and_made_again_has_another_tag(self):
        before = self.tag(SATURDAY)
        self.change("DELETE", SATURDAY)

        self.put(SATURDAY, ALICE, title="Saturday", movies=[2])

        self.assertNotEqual(self.tag(SATURDAY), before)

    def test_change_that_changes_nothing_keeps_every_tag(self):
        friday = {"title": "Two nights", "movies": [1, 3], "private": False}
        for method, url, body in (
            ("PUT", REBECCA["url"], REBECCA),
            ("PATCH", REBECCA["url"], {}),
            ("PATCH", REBECCA["url"], {"runtime": REBECCA["runtime"]}),
            ("PUT", FRIDAY_NIGHT, friday),
            ("PATCH", FRIDAY_NIGHT, {}),
            ("PATCH", FRIDAY_NIGHT, {"movies": [1, 3]}),
        ):
            with self.subTest(method=method, url=url, body=body):
                before = self.tags()

                response = self.change(method, url, body)

                self.assertEqual(response.status_code, 200)
                self.assertEqual(self.tags(), before, "nothing has changed, so no tag should")

    def test_change_that_is_refused_keeps_every_tag(self):
        for method, url, body in (
            ("POST", "/v1/movies", {"title": "Metropolis"}),
            ("POST", "/v1/movies", {**METROPOLIS, "imdb_id": REBECCA["imdb_id"]}),
            ("PUT", REBECCA["url"], {}),
            ("PATCH", REBECCA["url"], {"runtime": 130, "year": 0}),
            ("PATCH", FRIDAY_NIGHT, {"movies": [999]}),
            ("DELETE", SECRET, None),
        ):
            with self.subTest(method=method, url=url, body=body):
                before = self.tags()

                response = self.change(method, url, body)

                self.assertGreaterEqual(response.status_code, 400)
                self.assertEqual(self.tags(), before)

    def test_answer_to_put_has_no_etag(self):
        """What is kept is not, to the byte, what was sent (RFC 9110, section 9.3.4)."""
        for url, body in ((REBECCA["url"], METROPOLIS), ("/v1/watchlists/new", {"title": "New"})):
            with self.subTest(url=url):
                response = self.change("PUT", url, body)

                self.assertIn(response.status_code, (200, 201))
                self.assertNotIn("ETag", response.headers)

    def test_answer_to_post_and_patch_has_the_etag_with_which_one_goes_on(self):
        self.change("PUT", "/v1/watchlists/new", {"title": "New"})
        for method, url, body in (
            ("POST", "/v1/movies", METROPOLIS),
            ("PATCH", REBECCA["url"], {"runtime": 130}),
            ("PATCH", "/v1/watchlists/new", {"title": "Newer"}),
        ):
            with self.subTest(method=method, url=url):
                response = self.change(method, url, body)

                there = response.headers.get("Location", url)
                self.assertEqual(
                    self.tag_of(response), self.tag_of(self.client.get(there, headers=ALICE))
                )


class NotModifiedTest(CachingTestCase):
    """Who has this version already gets 304, and we have had almost no work."""

    def test_known_version_is_304_for_get_and_head(self):
        for url in self.versioned:
            for method in ("GET", "HEAD"):
                with self.subTest(method=method, url=url):
                    headers = {"If-None-Match": self.tag(url)}

                    response = self.client.open(url, method=method, headers=headers)

                    self.assertEqual(response.status_code, 304)
                    self.assertEqual(response.data, b"")

    def test_304_has_the_fields_that_the_200_would_have_and_no_others(self):
        """RFC 9110, section 15.4.5; the server adds Date."""
        for url in self.versioned:
            for credentials in (None, ALICE):
                with self.subTest(url=url, credentials=credentials):
                    full = self.get(url, credentials=credentials)

                    response = self.get(
                        url, credentials=credentials, If_None_Match=self.tag_of(full)
                    )

                    self.assertEqual(
                        sorted(response.headers),
                        sorted((name, full.headers.get(name)) for name in self.fields_of_304()),
                    )

    def fields_of_304(self):
        return "Cache-Control", "ETag", "Vary"

    def test_304_to_a_reader_with_a_session_has_the_same_fields(self):
        self.client.post("/v1/session", json={"name": "bob", "password": SETTINGS["PASSWORD"]})
        full = self.get(SECRET)

        response = self.get(SECRET, If_None_Match=self.tag_of(full))

        self.assertEqual(response.status_code, 304)
        self.assertEqual(sorted(dict(response.headers)), sorted(self.fields_of_304()))

    def test_tags_are_compared_weakly_and_one_of_them_is_enough(self):
        for url in (REBECCA["url"], "/v1/movies", FRIDAY_NIGHT):
            tag = self.tag(url)
            for sent, status in (
                (tag, 304),
                (f"W/{tag}", 304),
                (f'"other", {tag}', 304),
                (f'"other",W/{tag} , "third"', 304),
                ("*", 304),
                ('"other"', 200),
                ('W/"other"', 200),
                (tag.strip('"')[:-1], 200),
                (self.tag(url, JSON_LD), 200),
                (self.tag(url, JSON, ALICE), 200),
            ):
                with self.subTest(url=url, sent=sent):
                    response = self.get(url, If_None_Match=sent)

                    self.assertEqual(response.status_code, status)

    def test_old_tag_brings_the_new_version(self):
        old = self.tag(REBECCA["url"])
        self.change("PATCH", REBECCA["url"], {"runtime": 130})

        response = self.get(REBECCA["url"], If_None_Match=old)

        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.json, REBECCA | {"runtime": 130})
        self.assertNotEqual(self.tag_of(response), old)

    def test_dates_and_ranges_are_ignored_where_nothing_has_a_date(self):
        """RFC 9110, sections 13.1.3, 13.1.4 and 14.2."""
        long_ago, one_day = "Sat, 01 Jan 2000 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"
        for headers in (
            {"If-Modified-Since": one_day},
            {"If-Unmodified-Since": long_ago},
            {"Range": "bytes=0-1"},
            {"Range": "bytes=0-1", "If-Range": self.tag(REBECCA["url"])},
        ):
            with self.subTest(headers=headers):
                response = self.client.get(REBECCA["url"], headers=headers)

                self.assertEqual(response.status_code, 200)
                self.assertEqual(response.json, REBECCA)

    def test_if_match_of_a_get_is_compared_strongly(self):
        for url in self.versioned:
            tag = self.tag(url)
            for sent, status in (
                (tag, 200),
                (f'"other", {tag}', 200),
                ("*", 200),
                ('"other"', 412),
                (f"W/{tag}", 412),
                (self.tag(url, JSON_LD), 412),
            ):
                with self.subTest(url=url, sent=sent):
                    response = self.get(url, If_Match=sent)

                    self.assertEqual(response.status_code, status)

    def test_if_match_comes_before_if_none_match(self):
        tag = self.tag(REBECCA["url"])

        stale = self.get(REBECCA["url"], If_Match='"other"', If_None_Match=tag)
        current = self.get(REBECCA["url"], If_Match=tag, If_None_Match=tag)

        self.assert_problem(stale, 412, "Precondition Failed")
        self.assertEqual(current.status_code, 304)

    def test_answer_that_is_no_200_is_the_same_with_conditions(self):
        """RFC 9110, section 13.2.1."""
        for url, headers, status in (
            ("/v1/movies/999", {}, 404),
            ("/v1/watchlists/none", {}, 404),
            (SECRET, {}, 404),
            *(
                (url, {}, 400)
                for url in self.urls("/movies?per_page=junk", "/watchlists?per_page=0")
            ),
            ("/v1/movies/3?serialize=junk", {}, 400),
            (REBECCA["url"], basic("alice", "wrong"), 401),
            (REBECCA["url"], {"Accept": "image/png"}, 406),
        ):
            for condition in ({"If-None-Match": "*"}, {"If-Match": '"stale"'}):
                with self.subTest(url=url, condition=condition):
                    response = self.client.get(url, headers=headers | condition)

                    self.assertEqual(response.status_code, status)


class NotModifiedCostTest(CachingTestCase):
    """Looks inside: the SQL statements that a 304 costs, and `serialize` of the models."""

    def test_304_costs_one_statement_at_most(self):
        for url in self.versioned:
            headers = {"If-None-Match": self.tag(url)}
            self.forget_answers()
            with self.subTest(url=url):
                statements = self.statements_of(url, headers)

                self.assertLessEqual(len(statements), 1, "the version should be all that is asked")

    def test_304_is_decided_before_anything_is_shown(self):
        for url in self.versioned:
            headers = {"If-None-Match": self.tag(url)}
            self.forget_answers()
            with self.subTest(url=url), nothing_is_shown() as shown:
                response = self.client.get(url, headers=headers)

                self.assertEqual(response.status_code, 304)
                shown.assert_not_called()

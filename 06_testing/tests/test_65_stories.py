"""6.5 Stories: any steps in any order, told to the API and to a model of it; the two must agree.

The model is two dictionaries. hypothesis makes up the stories; one that goes wrong is told again
and again, until no step can be left out, and is shown as a test that can be copied.
"""

import re

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from . import ALICE, BOB, KITTY_FOYLE, PRIDE_AND_PREJUDICE, REBECCA, cinema_of_three_movies
from .examples import EXAMPLES
from .test_65_properties import merge_patch_of_rfc_7396

# Few of each, so that steps meet: what is made by one is changed by another, and missed by a third.
ids = st.integers(1, 6)
names = st.sampled_from(("friday", "noir"))
imdb_ids = st.sampled_from((None, "tt0000001", "tt0000002"))
members = {
    "title": st.sampled_from(("M", "m", "Ms", "Ünter", "東京")),
    "director": st.sampled_from(("Lang", "Losey")),
    "year": st.integers(1939, 1941),
    "runtime": st.integers(1, 3),
    "imdb_id": imdb_ids,
}
movies = st.fixed_dictionaries(members)
movie_patches = st.fixed_dictionaries({}, optional=members)
watchlist_members = {
    "movies": st.lists(st.integers(1, 4), max_size=2, unique=True),
    "private": st.booleans(),
}
watchlists = st.fixed_dictionaries({"title": members["title"]}, optional=watchlist_members)
conditions = st.sampled_from(("none", "fresh", "stale"))
sorts = st.sampled_from(("id", "title", "year", "-year", "-title"))
sizes = st.integers(1, 3)


class Cinema(RuleBasedStateMachine):
    @initialize()
    def begin(self):
        self.app, database, snapshot = cinema_of_three_movies()
        database.deserialize(snapshot)
        for store in self.app.extensions["cache"].values():
            store.clear()
        self.client = self.app.test_client()
        first = (KITTY_FOYLE, PRIDE_AND_PREJUDICE, REBECCA)
        self.movies = {movie["id"]: movie for movie in first}
        self.watchlists = {}
        self.newest = 3
        self.read = {}  # URL -> ETag -> body
        self.walk = None
        self.put_watchlist("friday", {"title": "Friday", "movies": [3, 1]}, "none")

    # Movies

    @rule(movie=movies)
    def create_movie(self, movie):
        answer = self.send("POST", "/v1/movies", movie)

        if self.is_taken(movie["imdb_id"]):
            self.expect(answer, 409)
        else:
            self.expect(answer, 201)
            number = answer.json["id"]
            assert number > self.newest, "a number should never be given a second time"
            self.newest = number
            self.movies[number] = {"id": number, **movie, "url": f"/v1/movies/{number}"}
            self.expect(answer, 201, self.movies[number])

    @rule(number=ids, movie=movies, condition=conditions)
    def replace_movie(self, number, movie, condition):
        self.write_movie("PUT", number, movie, condition)

    @rule(number=ids, patch=movie_patches, condition=conditions)
    def change_movie(self, number, patch, condition):
        self.write_movie("PATCH", number, patch, condition)

    def write_movie(self, method, number, body, condition):
        url, known = f"/v1/movies/{number}", self.movies.get(number)
        answer = self.send(method, url, body, self.if_match(url, condition, known))

        if known is None:
            self.expect(answer, 404)
        elif condition == "stale":
            self.expect(answer, 412)
        elif self.is_taken(body.get("imdb_id"), but_by=number):
            self.expect(answer, 409)
        else:
            removed = {"imdb_id": None}
            self.movies[number] = removed | merge_patch_of_rfc_7396(known, body)
            self.expect(answer, 200, self.movies[number])
            self.disturb(number)

    @rule(number=ids, condition=conditions)
    def delete_movie(self, number, condition):
        url, known = f"/v1/movies/{number}", self.movies.get(number)
        answer = self.send("DELETE", url, None, self.if_match(url, condition, known))

        if known is None:
            self.expect(answer, 404)
        elif condition == "stale":
            self.expect(answer, 412)
        else:
            self.expect(answer, 204)
            del self.movies[number]
            self.disturb(number)
            for watchlist in self.watchlists.values():
                watchlist["movies"] = [each for each in watchlist["movies"] if each != number]

    def is_taken(self, imdb_id, but_by=None):
        return imdb_id is not None and any(
            movie["imdb_id"] == imdb_id and number != but_by
            for number, movie in self.movies.items()
        )

    # Watchlists, which belong to Alice

    @rule(name=names, watchlist=watchlists, condition=conditions)
    def put_watchlist(self, name, watchlist, condition):
        url, known = f"/v1/watchlists/{name}", self.watchlists.get(name)
        answer = self.send("PUT", url, watchlist, self.if_match(url, condition, known))

        if condition == "stale" or (condition == "fresh" and not known):
            self.expect(answer, 412)
        elif self.lacks(watchlist):
            self.expect(answer, 400)
        else:
            identity = {"name": name, "owner": "alice", "url": url}
            self.watchlists[name] = {"movies": [], "private": False} | watchlist | identity
            self.expect(answer, 200 if known else 201, self.watchlists[name])

    @rule(name=names, patch=st.fixed_dictionaries({}, optional=watchlist_members))
    def change_watchlist(self, name, patch):
        answer = self.send("PATCH", f"/v1/watchlists/{name}", patch)

        if name not in self.watchlists:
            self.expect(answer, 404)
        elif self.lacks(patch):
            self.expect(answer, 400)
        else:
            self.watchlists[name] |= patch
            self.expect(answer, 200, self.watchlists[name])

    @rule(name=names)
    def delete_watchlist(self, name):
        answer = self.send("DELETE", f"/v1/watchlists/{name}")

        self.expect(answer, 204 if self.watchlists.pop(name, None) else 404)

    @rule(name=names)
    def let_another_try_to_change_a_watchlist(self, name):
        known = self.watchlists.get(name, {"private": True})
        answer = self.send("PATCH", f"/v1/watchlists/{name}", {"title": "Bob's"}, BOB)

        self.expect(answer, 404 if known["private"] else 403)

    def lacks(self, watchlist):
        return not self.movies.keys() >= set(watchlist.get("movies", []))

    # Pages

    @rule(sort=sorts, size=sizes)
    def begin_to_walk(self, sort, size):
        url = f"/v2/movies?sort={sort}&per_page={size}"
        self.walk = {"url": url, "next": url, "there": set(self.movies), "seen": []}

    @precondition(lambda self: self.walk)
    @rule()
    def turn_the_page(self):
        page = self.send("GET", self.walk["next"]).json
        self.walk["seen"] += [movie["id"] for movie in page["movies"]]
        self.walk["next"] = f"{self.walk['url']}&cursor={page['next_cursor']}"
        if page["next_cursor"] is None:
            seen = self.walk["seen"]
            for number in self.walk["there"]:
                assert seen.count(number) == 1, f"movie {number} stayed, and should be seen once"
            self.walk = None

    def disturb(self, number):
        """A movie that others have changed meanwhile may be seen at both its places, or none."""
        if self.walk:
            self.walk["there"].discard(number)

    @rule(sort=sorts, size=sizes)
    def walk_at_once(self, sort, size):
        column, down = sort.removeprefix("-"), sort.startswith("-")
        by_id = sorted(self.movies.values(), key=lambda movie: movie["id"], reverse=down)
        expected = sorted(by_id, key=lambda movie: movie[column], reverse=down)
        expected = [movie["id"] for movie in expected]

        by_cursor = self.numbers_of(f"/v2/movies?sort={sort}&per_page={size}")
        by_number = self.numbers_of(f"/v1/movies?sort={sort}&per_page={size}")

        assert sorted(by_number) == sorted(by_cursor) == sorted(self.movies)
        assert expected == by_cursor

    def numbers_of(self, url):
        """Walk all pages, as `Link` leads from one to the next."""
        numbers = []
        while url:
            page = self.client.get(url)
            numbers += [movie["id"] for movie in page.json["movies"]]
            url = next_of(page)
        return numbers

    # What holds after each step

    @invariant()
    def movies_are_those_of_the_model(self):
        found = self.client.get("/v1/movies?per_page=100").json
        assert found["movies"] == [self.movies[number] for number in sorted(self.movies)]

    @invariant()
    def watchlists_are_those_of_the_model_for_each_reader(self):
        mine = [self.watchlists[name] for name in sorted(self.watchlists)]
        public = [watchlist for watchlist in mine if not watchlist["private"]]
        assert self.send("GET", "/v1/watchlists").json["watchlists"] == mine
        assert self.client.get("/v1/watchlists").json["watchlists"] == public
        for watchlist in mine:
            self.etag_of(watchlist["url"], watchlist)

    # How to ask

    def send(self, method, url, body=None, headers=None):
        return self.client.open(url, method=method, json=body, headers=ALICE | (headers or {}))

    def expect(self, answer, status, body=None):
        assert answer.status_code == status, f"{answer.status}, where {status} was expected"
        assert body is None or answer.json == body

    def if_match(self, url, condition, known):
        """Return a header that holds, or one that held once, or none."""
        now = self.etag_of(url, known)
        old = min({'"0-json"', *self.read[url]} - {now})
        return {"none": {}, "fresh": {"If-Match": now}, "stale": {"If-Match": old}}[condition]

    def etag_of(self, url, known):
        """Read what is there, and check that no ETag has ever been that of another body."""
        found = self.send("GET", url)
        assert found.json == known if known else found.status_code == 404
        etag = found.headers.get("ETag", '"none"')
        body = self.read.setdefault(url, {}).setdefault(etag, found.json)
        assert body == found.json, "another body should have another ETag"
        return etag


def next_of(page):
    link = re.search('<([^>]+)>; rel="next"', page.headers.get("Link", ""))
    return link and link[1]


StoriesTest = Cinema.TestCase
StoriesTest.settings = settings(
    EXAMPLES, max_examples=10, stateful_step_count=20, report_multiple_bugs=False
)

"""2.b Read: one movie or many; pages that lead to each other; dictionaries or instances."""

import re
from urllib.parse import urlencode

from cinema.api.list_query import SORTS, MovieQuery
from cinema.data.database import db, writing
from cinema.data.finders import MovieNotFound, Page, find_movie, find_movies
from cinema.data.models import Movie

from tests import KITTY_FOYLE, PRIDE_AND_PREJUDICE, REBECCA, ApiTestCase

HITCHCOCK = "Alfred Hitchcock"
MORE_MOVIES = (  # from id 4 on
    {"title": "Suspicion", "director": HITCHCOCK, "year": 1941, "runtime": 99},
    {"title": "The 39 Steps", "director": HITCHCOCK, "year": 1935, "runtime": 86},
    {"title": "Un chien andalou", "director": "Luis Buñuel", "year": 1929, "runtime": 21},
    {"title": "100% Wolf", "director": "Alexs Stadermann", "year": 2020, "runtime": 96},
    {"title": "Under_score", "director": "Sam Wood", "year": 1940, "runtime": 105},
)
JUNK = {
    "page": (
        "",
        "0",
        "-1",
        "+1",
        "01",
        "1.5",
        "1e3",
        "two",
        "٣",
        "1٣",
        "1 ",
        "1\n",
        "NaN",
        "9" * 101,
    ),
    "per_page": ("", "0", "-1", "0x10", "ten", "٣", "9" * 5_000),
    "year": ("", "40", "01940", "1e3", "-1940", "1887", "2101", "1940.0", "١٩٤٠", "9" * 5_000),
    "sort": (
        "",
        "-",
        "--id",
        "+id",
        "ID",
        "imdb_id",
        "serialize",
        "id;",
        "title,year",
        "__class__",
    ),
    "director": ("", " ", "\0", "x" * 301),
    "q": ("", " \t", "\0", "x" * 20_000),
    "serialize": ("", "True", "FALSE", "0", "no"),
}


def links_of(response):
    """Return where the answer's Link fields lead to, by relation; only to other pages."""
    fields = ", ".join(response.headers.getlist("Link"))
    return {rel: url for url, rel in re.findall('<([^>]*)>; rel="(first|prev|next|last)"', fields)}


class ReadTestCase(ApiTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls.app.app_context(), writing():
            db.session.add_all(Movie(**movie) for movie in MORE_MOVIES)
        cls.snapshot = cls.database.serialize()

    def list_movies(self, **arguments):
        return self.client.get("/v1/movies", query_string=arguments)

    def ids(self, **arguments):
        return [movie["id"] for movie in self.list_movies(**arguments).json["movies"]]


class OneMovieTest(ReadTestCase):
    def test_movie_is_found_by_its_id(self):
        for movie in (KITTY_FOYLE, PRIDE_AND_PREJUDICE, REBECCA):
            with self.subTest(title=movie["title"]):
                response = self.client.get(f"/v1/movies/{movie['id']}")

                self.assertEqual(response.status_code, 200)
                self.assertEqual(response.json, movie)

    def test_404_names_the_movie_that_is_not_there(self):
        response = self.client.get("/v1/movies/999")

        self.assert_problem(response, 404, "Not Found")
        self.assertEqual(response.json["detail"], "There is no movie 999.")

    def test_text_is_utf_8_and_not_escaped(self):
        response = self.client.get("/v1/movies/6")

        self.assertIn("Luis Buñuel".encode(), response.data)

    def test_reading_changes_nothing(self):
        for url in (
            "/",
            "/v1/movies",
            "/v1/movies?sort=-year&q=e",
            "/v1/movies/3",
            "/v1/movies/999",
        ):
            for method in ("GET", "HEAD", "OPTIONS"):
                with self.subTest(method=method, url=url):
                    self.client.open(url, method=method)

                    self.assert_nothing_changed()


class FilterTest(ReadTestCase):
    def test_director_is_matched_as_a_whole(self):
        self.assertEqual(self.ids(director=HITCHCOCK), [3, 4, 5])
        self.assertEqual(self.ids(director="Hitchcock"), [])

    def test_year_is_matched(self):
        self.assertEqual(self.ids(year=1940), [1, 2, 3, 8])

    def test_q_is_a_part_of_the_title_in_any_case(self):
        self.assertEqual(self.ids(q="re"), [2, 3, 8])
        self.assertEqual(self.ids(q="REBECCA"), [3])

    def test_percent_sign_and_underscore_stand_for_themselves(self):
        self.assertEqual(self.ids(q="%"), [7])
        self.assertEqual(self.ids(q="_"), [8])
        self.assertEqual(self.ids(q="/"), [])

    def test_filters_hold_together_and_total_counts_what_passes_them_all(self):
        response = self.list_movies(director="Sam Wood", year=1940, q="i", per_page=1)

        self.assertEqual(response.status_code, 200)
        self.assertEqual(
            response.json, {"movies": [KITTY_FOYLE], "page": 1, "per_page": 1, "total": 1}
        )

    def test_filter_that_nothing_passes_gives_an_empty_list(self):
        response = self.list_movies(year=1888)

        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.json, {"movies": [], "page": 1, "per_page": 20, "total": 0})

    def test_junk_is_400_and_named_with_the_reason(self):
        for name, values in JUNK.items():
            for value in values:
                with self.subTest(name=name, value=value[:20]):
                    response = self.list_movies(**{name: value})

                    self.assert_problem(response, 400, "Bad Request")
                    self.assertEqual(list(response.json.get("errors", ())), [name])
                    self.assertRegex(response.json["errors"][name], "^(must be|is not one of) ")

    def test_all_junk_is_named_in_one_answer(self):
        response = self.list_movies(
            page=0, per_page="many", year="x", q=" ", director="", sort="up"
        )

        self.assert_problem(response, 400, "Bad Request")
        names = ["page", "per_page", "director", "year", "q", "sort"]
        self.assertEqual(list(response.json.get("errors", ())), names)

    def test_query_that_is_not_percent_encoded_is_400_and_told_how_it_is_done(self):
        for url in ("/v1/movies", "/v1/movies/3", "/"):
            with self.subTest(url=url):
                response = self.client.get(url, query_string="q=Buñuel")

                self.assert_problem(response, 400, "Bad Request")
                self.assertIn("%C3%B4", response.json["detail"])

    def test_argument_that_is_given_twice_is_400(self):
        response = self.list_movies(page=["1", "x"], sort=["id", "id"])

        self.assert_problem(response, 400, "Bad Request")
        once = "may be given once only"
        self.assertEqual(response.json.get("errors"), {"page": once, "sort": once})

    def test_argument_that_the_api_does_not_know_does_nothing(self):
        odd = {"_external": "1", "_scheme": "ftp", "_anchor": "x", "_method": "DELETE", "id": "3"}

        response = self.list_movies(per_page=2, **odd)

        plain = self.list_movies(per_page=2)
        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.json, plain.json)
        self.assertEqual(links_of(response), links_of(plain))


class SortTest(ReadTestCase):
    def test_every_sort_goes_upwards_and_downwards_and_by_id_between_equals(self):
        movies = self.list_movies().json["movies"]
        for sort in SORTS:
            with self.subTest(sort=sort):
                name, down = sort.removeprefix("-"), sort.startswith("-")

                response = self.list_movies(sort=sort)

                in_order = sorted(movies, key=lambda movie: movie[name], reverse=down)
                self.assertEqual(response.json["movies"], in_order)

    def test_everything_but_imdb_id_can_be_sorted_by(self):
        names = {sort.removeprefix("-") for sort in SORTS}

        self.assertEqual(names, set(REBECCA) - {"imdb_id", "url"})


class PageTest(ReadTestCase):
    def test_list_says_which_part_of_all_movies_it_is(self):
        response = self.list_movies(page=2, per_page=2)

        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.json["movies"][0], REBECCA)
        self.assertEqual(
            response.json | {"movies": self.ids(page=2, per_page=2)},
            {"movies": [3, 4], "page": 2, "per_page": 2, "total": 8},
        )

    def test_page_holds_twenty_unless_asked(self):
        response = self.list_movies()

        self.assertEqual(response.json["per_page"], 20)

    def test_page_holds_a_hundred_at_most(self):
        for per_page in (100, 101, 10**99):
            with self.subTest(per_page=per_page):
                response = self.list_movies(per_page=per_page)

                self.assertEqual(response.status_code, 200)
                self.assertEqual(response.json["per_page"], 100)

    def test_page_past_the_end_is_empty_and_leads_back(self):
        for page in (4, 99, 2**63, 10**99):
            with self.subTest(page=page):
                response = self.list_movies(page=page, per_page=3)

                self.assertEqual(response.status_code, 200)
                self.assertEqual(
                    response.json, {"movies": [], "page": page, "per_page": 3, "total": 8}
                )
                self.assertEqual(links_of(response)["prev"], "/v1/movies?page=3&per_page=3")

    def test_links_lead_to_the_pages_around(self):
        around = {1: {"next": 2}, 2: {"prev": 1, "next": 3}, 3: {"prev": 2}}
        for page, others in around.items():
            with self.subTest(page=page):
                response = self.list_movies(page=page, per_page=3)

                pages = {"first": 1, "last": 3} | others
                links = {rel: f"/v1/movies?page={n}&per_page=3" for rel, n in pages.items()}
                self.assertEqual(links_of(response), links)

    def test_last_page_that_is_exactly_full_is_the_last(self):
        for per_page, last in ((1, 8), (2, 4), (4, 2), (8, 1)):
            with self.subTest(per_page=per_page):
                response = self.list_movies(page=last, per_page=per_page)

                links, url = links_of(response), f"/v1/movies?page={last}&per_page={per_page}"
                self.assertEqual(links.get("last"), url, "no empty page should follow a full one")
                self.assertNotIn("next", links)

    def test_links_keep_the_prefix_under_which_the_api_is_served(self):
        response = self.client.get("/v1/movies", base_url="http://localhost/cinema")

        self.assertEqual(links_of(response)["first"], "/cinema/v1/movies?page=1")

    def test_only_page_is_first_and_last(self):
        response = self.list_movies(year=1888)

        page = "/v1/movies?year=1888&page=1"
        self.assertEqual(links_of(response), {"first": page, "last": page})

    def test_links_ask_the_same_question(self):
        question = {"director": "Luis Buñuel", "q": "a&b=c d%", "sort": "-year", "per_page": "1"}

        response = self.list_movies(**question)

        self.assertEqual(links_of(response)["first"], f"/v1/movies?{urlencode(question)}&page=1")

    def test_walk_along_next_visits_each_movie_once_in_every_sort(self):
        for sort in SORTS:
            with self.subTest(sort=sort):
                pages = self.walk(f"/v1/movies?per_page=3&sort={sort}", "next")

                visited = [movie["id"] for page in pages for movie in page["movies"]]
                self.assertEqual(visited, self.ids(sort=sort))

    def test_walk_along_prev_comes_back_to_the_first_page(self):
        pages = self.walk("/v1/movies?per_page=3&page=3", "prev")

        self.assertEqual([page["page"] for page in pages], [3, 2, 1])

    def walk(self, url, relation):
        """Return the pages from a URL on; give up where a walk should long have ended."""
        pages = []
        while url and len(pages) < 10:
            response = self.client.get(url)
            pages.append(response.json)
            url = links_of(response).get(relation)
        return pages


class CostTest(ReadTestCase):
    """Looks inside: the SQL statements that an answer costs, as the database sees them."""

    def test_one_movie_costs_one_statement(self):
        statements = self.statements_of("/v1/movies/3")

        self.assertLessEqual(len(statements), 1, statements)

    def test_full_page_costs_two_statements_of_which_one_counts(self):
        statements = self.statements_of("/v1/movies?per_page=3")

        self.assertLessEqual(len(statements), 2, statements)

    def test_page_that_tells_the_total_is_not_counted(self):
        for url in ("/v1/movies", "/v1/movies?page=3&per_page=3", "/v1/movies?year=1888"):
            with self.subTest(url=url):
                statements = self.statements_of(url)

                self.assertLessEqual(len(statements), 1, statements)
                self.assertNotRegex(
                    " ".join(statements), "(?i)count[(]", "the page tells the total"
                )


class SerializeTest(ReadTestCase):
    """The finders give dictionaries for the wire, or instances for Python; so does the API."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.app.app_context())

    def test_find_movie_gives_a_dictionary(self):
        found = find_movie(3)

        self.assertIs(type(found), dict)
        self.assertEqual(found | {"url": REBECCA["url"]}, REBECCA)
        self.assertEqual(found, find_movie(3, serialize=True))

    def test_find_movie_gives_an_instance(self):
        found = find_movie(3, serialize=False)

        self.assertIsInstance(found, Movie)
        self.assertEqual(found.title, "Rebecca")

    def test_find_movie_raises_when_there_is_none(self):
        for serialize in (True, False):
            with self.subTest(serialize=serialize), self.assertRaises(MovieNotFound):
                find_movie(999, serialize)

    def test_find_movies_gives_a_page_of_dictionaries(self):
        page = find_movies(MovieQuery(page=3, per_page=1), serialize=True)

        self.assertEqual(page, Page([find_movie(3)], total=8))

    def test_find_movies_gives_a_page_of_instances(self):
        page = find_movies(MovieQuery(page=3, per_page=1), serialize=False)

        self.assertEqual(page, Page([find_movie(3, serialize=False)], total=8))

    def test_junk_in_serialize_is_named_with_all_other_junk(self):
        response = self.client.get("/v1/movies?page=0&serialize=maybe")

        self.assert_problem(response, 400, "Bad Request")
        self.assertEqual(set(response.json.get("errors", ())), {"page", "serialize"})

    def test_dictionary_goes_out_as_json(self):
        response = self.client.get("/v1/movies/3?serialize=true")

        self.assertEqual(response.mimetype, "application/json")
        self.assertEqual(response.json, REBECCA)

    def test_instance_goes_out_as_a_line_of_text(self):
        response = self.client.get("/v1/movies/3?serialize=false")

        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.content_type, "text/plain; charset=utf-8")
        self.assertEqual(
            response.text, "Rebecca (1940), directed by Alfred Hitchcock, 126 minutes\n"
        )

    def test_instances_go_out_as_lines_of_text_with_the_same_links(self):
        response = self.list_movies(serialize="false", per_page=2, sort="-runtime")

        self.assertEqual(response.content_type, "text/plain; charset=utf-8")
        self.assertEqual([line[:7] for line in response.text.splitlines()], ["Rebecca", "Pride a"])
        following = self.client.get(links_of(response)["next"])
        self.assertEqual(following.content_type, "text/plain; charset=utf-8")

    def test_title_with_line_breaks_stays_one_line(self):
        for line_break in ("\n", "\r\n", "\u2028", "\x85", "\x0b"):
            with self.subTest(line_break=line_break):
                created = self.create_movie(title=f"a{line_break}b", imdb_id=None)

                response = self.client.get(f"{created.location}?serialize=false")

                self.assertEqual(response.text[:10], "a b (1927)")
                self.assertEqual(len(response.text.splitlines()), 1)

    def test_junk_is_400_and_named_with_the_reason(self):
        for url in ("/v1/movies", "/v1/movies/3"):
            with self.subTest(url=url):
                response = self.client.get(f"{url}?serialize=maybe")

                self.assert_problem(response, 400, "Bad Request")
                self.assertEqual(
                    response.json.get("errors"), {"serialize": "is not one of true, false"}
                )

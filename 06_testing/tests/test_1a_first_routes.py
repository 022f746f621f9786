"""1.a First routes: the API answers with JSON, and leads from its door to each movie."""

from tests import REBECCA, ApiTestCase

URLS = ("/", "/v1/movies", "/v1/movies/3")
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE")


class FirstRoutesTest(ApiTestCase):
    def test_entry_point_leads_to_the_movies(self):
        response = self.client.get("/")

        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.json["name"], "Cinema")
        self.assertEqual(response.json["movies"], "/v1/movies")

    def test_list_holds_every_movie(self):
        response = self.client.get("/v1/movies")

        self.assertEqual(response.status_code, 200)
        self.assertEqual([movie["id"] for movie in response.json["movies"]], [1, 2, 3])
        self.assertEqual(response.json["movies"][2], REBECCA)

    def test_movie_is_found_at_its_own_url(self):
        response = self.client.get(REBECCA["url"])

        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.mimetype, "application/json")
        self.assertEqual(response.json, REBECCA)

    def test_every_listed_movie_is_found_at_its_own_url(self):
        for movie in self.client.get("/v1/movies").json["movies"]:
            with self.subTest(url=movie["url"]):
                response = self.client.get(movie["url"])

                self.assertEqual(response.json, movie)

    def test_urls_have_the_prefix_under_which_the_api_is_served(self):
        door, movies, movie = (
            self.client.get(url, base_url="http://localhost/cinema").json for url in URLS
        )

        urls = [each["url"] for each in movies["movies"]]
        self.assertEqual(door["movies"], "/cinema/v1/movies")
        self.assertEqual(urls, [f"/cinema/v1/movies/{number}" for number in (1, 2, 3)])
        self.assertEqual(movie["url"], "/cinema/v1/movies/3")


class MethodsTest(ApiTestCase):
    def test_head_has_the_fields_of_get_and_no_body(self):
        for url in URLS:
            with self.subTest(url=url):
                get = self.client.get(url)
                head = self.client.head(url)

                self.assertEqual(head.status_code, 200)
                self.assert_same_fields(head, get)
                self.assertEqual(head.data, b"", "HEAD asks for everything but the body")

    def test_options_lists_exactly_the_methods_that_work(self):
        for url in URLS:
            with self.subTest(url=url):
                response = self.client.options(url)

                statuses = {m: self.client.open(url, method=m).status_code for m in METHODS}
                working = {method for method, status in statuses.items() if status != 405}
                self.assertEqual(response.status_code, 200)
                self.assertEqual(set(response.allow), working)

    def test_trace_is_not_served(self):
        for url in URLS:
            with self.subTest(url=url):
                response = self.client.trace(url)

                self.assert_problem(response, 405, "Method Not Allowed")

    def test_method_override_headers_are_ignored(self):
        for header in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
            with self.subTest(header=header):
                get = self.client.get(REBECCA["url"], headers={header: "DELETE"})
                post = self.client.post(REBECCA["url"], headers={header: "GET"})

                self.assertEqual(get.json, REBECCA, "a GET should stay a GET")
                self.assertEqual(post.status_code, 405, "a POST should stay a POST")

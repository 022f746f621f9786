"""1.d Errors: each leaves through one handler, in one shape, and gives nothing away."""

from unittest.mock import Mock, patch

from flask import Flask
from werkzeug.exceptions import HTTPException

from tests import ApiTestCase

ERRORS = (("GET", "/nowhere"), ("GET", "/v1/movies/999"), ("DELETE", "/"), ("POST", "/v1/movies/3"))
ODD_IDS = ("0", "-1", "+3", "03", "3.0", "1e3", "0x3", "three", "null", "3 ", " 3", "3;", "3'")
ODD_IDS += ("[3]", "3,2", "*", "٣", "%D9%A3", "%F0%9F%8E%AC", "%FF", "%00", "3%00", "", "3/", "..")
ODD_IDS += ("%2e%2e", "../movies/3", str(2**63 - 1), str(2**63), "9" * 5000)
GIVEAWAYS = ("traceback", "file ", ".py", "flask", "werkzeug", "sql", "cinema/", "python", "<class")


class ErrorsTest(ApiTestCase):
    def test_route_that_is_not_there_is_404(self):
        response = self.client.get("/v1/nowhere")

        self.assert_problem(response, 404, "Not Found")

    def test_url_with_a_slash_too_many_is_404(self):
        for url in ("/v1//movies", "/v1/movies//3", "/v1/movies/", "/static/x"):
            with self.subTest(url=url):
                response = self.client.get(url)

                self.assert_problem(response, 404, "Not Found")

    def test_host_that_cannot_be_is_400(self):
        for host in ("a..b", f"{'a' * 300}.org"):
            with self.subTest(host=host[:20]):
                response = self.client.get("/", headers={"Host": host})

                self.assert_problem(response, 400, "Bad Request")

    def test_movie_that_is_not_there_is_404(self):
        response = self.client.get("/v1/movies/999")

        self.assert_problem(response, 404, "Not Found")

    def test_404_says_whether_it_is_the_movie_or_the_url_that_is_not_there(self):
        no_movie = self.client.get("/v1/movies/999")
        no_url = self.client.get("/v1/nowhere")

        self.assertRegex(
            no_movie.json["detail"], "no .*movie", "detail should name what is missing"
        )
        self.assertNotIn("movie", no_url.json["detail"])

    def test_id_that_no_movie_can_have_is_404(self):
        for movie_id in ODD_IDS:
            with self.subTest(id=movie_id[:20]):
                response = self.client.get(f"/v1/movies/{movie_id}")

                self.assert_problem(response, 404, "Not Found")

    def test_wrong_method_is_405_and_told_which_ones_work(self):
        for url in ("/", "/v1/movies", "/v1/movies/3"):
            with self.subTest(url=url):
                response = self.client.open(url, method="TRACE")

                self.assert_problem(response, 405, "Method Not Allowed")
                self.assertEqual(set(response.allow), set(self.client.options(url).allow))

    def test_problem_has_status_title_and_detail_and_no_more(self):
        for method, url in ERRORS:
            with self.subTest(method=method, url=url):
                response = self.client.open(url, method=method)

                self.assertEqual(list(response.json), ["status", "title", "detail"])

    def test_head_of_an_error_has_its_fields_and_no_body(self):
        for url in ("/nowhere", "/v1/movies/999", "/v1/movies/0"):
            with self.subTest(url=url):
                get = self.client.get(url)
                head = self.client.head(url)

                self.assertEqual(head.status_code, 404)
                self.assert_same_fields(head, get)
                self.assertEqual(head.data, b"", "HEAD asks for everything but the body")

    def test_error_tells_nothing_of_what_is_behind_the_api(self):
        for method, url in ERRORS:
            with self.subTest(method=method, url=url):
                response = self.client.open(url, method=method)

                self.assert_gives_nothing_away(response)

    def test_unexpected_exception_is_a_500_that_gives_nothing_away(self):
        broken = Mock(side_effect=RuntimeError("the secret is in cinema/secret.py"))
        views = dict.fromkeys(self.app.view_functions, broken)

        with patch.dict(self.app.view_functions, views), self.assertLogs(self.app.logger) as log:
            response = self.client.get("/")

        self.assert_problem(response, 500, "Internal Server Error")
        self.assert_gives_nothing_away(response)
        self.assertNotIn("secret", response.text)
        self.assertIn("RuntimeError", log.output[0], "the log should have what the client has not")

    def assert_gives_nothing_away(self, response):
        for word in GIVEAWAYS:
            self.assertNotIn(word, f"{response.headers}{response.text}".lower())


class HandlersTest(ApiTestCase):
    """`error_handler_spec` maps blueprint, then code, then class of error to a handler."""

    def test_registering_a_handler_writes_it_into_the_dictionary(self):
        app, handler = Flask("fresh"), Mock()

        app.register_error_handler(HTTPException, handler)

        self.assertIs(app.error_handler_spec[None][None][HTTPException], handler)

    def test_handler_for_a_code_stands_under_that_code(self):
        app, handler = Flask("fresh"), Mock()

        app.register_error_handler(404, handler)

        self.assertEqual(list(app.error_handler_spec[None][404].values()), [handler])

    def test_handler_put_into_the_dictionary_by_hand_is_used(self):
        app = Flask("fresh")
        app.error_handler_spec[None][None][HTTPException] = lambda error: ("by hand", error.code)

        response = app.test_client().get("/nowhere")

        self.assertEqual((response.status_code, response.text), (404, "by hand"))

    def test_api_has_handlers_for_http_errors_and_for_its_own(self):
        names = {error.__name__ for error in self.app.error_handler_spec[None][None]}

        self.assertLessEqual({"HTTPException", "MovieNotFound"}, names)

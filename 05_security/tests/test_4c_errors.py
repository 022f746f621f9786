"""4.c Errors: every one has a status, a code of our own, and words that say what to do."""

import re
from pathlib import Path
from urllib.parse import unquote
from uuid import UUID

from cinema.api.error_codes import ErrorCode, code_of_status
from cinema.api.errors import answer
from cinema.data.database import db
from sqlalchemy import event
from werkzeug.exceptions import BadRequest, default_exceptions
from werkzeug.test import EnvironBuilder, run_wsgi_app

from tests import ALICE, METROPOLIS, REBECCA, ApiTestCase, ServerTestCase, a_defect, urls_of
from tests.databases import NO_TABLE, about_sqlite
from tests.errors import SECRET, Causes, EveryCode

CHAPTER = Path(__file__).parents[1]


class EveryCodeTest(Causes, EveryCode, ApiTestCase):
    """What holds for each code, and for an answer that has none."""

    def test_common_errors_have_codes(self):
        statuses = {code.status for code in self.codes()}

        self.assertLessEqual({400, 401, 403, 404, 405, 500, 501}, statuses)

    def test_success_has_no_error_headers(self):
        for response in (self.client.get("/v1/movies"), self.create_movie()):
            with self.subTest(status=response.status_code):
                self.assertLess(response.status_code, 300)
                self.assertNotIn("X-MyAPI-Error-Code", response.headers)
                self.assertNotIn("X-MyAPI-Error-Message", response.headers)


class ErrorCodeTest(ApiTestCase):
    """The codes themselves."""

    def test_no_number_and_no_page_is_given_twice(self):
        self.assertEqual(len(ErrorCode.__members__), len(set(map(int, ErrorCode))))
        self.assertEqual(len(ErrorCode), len({code.slug for code in ErrorCode}))

    def test_code_says_what_to_do(self):
        for code in ErrorCode:
            with self.subTest(code=code.name):
                self.assertRegex(code.advice, r"^[A-Z].+\.$")

    def test_status_without_code_is_an_error_all_the_same(self):
        self.assertEqual(code_of_status(404), ErrorCode.NOT_FOUND)
        self.assertEqual(code_of_status(418), ErrorCode.BAD_REQUEST)

    def test_every_exception_of_werkzeug_becomes_a_problem(self):
        for status, exception in default_exceptions.items():
            with self.subTest(status=status), self.app.test_request_context():
                response = answer(exception())

                self.assert_problem(response, status, exception().name)

    def test_table_of_the_lesson_is_what_the_api_says(self):
        texts = [file.read_text("utf-8") for file in CHAPTER.rglob("*.md")]
        rows = re.findall(r"^\| [0-9]+ \| [0-9]{3} \|.*$", "\n".join(texts), re.MULTILINE)

        self.assertEqual(rows, table_of_codes())


class MessageTest(ApiTestCase):
    """A header holds ASCII in one line; a message may be more than that."""

    def message_of(self, detail):
        with self.app.test_request_context():
            return answer(BadRequest(detail)).headers.get("X-MyAPI-Error-Message", "")

    def test_plain_message_reads_as_it_is(self):
        plain = "There is no movie 999: look (again), for `it` & 'that'; or \"this\" = ~#/?"

        message = self.message_of(plain)

        self.assertEqual(message, plain)

    def test_message_can_be_decoded_again(self):
        for detail in (
            "Es gibt keinen Film Nº 4 von Buñuel.",
            "映画がない 🎬",
            "100 % wrong, and %41 is no A",
            "two\nlines",
            "a\r\nSet-Cookie: session=stolen",
            "tab\tand bell\a and \x7f and \x85",
        ):
            with self.subTest(detail=detail):
                message = self.message_of(detail)

                self.assertEqual(unquote(message), detail)
                self.assertRegex(message, r"\A[ -~]+\Z", "one line of ASCII, nothing else")

    def test_name_in_a_url_adds_no_header(self):
        response = self.client.get("/v1/watchlists/x%0D%0ASet-Cookie:%20stolen%3D1")

        self.assert_problem(response, 404, "Not Found")
        self.assertNotIn("Set-Cookie", response.headers)
        self.assertIn("x%0D%0ASet-Cookie", response.headers.get("X-MyAPI-Error-Message", ""))

    def test_message_is_short_however_long_the_url(self):
        """A gateway takes some 4,000 bytes of headers, and answers 502 if there are more."""
        for name in ("a" * 4000, "%C3%A9" * 1000):
            with self.subTest(name=name[:6]):
                response = self.client.get(f"/v1/watchlists/{name}")

                self.assert_problem(response, 404, "Not Found")
                self.assertLess(len(response.headers.get("X-MyAPI-Error-Message", "")), 1000)


class EverywhereTest(ApiTestCase):
    """What holds for every route."""

    def test_every_error_of_every_route_has_the_headers(self):
        for url in urls_of(self.app):
            for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "UNHEARD-OF"):
                with self.subTest(method=method, url=url):
                    response = self.client.open(url, method=method, buffered=True)

                    if response.status_code >= 400:
                        self.assert_error_headers(response, method)

    def assert_error_headers(self, response, method):
        self.assertEqual(response.mimetype, "application/problem+json")
        body = response.json if method != "HEAD" else None
        code = int(response.headers.get("X-MyAPI-Error-Code", 0))
        self.assertEqual(ErrorCode(code).status, response.status_code)
        self.assertEqual(body["code"] if body else code, code)

    def test_unheard_of_method_is_501(self):
        for method in ("BREW", "PROPFIND", "M-SEARCH", "GETS", "X"):
            for url in ("/", "/v1/movies", REBECCA["url"], "/v1/nothing", "/errors"):
                with self.subTest(method=method, url=url):
                    response = self.client.open(url, method=method)

                    self.assert_problem(response, 501, "Not Implemented")

    def test_method_in_small_letters_is_another_one(self):
        for method in ("get", "Delete", "options"):
            with self.subTest(method=method):
                as_it_is = {"REQUEST_METHOD": method}  # the client would make it GET
                response = self.client.get(REBECCA["url"], environ_overrides=as_it_is)

                self.assert_problem(response, 501, "Not Implemented")

    def test_method_that_is_known_but_not_here_is_405_and_says_which_are(self):
        for method, url in (
            ("PUT", "/v1/movies"),
            ("POST", REBECCA["url"]),
            ("POST", "/"),
            ("DELETE", "/errors"),
            ("TRACE", REBECCA["url"]),
            ("CONNECT", "/v1/movies"),
        ):
            with self.subTest(method=method, url=url):
                response = self.client.open(url, method=method)

                self.assert_problem(response, 405, "Method Not Allowed")
                self.assertIn("GET", response.headers.get("Allow", ""))
                self.assertNotIn(method, response.headers.get("Allow", "").split(", "))

    def test_method_that_is_known_is_404_where_nothing_is(self):
        for method in ("GET", "PUT", "TRACE"):
            with self.subTest(method=method):
                response = self.client.open("/v1/nothing", method=method)

                self.assert_problem(response, 404, "Not Found")

    def test_host_is_named_as_it_was_sent(self):
        for url in ("/v1/context", REBECCA["url"], "/v1/movies"):
            for host in ("xn--n3h.net", "xn--"):  # ☃.net, and half a name
                with self.subTest(url=url, host=host):
                    headers = {"Host": host, "Accept": "application/ld+json, */*;q=0.5"}
                    environ = EnvironBuilder(url, headers=headers).get_environ()

                    body, status, _ = run_wsgi_app(self.app, environ)

                    self.assertEqual(status, "200 OK")
                    self.assertIn(f"http://{host}/", b"".join(body).decode())

    def test_host_for_which_there_is_no_url_leaves_the_type_open(self):
        """RFC 9457, section 4.2.1."""
        for host in ("a..b", f"{'a' * 300}.org", "not a host", "<b>", "é"):
            with self.subTest(host=host[:20]):
                response = self.client.get("/v1/nothing", headers={"Host": host})

                self.assertIn(response.status_code, (400, 404))
                self.assertEqual(response.json.get("type"), "about:blank")


class PagesTest(ApiTestCase):
    """The pages that a `type` leads to."""

    def test_page_of_all_codes_has_each_of_them_with_a_link_to_its_own(self):
        response = self.client.get("/errors")

        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.content_type, "text/html; charset=utf-8")
        self.assertEqual(response.text.count("<tr><td>"), len(ErrorCode))
        for code in ErrorCode:
            self.assertIn(f"<tr><td>{code.value} <td>{code.status} ", response.text)
            self.assertIn(f'<a href="/errors/{code.slug}">{code.title}</a>', response.text)

    def test_page_of_one_code_has_no_other(self):
        for code in ErrorCode:
            with self.subTest(code=code.name):
                response = self.client.get(f"/errors/{code.slug}")

                self.assertEqual(response.status_code, 200)
                self.assertEqual(response.text.count("<tr><td>"), 1)
                self.assertIn(f"<title>{code.title} · Cinema</title>", response.text)
                self.assertIn('<a href="/errors">', response.text)

    def test_page_runs_nothing_and_loads_nothing(self):
        for url in ("/errors", "/errors/not-found"):
            with self.subTest(url=url):
                response = self.client.get(url)

                self.assertEqual(
                    response.headers.get("Content-Security-Policy"),
                    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
                )

    def test_page_of_no_code_is_404(self):
        for slug in ("none", "NOT-FOUND", "not_found", "40", "<script>"):
            with self.subTest(slug=slug):
                response = self.client.get(f"/errors/{slug}")

                self.assert_problem(response, 404, "Not Found")


class DefectTest(ApiTestCase):
    """An error of our own: we are told all of it, and the client a number."""

    def run_into_it(self):
        with (
            a_defect(self.app, "/v1/movies", RuntimeError(SECRET)),
            self.assertLogs("cinema", "ERROR") as logs,
        ):
            return self.client.get("/v1/movies"), logs.output

    def test_defect_is_500_and_gives_nothing_away(self):
        response, _ = self.run_into_it()

        self.assert_problem(response, 500, "Internal Server Error")
        told = f"{response.headers}{response.text}"
        for word in ("SELECT", "secret", "/srv", "RuntimeError", "Traceback", "cinema.db", ".py"):
            self.assertNotIn(word, told)

    def test_number_of_the_request_is_in_the_answer_and_in_the_log(self):
        response, logged = self.run_into_it()

        kind, _, number = response.json.get("instance", "").rpartition(":")
        self.assertEqual(kind, "urn:uuid")
        self.assertEqual(str(UUID(number)), number)
        self.assertEqual(len(logged), 1)
        self.assertIn(f"[request {number}] Exception on /v1/movies [GET]", logged[0])
        self.assertIn(SECRET, logged[0], "we should find there what went wrong")

    def test_each_request_has_a_number_of_its_own(self):
        numbers = {self.run_into_it()[0].json.get("instance") for _ in range(5)}

        self.assertEqual(len(numbers), 5)

    def test_what_is_logged_outside_of_a_request_has_no_number(self):
        with self.assertLogs("cinema", "WARNING") as logs:
            self.app.logger.warning("The disk is full.")

        self.assertEqual(logs.output, ["WARNING:cinema:The disk is full."])

    def test_500_has_no_retry_after(self):
        response, _ = self.run_into_it()

        self.assertNotIn("Retry-After", response.headers)

    def test_error_of_the_database_that_is_no_lock_is_500(self):
        self.database.execute("ALTER TABLE movie RENAME TO lost")

        with self.assertLogs("cinema", "ERROR") as logs:
            response = self.client.get("/v1/movies")

        self.assert_problem(response, 500, "Internal Server Error")
        self.assertNotIn("table", response.text)
        self.assertRegex(logs.output[0], NO_TABLE)

    @about_sqlite
    def test_broken_rule_of_the_database_that_is_not_imdb_id_is_500_and_no_409(self):
        self.database.execute(
            "CREATE TRIGGER no_more BEFORE INSERT ON movie"
            " BEGIN SELECT RAISE(ABORT, 'the cinema is full'); END"
        )

        with self.assertLogs("cinema", "ERROR") as logs:
            response = self.create_movie()

        self.assert_problem(response, 500, "Internal Server Error")
        self.assertNotIn("full", response.text)
        self.assertIn("the cinema is full", logs.output[0])


@about_sqlite
class LockedTest(ServerTestCase):
    """Another connection writes, and does not come to an end."""

    def setUp(self):
        super().setUp()
        with self.app.app_context():
            db.engine.dispose()  # the connections that would wait for seconds
            event.listen(db.engine, "connect", be_impatient)
            another = self.enterContext(db.engine.connect())
            another.exec_driver_sql("BEGIN IMMEDIATE")

    def test_write_to_a_locked_database_is_503_and_says_when_to_try_again(self):
        response = self.app.test_client().post("/v1/movies", json=METROPOLIS, headers=ALICE)

        self.assertEqual(response.status_code, 503)
        self.assertEqual(response.headers.get("Retry-After"), "1")
        self.assertEqual(response.headers.get("X-MyAPI-Error-Code"), "1030")
        self.assertEqual(response.json["title"], "Service Unavailable")
        self.assertEqual(response.json["detail"], "The database is busy.")

    def test_locked_database_can_be_read(self):
        response = self.app.test_client().get("/v1/movies")

        self.assertEqual(response.status_code, 200)


def be_impatient(connection, _record):
    connection.execute("PRAGMA busy_timeout = 1")  # milliseconds


def table_of_codes():
    """Return the rows of the table of codes, as the lesson shows it."""
    return [
        f"| {code.value} | {code.status} | {code.title} | {code.advice} |" for code in ErrorCode
    ]

"""4.a3 Signed requests: the URL is signed as it was sent, so it must be read as it was sent."""

from http.client import HTTPConnection
from threading import Thread
from unittest import TestCase

from werkzeug.exceptions import SecurityError
from werkzeug.serving import make_server
from werkzeug.test import EnvironBuilder

from tests.lesson import made_in

with made_in("4.a3"):
    from cinema.http.raw_url import raw_url
    from cinema.http.signatures.base import components_of
    from cinema.http.signatures.message import BadSignature


class TestRawUrl(TestCase):
    """The URL is signed as it was sent, so it must be read as it was sent."""

    TARGETS = (
        "/v1/movies",
        "/v1/movies?",
        "/v1/movies?q=a%20b+c&year=1940",
        "/v1/a%2Fb",
        "/v1/a%2fb",
        "/v1/%C3%A9t%C3%A9?q=%C3%A9",
        "/v1/%FF%00",
        "/v1/%zz%",
        "/v1/../movies//3",
        "/v1/;a=1,2:@!$&'()*~",
    )

    def test_what_is_sent_arrives(self):
        def answer(environ, start_response):
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [raw_url(environ).encode()]

        server = make_server("127.0.0.1", 0, answer)
        server.log = lambda *_: None
        thread = Thread(target=server.serve_forever)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        for target in (*self.TARGETS, "http://127.0.0.1:{port}/v1/a%2Fb?", "/a?u=http://b/c"):
            with self.subTest(target=target):
                connection = HTTPConnection("127.0.0.1", server.port, timeout=5)
                connection.request("GET", target.format(port=server.port))

                body = connection.getresponse().read().decode()

                connection.close()
                path = "/" + target.removeprefix("http://127.0.0.1:{port}").removeprefix("/")
                self.assertEqual(body, f"http://127.0.0.1:{server.port}{path}")

    def test_every_servers_name_for_it_will_do(self):
        for name in ("REQUEST_URI", "RAW_URI"):
            environ = EnvironBuilder("/v1/other", base_url="http://cinema.example").get_environ()
            del environ["REQUEST_URI"], environ["RAW_URI"]
            environ[name] = "/v1/a%2Fb?"

            self.assertEqual(raw_url(environ), "http://cinema.example/v1/a%2Fb?")

    def test_path_is_encoded_if_the_server_tells_only_the_decoded_one(self):
        for target, expected in (
            ("/v1/movies?q=a%20b", "/v1/movies?q=a%20b"),
            ("/v1/movies?", "/v1/movies"),  # this is lost
            ("/v1/%C3%A9t%C3%A9%20%25", "/v1/%C3%A9t%C3%A9%20%25"),
            ("/v1/a%2Fb", "/v1/a/b"),  # and this
        ):
            with self.subTest(target=target):
                environ = EnvironBuilder(target, base_url="http://cinema.example/api").get_environ()
                del environ["REQUEST_URI"], environ["RAW_URI"]

                self.assertEqual(raw_url(environ), "http://cinema.example/api" + expected)

    def test_nothing_in_the_host_passes_for_a_path(self):
        for host in ("cinema.example/v1", "cinema.example?", "a@b", "a#b", "a\\b", "a b"):
            with self.subTest(host=host):
                environ = EnvironBuilder("/movies").get_environ()
                environ["HTTP_HOST"] = host

                with self.assertRaises((BadSignature, SecurityError)):  # or 400, from Werkzeug
                    components_of("GET", raw_url(environ), {})

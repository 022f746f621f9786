"""5.a HTTPS: what a proxy tells, and by which name we are asked; strangers tell both as well."""

import re

from werkzeug.middleware.proxy_fix import ProxyFix

from tests import ALICE
from tests.test_5a_https import HTTPS, PLAIN, HttpsTestCase, another_app

FORGED = {  # what the proxies of this world say when a request came to them by HTTPS
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Scheme": "https",
    "X-Forwarded-Protocol": "https",
    "X-Forwarded-Ssl": "on",
    "X-Forwarded-Port": "443",
    "X-Url-Scheme": "https",
    "Front-End-Https": "on",
    "Forwarded": "for=127.0.0.1;proto=https",
}


class ProxyTest(HttpsTestCase):
    """Before us may stand a proxy of ours; what it tells us, a stranger may tell as well."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.behind_a_proxy = another_app(cls, HTTPS=True, HTTPS_PORT=8443, TRUSTED_PROXIES=1)

    def behind(self, url="/v1/movies", headers=ALICE, **forwarded):
        """Ask as a proxy does: by HTTP, and with fields that tell how it was asked."""
        told = {f"X-Forwarded-{name}": value for name, value in forwarded.items()}
        client = self.behind_a_proxy.test_client()
        return client.get(url, base_url=PLAIN, headers=headers | told)

    def test_attack_by_forged_fields_does_not_make_plain_http_secure(self):
        naive = create_app_that_believes_everybody(self)
        fooled = naive.test_client().get("/v1/movies", base_url=PLAIN, headers=ALICE | FORGED)

        self.assertEqual(fooled.status_code, 200, "it takes a password that came in the clear")
        for name, value in FORGED.items():
            with self.subTest(name=name):
                self.assert_refused(self.plain("/v1/movies", headers=ALICE | {name: value}))
                self.assertEqual(self.plain("/", headers={name: value}).status_code, 308)

    def test_our_proxy_is_believed(self):
        secure = self.behind(Proto="https")

        self.assertEqual(secure.status_code, 200)
        self.assertIn("max-age=", secure.headers.get("Strict-Transport-Security", ""))
        self.assert_refused(self.behind(Proto="http"))
        self.assert_refused(self.behind())

    def test_what_a_stranger_told_our_proxy_is_not_believed(self):
        """A proxy adds what it knows at the end."""
        self.assert_refused(self.behind(Proto="https, http"))
        self.assertEqual(self.behind(Proto="http, https").status_code, 200)

    def test_only_scheme_and_address_are_taken_from_our_proxy(self):
        naive = create_app_that_believes_everybody(self)
        forged = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "/evil"}
        fooled = naive.test_client().get("/v1/movies/999", base_url=HTTPS, headers=forged)

        told = self.behind("/v1/movies/999", {}, Proto="https", Host="evil.example", Prefix="/evil")

        self.assertIn("https://evil.example/evil/errors/", fooled.json["type"])
        self.assertNotIn("evil", told.text)

    def test_redirect_behind_our_proxy_leads_to_its_port(self):
        response = self.behind(headers={}, Proto="http", Host="evil.example", Port="666")

        self.assertEqual(response.status_code, 308)
        self.assertEqual(response.headers.get("Location"), "https://127.0.0.1:8443/v1/movies")

    def test_attack_by_a_new_address_for_each_guess_does_not_help(self):
        """Who forges X-Forwarded-For would be a new client each time, and never be limited."""
        naive = create_app_that_believes_everybody(self).test_client()

        fooled, left = self.left_to_new_addresses(naive), self.left_to_new_addresses(self.client)

        self.assertEqual(fooled, [fooled[0]] * 3, "each guess is the first of somebody new")
        self.assertEqual(left, [left[0], left[0] - 1, left[0] - 2])

    def left_to_new_addresses(self, client):
        """Return how many requests are left to who forges another address for each."""
        fields = [{"X-Forwarded-For": f"203.0.113.{number}"} for number in range(3)]
        answers = [client.get("/", base_url=HTTPS, headers=each) for each in fields]
        return [self.left_of(answer.headers.get("RateLimit", "")) for answer in answers]

    def left_of(self, rate_limit):
        """Return the number after r= in a RateLimit field."""
        found = re.search(r"\br=(\d+)", rate_limit)
        self.assertIsNotNone(found, f"RateLimit should say how many are left: {rate_limit!r}")
        return int(found[1])


class HostTest(HttpsTestCase):
    def test_attack_by_another_host_leads_nowhere(self):
        """The answer would be kept, and lead others to the attacker (cache poisoning)."""
        naive = another_app(self, HTTPS=True, TRUSTED_HOSTS=None)

        for host in (
            "evil.example",
            "127.0.0.1.evil.example",
            "evil.example:8305",
            "127.0.0.2",
            "",
        ):
            with self.subTest(host=host):
                response = self.client.get("/v1/movies", headers={"Host": host})

                self.assert_problem(response, 400, "Bad Request")
                self.assertNotIn("Location", response.headers)
                self.assertNotIn("://", response.json["type"])
        fooled = naive.test_client().get("/v1/movies", headers={"Host": "evil.example"})
        self.assertEqual(fooled.headers.get("Location"), "https://evil.example/v1/movies")

    def test_names_are_read_in_any_case(self):
        for host in ("LOCALHOST", "LocalHost:8005", "V1.localhost"):
            with self.subTest(host=host):
                response = self.client.get("/v1/movies", base_url=f"https://{host}")

                self.assertEqual(response.status_code, 200, "names of hosts have no case")

    def test_port_that_is_not_ours_is_in_no_link(self):
        for host in ("127.0.0.1:1", "localhost:80443"):
            for path in ("/v2/movies/3", "/v1/nothing"):
                with self.subTest(host=host, path=path):
                    headers = {"Host": host, "Accept": "application/ld+json"}

                    response = self.client.get(path, base_url="https://127.0.0.1", headers=headers)

                    self.assertNotIn(host, response.text + str(response.headers))
                    self.assertIn(response.status_code, (200, 404))

    def test_plain_http_leads_to_our_port_by_a_gateways_too(self):
        """A gateway may listen for plain HTTP on any port, and hands on Host as it came."""
        response = self.plain("/v1/movies?year=1940", headers={"Host": "127.0.0.1:8105"})

        self.assertEqual(response.status_code, 308)
        self.assertEqual(
            response.headers.get("Location"), "https://127.0.0.1:8005/v1/movies?year=1940"
        )

    def test_port_that_is_not_ours_is_in_no_link_over_plain_http(self):
        response = self.plain("/v1/movies/3", "DELETE", headers={"Host": "127.0.0.1:1"})

        self.assert_problem(response, 403, "Forbidden")
        self.assertNotIn("127.0.0.1:1", response.text + str(response.headers))

    def test_host_is_checked_by_https_too(self):
        response = self.client.get("/v1/movies", base_url="https://evil.example")

        self.assert_problem(response, 400, "Bad Request")

    def test_our_own_names_are_answered(self):
        for host in ("127.0.0.1", "127.0.0.1:8005", "localhost:8005", "v1.localhost"):
            with self.subTest(host=host):
                response = self.client.get("/v1/movies", base_url=f"https://{host}")

                self.assertEqual(response.status_code, 200)

    def test_name_that_we_are_given_is_our_own(self):
        app = another_app(
            self, SERVER_NAME="cinema.example", TRUSTED_HOSTS=("127.0.0.1",), HTTPS=True
        )

        for host, status in {"cinema.example": 200, "v2.cinema.example": 404, "evil": 400}.items():
            with self.subTest(host=host):
                response = app.test_client().get("/", base_url=f"https://{host}")

                self.assertEqual(response.status_code, status)

    def test_request_without_host_is_led_nowhere(self):
        app = another_app(self, HTTPS=True, TRUSTED_HOSTS=None)

        response = app.test_client().get("/", headers={"Host": ""})

        self.assert_problem(response, 400, "Bad Request")


def create_app_that_believes_everybody(test):
    """Return an application that takes all fields of a proxy for true, though there is none."""
    app = another_app(test, HTTPS=True)
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1, x_port=1, x_prefix=1)
    return app

"""4.d Large projects: two versions side by side, made of the same parts."""

from tests import ALICE, METROPOLIS, PASSWORD, REBECCA, ApiTestCase
from tests.large_project import WithCarolTestCase, successor_of

JSON_LD = "application/ld+json"
LOGIN = {"name": "bob", "password": PASSWORD}


class VersionsTest(WithCarolTestCase):
    def test_thing_is_the_same_in_both_versions_but_for_its_url(self):
        for url in ("/movies/3", "/watchlists/friday-night"):
            with self.subTest(url=url):
                first = self.client.get(f"/v1{url}")
                second = self.client.get(f"/v2{url}")

                self.assertEqual((first.status_code, second.status_code), (200, 200))
                self.assertEqual(first.json | {"url": f"/v2{url}"}, second.json)

    def test_change_in_one_version_is_seen_in_the_other(self):
        self.client.put("/v2/movies/3", json=METROPOLIS, headers=ALICE)

        response = self.client.get("/v1/movies/3")

        self.assertEqual(response.json, {"id": 3} | METROPOLIS | {"url": "/v1/movies/3"})

    def test_urls_stay_in_the_version_that_was_asked(self):
        for version, other in (("v1", "/v2"), ("v2", "/v1")):
            for method, url, body in (
                ("GET", "/movies?per_page=1", None),
                ("GET", "/movies/3", None),
                ("GET", "/watchlists?per_page=1", None),
                ("GET", "/context", None),
                ("GET", "/documentation", None),
                ("POST", "/movies", METROPOLIS | {"imdb_id": None}),
                ("PUT", "/watchlists/saturday", {"title": "Saturday", "movies": [3]}),
                ("POST", "/session", LOGIN),
                ("POST", "/signing-key", None),
                ("GET", "/movies/999", None),
            ):
                for accept in ("*/*", "application/ld+json, */*;q=0.1"):
                    with self.subTest(version=version, method=method, url=url, accept=accept):
                        response = self.app.test_client().open(
                            f"/{version}{url}",
                            method=method,
                            json=body,
                            headers=ALICE | {"Accept": accept},
                        )

                        links = " ".join(self.links_within(response))
                        said = f"{response.location} {links} {response.text}"
                        self.assertIn(f"/{version}", said)
                        self.assertNotIn(other, said)

    def links_within(self, response):
        """Return the Link fields that do not lead to the next version on purpose."""
        links = response.headers.getlist("Link")
        return [link for link in links if "successor-version" not in link]

    def test_url_of_another_version_contradicts_this_one(self):
        response = self.client.put("/v2/movies/3", json=REBECCA, headers=ALICE)

        self.assert_problem(response, 400, "Bad Request")
        self.assertEqual(response.json.get("errors"), {"url": "is /v2/movies/3 at this URL"})

    def test_lists_of_version_1_have_numbers_and_those_of_version_2_a_cursor(self):
        for name in ("movies", "watchlists"):
            with self.subTest(name=name):
                first = self.client.get(f"/v1/{name}")
                second = self.client.get(f"/v2/{name}")

                self.assertEqual(set(first.json), {name, "page", "per_page", "total"})
                self.assertEqual(set(second.json), {name, "per_page", "next_cursor"})

    def test_there_is_no_third_version(self):
        response = self.client.get("/v3/movies")

        self.assert_problem(response, 404, "Not Found")


class SamePartsTest(ApiTestCase):
    """Looks inside: Flask's `url_map`, and its dictionary of views."""

    def views_of(self, version):
        """Return which view answers what in a version."""
        return {
            (rule.rule.removeprefix(f"/{version}"), *sorted(rule.methods)): (
                self.app.view_functions[rule.endpoint]
            )
            for rule in self.app.url_map.iter_rules()
            if rule.rule.startswith(f"/{version}/")
        }

    def test_both_versions_have_the_same_routes(self):
        first, second = self.views_of("v1"), self.views_of("v2")

        self.assertEqual(set(first), set(second))

    def test_versions_are_made_of_the_same_views_but_for_their_lists(self):
        first, second = self.views_of("v1"), self.views_of("v2")

        different = {
            url for url, *methods in first if first[url, *methods] is not second[url, *methods]
        }
        self.assertEqual(different, {"/movies", "/watchlists"})


class SubdomainTest(ApiTestCase):
    """What SERVER_NAME makes of the versions: hosts of their own."""

    settings = {"SERVER_NAME": "cinema.localhost"}
    DOOR = "http://cinema.localhost"
    HOSTS = {version: f"http://{version}.cinema.localhost" for version in ("v1", "v2")}

    def test_each_version_is_at_its_host(self):
        for version, host in self.HOSTS.items():
            with self.subTest(version=version):
                at_host = self.client.get("/movies/3", base_url=host)
                under_prefix = self.client.get(f"/{version}/movies/3", base_url=self.DOOR)

                self.assertEqual(at_host.json, REBECCA | {"url": "/movies/3"})
                self.assertEqual(under_prefix.json, REBECCA | {"url": f"/{version}/movies/3"})

    def test_lists_page_as_their_version_does(self):
        members = {
            version: set(self.client.get("/movies", base_url=host).json)
            for version, host in self.HOSTS.items()
        }

        self.assertEqual(members["v1"], {"movies", "page", "per_page", "total"})
        self.assertEqual(members["v2"], {"movies", "per_page", "next_cursor"})

    def test_urls_stay_at_the_host(self):
        for host in self.HOSTS.values():
            with self.subTest(host=host):
                created = self.client.post(
                    "/movies",
                    json=METROPOLIS | {"imdb_id": None},
                    headers=ALICE | {"Accept": JSON_LD},
                    base_url=host,
                )
                pages = self.client.get("/movies?per_page=1", base_url=host)

                self.assertRegex(created.location, "^/movies/[45]$")
                self.assertEqual(created.json["@id"], f"{host}{created.location}")
                self.assertEqual(created.json["@context"], f"{host}/context")
                self.assertIn("</movies?per_page=1&", pages.headers.get("Link", ""))

    def test_operations_are_offered_at_the_host_too(self):
        response = self.client.get(
            "/movies/3", headers=ALICE | {"Accept": JSON_LD}, base_url=self.HOSTS["v2"]
        )

        methods = [operation["method"] for operation in response.json["operation"]]
        self.assertEqual(methods, ["DELETE", "PATCH", "PUT"])

    def test_host_of_version_1_leads_to_that_of_version_2(self):
        response = self.client.get("/movies/3", base_url=self.HOSTS["v1"])

        self.assertIn("Deprecation", response.headers)
        self.assertEqual(successor_of(response), f"{self.HOSTS['v2']}/movies/3")

    def test_prefix_of_version_1_leads_to_that_of_version_2(self):
        response = self.client.get("/v1/movies/3", base_url=self.DOOR)

        self.assertEqual(successor_of(response), "/v2/movies/3")

    def test_host_has_its_version_and_nothing_else(self):
        for url in ("/", "/v2/movies", "/errors"):
            with self.subTest(url=url):
                response = self.client.get(url, base_url=self.HOSTS["v2"])

                self.assert_problem(response, 404, "Not Found")


class NoSubdomainTest(ApiTestCase):
    def test_versions_have_no_hosts_without_a_server_name(self):
        response = self.client.get("/movies", base_url="http://v1.cinema.localhost")

        self.assert_problem(response, 404, "Not Found")

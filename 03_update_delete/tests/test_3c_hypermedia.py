"""3.c Hypermedia: JSON-LD says what things mean, where they lead, and what can be done now."""

import json

from cinema.data.database import db, writing
from cinema.data.models import Watchlist
from pyld import jsonld
from werkzeug.test import EnvironBuilder, run_wsgi_app

from tests import KEY, METROPOLIS, REBECCA, ApiTestCase

JSON, JSON_LD, TEXT = "application/json", "application/ld+json", "text/plain"
API = "http://localhost"
OWN = f"{API}/v1/documentation#"
SCHEMA = "https://schema.org/"
HYDRA = "http://www.w3.org/ns/hydra/core#"
XSD = "http://www.w3.org/2001/XMLSchema#"

MOVIE = REBECCA["url"]
WATCHLIST = "/v1/watchlists/friday-night"
FRIDAY_NIGHT = {"title": "Friday night", "movies": [3, 1]}
TYPES = {  # what each resource is
    "/": [f"{OWN}EntryPoint", f"{HYDRA}Resource"],
    "/v1/movies": [f"{HYDRA}Collection"],
    MOVIE: [f"{SCHEMA}Movie"],
    "/v1/watchlists": [f"{HYDRA}Collection"],
    WATCHLIST: [f"{SCHEMA}ItemList"],
    "/v1/documentation": [f"{HYDRA}ApiDocumentation"],
}
NEGOTIATED = ("/", "/v1/movies", MOVIE, "/v1/watchlists", WATCHLIST)
ACCEPTED = {  # the Accept field, and the media type of the answer
    "*/*": JSON,
    "application/*": JSON,
    "application/json": JSON,
    "application/ld+json": JSON_LD,
    "text/plain": TEXT,
    "text/*": TEXT,
    "Application/LD+JSON": JSON_LD,
    'application/ld+json; profile="http://www.w3.org/ns/json-ld#compacted"': JSON_LD,
    "application/ld+json, application/json": JSON,
    "application/ld+json, application/json;q=0.9": JSON_LD,
    "application/ld+json;q=0.4, application/json;q=0.5": JSON,
    "text/html, text/plain;q=0.2, */*;q=0.1": TEXT,
    "application/json;q=0, */*": JSON_LD,
    "image/png, application/ld+json;q=0.001": JSON_LD,
}
JUNK = ("", " ", ",", ";;;", "/", "*/json", "a/b/c", "json", "é", "q=1", "text/plain;q=x", "/" * 99)
NOT_ACCEPTABLE = ("image/png", "text/html, application/xml", "application/json;q=0", "image/*")
EXPECTED = {f"{SCHEMA}Movie": METROPOLIS, f"{SCHEMA}ItemList": FRIDAY_NIGHT, None: None}


class HypermediaTestCase(ApiTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls.app.app_context(), writing():
            watchlist = Watchlist()
            watchlist.fill(FRIDAY_NIGHT | {"name": "friday-night"})
            db.session.add(watchlist)
        cls.snapshot = cls.database.serialize()

    def get(self, url, **headers):
        """Get a resource as JSON-LD."""
        return self.client.get(url, headers={"Accept": JSON_LD} | headers)

    def expand(self, document):
        """Return the one thing that a document describes, in the words of the whole web."""
        lost = []
        things = jsonld.expand(document, {"documentLoader": self.load}, lost.append)
        self.assertEqual(lost, [], "the context should know every member")
        self.assertEqual(len(things), 1, f"{document} should describe one thing")
        return things[0]

    def load(self, url, _options):
        """Load a document for PyLD: from the API, and from nowhere else."""
        self.assertEqual(url[: len(API) + 1], f"{API}/", "nothing should be asked of other hosts")
        return {"document": self.get(url).json, "documentUrl": url, "contextUrl": None}


class NegotiationTest(HypermediaTestCase):
    def test_answer_is_of_the_type_that_the_client_likes_best(self):
        for accept, media_type in ACCEPTED.items():
            with self.subTest(accept=accept):
                response = self.client.get(MOVIE, headers={"Accept": accept})

                self.assertEqual(response.status_code, 200)
                self.assertEqual(response.mimetype, media_type)

    def test_client_that_accepts_nothing_in_particular_gets_json(self):
        for url in NEGOTIATED:
            with self.subTest(url=url):
                response = self.client.get(url)

                self.assertEqual(response.mimetype, JSON)
                self.assertNotIn("@id", response.json)

    def test_junk_in_accept_is_harmless(self):
        for accept in JUNK:
            with self.subTest(accept=accept[:20]):
                response = self.client.get(MOVIE, headers={"Accept": accept})

                self.assertEqual(response.status_code, 200)
                self.assertEqual(response.json, REBECCA)

    def test_what_cannot_be_served_is_406_and_told_what_can(self):
        for accept in NOT_ACCEPTABLE:
            for url in NEGOTIATED:
                with self.subTest(accept=accept, url=url):
                    response = self.client.get(url, headers={"Accept": accept})

                    self.assert_problem(response, 406, "Not Acceptable")
                    self.assertIn(f"{JSON}, {JSON_LD}", response.json["detail"])

    def test_text_is_served_for_movies_only(self):
        responses = {url: self.client.get(url, headers={"Accept": TEXT}) for url in NEGOTIATED}

        served = {url for url, response in responses.items() if response.status_code == 200}
        self.assertEqual(served, {"/v1/movies", MOVIE})

    def test_text_by_serialize_is_406_for_a_client_that_takes_none(self):
        for url in ("/v1/movies", "/v1/movies/3"):
            for accept in (JSON, JSON_LD, f"{JSON}, {TEXT};q=0"):
                with self.subTest(url=url, accept=accept):
                    headers = {"Accept": accept}

                    response = self.client.get(f"{url}?serialize=false", headers=headers)

                    self.assert_problem(response, 406, "Not Acceptable")
                    self.assertIn(TEXT, response.json["detail"])

    def test_text_by_serialize_is_text_for_a_client_that_takes_it_among_others(self):
        for accept in ("*/*", f"{JSON}, {TEXT};q=0.1", f"{JSON_LD}, text/*;q=0.5"):
            with self.subTest(accept=accept):
                headers = {"Accept": accept}

                response = self.client.get("/v1/movies/3?serialize=false", headers=headers)

                self.assertEqual((response.status_code, response.mimetype), (200, TEXT))

    def test_text_is_the_same_by_accept_and_by_serialize(self):
        for url in ("/v1/movies", MOVIE):
            with self.subTest(url=url):
                response = self.client.get(url, headers={"Accept": TEXT})

                self.assertEqual(response.data, self.client.get(f"{url}?serialize=false").data)

    def test_change_whose_answer_is_not_acceptable_is_not_done(self):
        changes = (
            ("POST", "/v1/movies", METROPOLIS),
            ("PUT", MOVIE, METROPOLIS),
            ("PATCH", MOVIE, METROPOLIS),
            ("DELETE", MOVIE, None),
            ("PUT", WATCHLIST, {"title": "Saturday"}),
            ("PATCH", WATCHLIST, {"title": "Saturday"}),
            ("DELETE", WATCHLIST, None),
        )
        for method, url, body in changes:
            for accept in ("image/png", TEXT):
                with self.subTest(method=method, url=url, accept=accept):
                    response = self.client.open(
                        url, method=method, json=body, headers=KEY | {"Accept": accept}
                    )

                    self.assert_problem(response, 406, "Not Acceptable")
                    self.assert_nothing_changed()

    def test_answers_say_which_fields_they_depend_on(self):
        for url in (*NEGOTIATED, "/v1/movies/999"):
            for accept in (JSON, JSON_LD, "image/png"):
                with self.subTest(url=url, accept=accept):
                    response = self.client.get(url, headers={"Accept": accept})

                    self.assertEqual(set(response.vary), {"Accept", "Authorization"})

    def test_error_is_a_problem_whatever_is_accepted(self):
        for accept in (JSON, JSON_LD, TEXT):
            with self.subTest(accept=accept):
                response = self.client.get("/v1/movies/999", headers={"Accept": accept})

                self.assert_problem(response, 404, "Not Found")


class JsonLdTest(HypermediaTestCase):
    def test_host_is_named_as_it_was_sent(self):
        for host in ("xn--n3h.net", "xn--"):  # ☃.net, and half a name
            with self.subTest(host=host):
                environ = EnvironBuilder(MOVIE, headers={"Host": host, "Accept": JSON_LD})

                body, status, _ = run_wsgi_app(self.app, environ.get_environ())

                self.assertEqual(status, "200 OK")
                self.assertEqual(json.loads(b"".join(body))["@id"], f"http://{host}{MOVIE}")

    def test_everything_says_where_and_what_it_is_and_loses_no_member(self):
        for url, types in TYPES.items():
            with self.subTest(url=url):
                response = self.get(url, **KEY)

                self.assertEqual(response.mimetype, JSON_LD)
                thing = self.expand(response.json)
                self.assertEqual(thing["@id"], f"{API}{url}")
                self.assertEqual(thing["@type"], types)

    def test_members_of_json_are_members_of_json_ld(self):
        for url in (MOVIE, WATCHLIST):
            with self.subTest(url=url):
                plain = self.client.get(url).json

                response = self.get(url)

                self.assertLessEqual(set(plain) - {"url"}, set(response.json))
                self.assertEqual(response.json["@id"], f"{API}{plain['url']}")

    def test_movie_means_what_schema_org_says(self):
        thing = self.expand(self.get(MOVIE).json)

        self.assertEqual(
            thing,
            {
                "@id": f"{API}/v1/movies/3",
                "@type": [f"{SCHEMA}Movie"],
                f"{SCHEMA}name": [{"@value": "Rebecca"}],
                f"{SCHEMA}director": [{"@value": "Alfred Hitchcock"}],
                f"{SCHEMA}datePublished": [{"@type": f"{XSD}gYear", "@value": 1940}],
                f"{SCHEMA}duration": [{"@type": f"{SCHEMA}Duration", "@value": "PT126M"}],
                f"{OWN}id": [{"@value": 3}],
                f"{OWN}runtime": [{"@value": 126}],
                f"{OWN}imdb_id": [{"@value": "tt0032976"}],
                f"{HYDRA}operation": [],
            },
        )

    def test_watchlist_means_a_list_of_movies_in_order(self):
        thing = self.expand(self.get(WATCHLIST).json)

        movies = [{"@id": f"{API}/v1/movies/3"}, {"@id": f"{API}/v1/movies/1"}]
        self.assertEqual(
            thing,
            {
                "@id": f"{API}{WATCHLIST}",
                "@type": [f"{SCHEMA}ItemList"],
                f"{SCHEMA}name": [{"@value": "Friday night"}],
                f"{SCHEMA}itemListElement": [{"@list": movies}],
                f"{OWN}name": [{"@value": "friday-night"}],
                f"{HYDRA}operation": [],
            },
        )

    def test_member_without_a_value_is_left_out(self):
        created = self.create_movie(imdb_id=None)

        response = self.get(created.location)

        self.assertNotIn("imdb_id", response.json)

    def test_context_is_at_the_api_itself(self):
        for url in TYPES:
            with self.subTest(url=url):
                response = self.get(self.get(url).json["@context"])

                self.assertEqual(response.status_code, 200)
                self.assertEqual(response.mimetype, JSON_LD)
                self.assertEqual(list(response.json), ["@context"])

    def test_answer_to_a_change_is_json_ld_too(self):
        changes = (
            ("POST", "/v1/movies", METROPOLIS, "/v1/movies/4"),
            ("PUT", MOVIE, METROPOLIS | {"imdb_id": None}, MOVIE),
            ("PATCH", WATCHLIST, {"title": "Saturday"}, WATCHLIST),
        )
        for method, url, body, described in changes:
            with self.subTest(method=method, url=url):
                response = self.client.open(
                    url, method=method, json=body, headers=KEY | {"Accept": JSON_LD}
                )

                self.assertEqual(response.mimetype, JSON_LD)
                self.assertEqual(response.json, self.get(described, **KEY).json)

    def test_title_is_text_whatever_stands_in_it(self):
        created = self.create_movie(title='東京物語 <&> "@id"')

        thing = self.expand(self.get(created.location).json)

        self.assertEqual(thing[f"{SCHEMA}name"], [{"@value": '東京物語 <&> "@id"'}])


class CollectionTest(HypermediaTestCase):
    def test_page_says_what_it_is_part_of_and_which_pages_are_around(self):
        url = "/v1/movies?sort=-id&per_page=1"

        response = self.get(f"{url}&page=2")

        page = f"{API}{url}&page="
        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.json["@id"], f"{API}/v1/movies?sort=-id")
        self.assertEqual(response.json["totalItems"], 3)
        members = [member["@id"] for member in response.json["member"]]
        self.assertEqual(members, [f"{API}/v1/movies/2"])
        view = {
            "@id": f"{page}2",
            "@type": [f"{HYDRA}PartialCollectionView"],
            f"{HYDRA}first": [{"@id": f"{page}1"}],
            f"{HYDRA}previous": [{"@id": f"{page}1"}],
            f"{HYDRA}next": [{"@id": f"{page}3"}],
            f"{HYDRA}last": [{"@id": f"{page}3"}],
        }
        self.assertEqual(self.expand(response.json).get(f"{HYDRA}view"), [view])

    def test_url_that_was_asked_for_is_in_the_answer(self):
        """A client looks there for what it has asked for: the list itself, or a page of it."""
        questions = (
            *("", "?per_page=2", "?page=2&per_page=1", "?per_page=1&page=2", "?page=1"),
            *("?per_page=1000", "?page=99", "?unknown=1", "?q=h%C3%B4tel", "?q=a+b", "?q=a%20b"),
        )
        for url in ("/v1/movies", "/v1/watchlists"):
            for question in questions:
                with self.subTest(url=url + question):
                    environ = EnvironBuilder(url, headers={"Accept": JSON_LD}).get_environ()
                    environ["QUERY_STRING"] = question.removeprefix("?")  # as it is, to the byte

                    body, status, _ = run_wsgi_app(self.app, environ)

                    self.assertEqual(status, "200 OK")
                    whole = json.loads(b"".join(body))
                    found = [whole["@id"], whole["view"]["@id"]]
                    self.assertEqual(found.count(f"{API}{url}{question}"), 1, found)

    def test_first_page_has_no_previous_and_last_page_no_next(self):
        only_page = self.get("/v1/watchlists").json["view"]

        self.assertEqual(set(only_page), {"@id", "@type", "first", "last"})

    def test_member_is_described_as_at_its_own_url(self):
        for url in ("/v1/movies", "/v1/watchlists"):
            with self.subTest(url=url):
                member = self.get(url).json["member"][-1]

                itself = self.get(member["@id"]).json

                added = {"@context": itself["@context"], "operation": []}
                self.assertEqual(itself, member | added)


class OperationsTest(HypermediaTestCase):
    def operations(self, url, **headers):
        thing = self.expand(self.get(url, **headers).json)
        return thing[f"{HYDRA}operation"]

    def test_client_without_the_key_is_offered_nothing(self):
        for url in NEGOTIATED:
            for headers in ({}, {"Authorization": "Bearer guessed"}):
                with self.subTest(url=url, headers=headers):
                    self.assertEqual(self.operations(url, **headers), [])

    def test_client_with_the_key_is_offered_every_method_that_changes(self):
        for url in NEGOTIATED:
            with self.subTest(url=url):
                operations = self.operations(url, **KEY)

                methods = [operation[f"{HYDRA}method"][0]["@value"] for operation in operations]
                changing = set(self.client.options(url).allow) - {"GET", "HEAD", "OPTIONS"}
                self.assertEqual(methods, sorted(changing))

    def test_operation_says_what_it_does_and_what_it_expects(self):
        def operation(method, action, **members):
            return {"@type": ["Operation", f"schema:{action}"], "method": method} | members

        for url, word in ((MOVIE, "Movie"), (WATCHLIST, "ItemList")):
            with self.subTest(url=url):
                response = self.get(url, **KEY)

                self.assertEqual(
                    response.json["operation"],
                    [
                        operation("DELETE", "DeleteAction"),
                        operation("PATCH", "UpdateAction", expects=word),
                        operation("PUT", "ReplaceAction", expects=word),
                    ],
                )

    def test_every_operation_that_is_offered_works(self):
        for url in NEGOTIATED:
            for operation in self.operations(url, **KEY):
                method = operation[f"{HYDRA}method"][0]["@value"]
                expects = operation.get(f"{HYDRA}expects", [{"@id": None}])[0]
                with self.subTest(method=method, url=url):
                    self.setUp()  # the operation before may have been DELETE

                    response = self.client.open(
                        url, method=method, json=EXPECTED[expects["@id"]], headers=KEY
                    )

                    self.assertIn(response.status_code, (200, 201, 204))

    def test_operations_are_offered_under_a_prefix_too(self):
        headers = KEY | {"Accept": JSON_LD}

        response = self.client.get(MOVIE, headers=headers, base_url=f"{API}/cinema")

        self.assertEqual(response.json["@id"], f"{API}/cinema{MOVIE}")
        self.assertEqual(len(response.json["operation"]), 3)

    def test_watchlists_tell_where_a_new_one_can_be_put(self):
        search = self.get("/v1/watchlists").json["search"]

        url = search["template"].replace("{name}", "new")
        response = self.client.put(url, json=FRIDAY_NIGHT, headers=KEY)

        self.assertEqual(search["template"], f"{API}/v1/watchlists/{{name}}")
        self.assertEqual(response.status_code, 201)

    def test_what_was_just_deleted_offers_nothing(self):
        response = self.client.delete(
            MOVIE, headers=KEY | {"Accept": JSON_LD, "Prefer": "return=representation"}
        )

        self.assertEqual(response.status_code, 200)
        self.assertEqual(self.expand(response.json)[f"{HYDRA}operation"], [])


class DocumentationTest(HypermediaTestCase):
    def test_every_answer_leads_to_the_documentation(self):
        link = f'</v1/documentation>; rel="{HYDRA}apiDocumentation"'
        answers = {
            200: self.client.get(MOVIE),
            201: self.create_movie(),
            204: self.client.delete(MOVIE, headers=KEY),
            400: self.client.get("/v1/movies?page=0"),
            401: self.client.post("/v1/movies"),
            404: self.client.get("/nowhere"),
            405: self.client.delete("/"),
            406: self.client.get("/", headers={"Accept": "image/png"}),
            415: self.client.post("/v1/movies", headers=KEY),
        }
        for status, response in answers.items():
            with self.subTest(status=status):
                self.assertEqual(response.status_code, status)
                self.assertIn(link, response.headers.getlist("Link"))

    def test_documentation_leads_to_the_entry_point(self):
        thing = self.expand(self.get("/v1/documentation").json)

        self.assertEqual(thing[f"{HYDRA}entrypoint"], [{"@id": f"{API}/"}])

    def test_documentation_says_what_a_client_may_send(self):
        thing = self.expand(self.get("/v1/documentation").json)

        required = {
            each["@id"]: {
                known[f"{HYDRA}property"][0]["@id"]: known[f"{HYDRA}required"][0]["@value"]
                for known in each[f"{HYDRA}supportedProperty"]
            }
            for each in thing[f"{HYDRA}supportedClass"]
        }
        self.assertEqual(
            required[f"{SCHEMA}Movie"],
            {
                f"{SCHEMA}name": True,
                f"{SCHEMA}director": True,
                f"{SCHEMA}datePublished": True,
                f"{OWN}runtime": True,
                f"{OWN}imdb_id": False,
            },
        )
        self.assertEqual(
            set(required[f"{SCHEMA}ItemList"]),
            {f"{OWN}name", f"{SCHEMA}name", f"{SCHEMA}itemListElement"},
        )

"""4.d Large projects: `openapi.yaml` describes each URL of the API, and is served."""

import json
import re
from collections import Counter
from unittest.mock import patch

import yaml
from authorization_server.data.scopes import SCOPES
from cinema.api.error_codes import ErrorCode
from cinema.api.list_query import MOST_PER_PAGE, SORTS
from cinema.data.models import LONGEST_WATCHLIST, MINUTES, YEARS
from cinema.users.roles import PERMISSIONS
from cinema.users.tokens import MOST_DAYS, MOST_TOKENS
from openapi_spec_validator import validate
from werkzeug.test import EnvironBuilder, run_wsgi_app

from tests import ApiTestCase
from tests.description import HOST, description, nodes, operations, text

SAID_OF_ALL_URLS = {"HEAD", "OPTIONS"}
OF_YAML_1_1 = r"(?i)^(y|n|yes|no|on|off|<<|0[0-9]+|[0-9]+:[0-9:]+|[0-9]{4}-[0-9-]+.*)$"
PARTS_OF_THE_PAGE = {"/docs/docs.js", "/docs/swagger-ui/<path:filename>"}


class DescriptionTest(ApiTestCase):
    def test_description_is_an_openapi_description(self):
        validate(description())

    def test_all_routes_are_described_and_no_others(self):
        routes = {
            (method, re.sub("<(?:[a-z]+:)?([a-z_]+)>", r"{\1}", rule.rule))
            for rule in self.app.url_map.iter_rules()
            for method in rule.methods - SAID_OF_ALL_URLS
            if rule.rule not in PARTS_OF_THE_PAGE
        }

        described = {(operation.method, operation.path) for operation in operations()}

        self.assertEqual(described - routes, set(), "is described, but is not there")
        self.assertEqual(routes - described, set(), "is there, but is not described")

    def test_parameters_in_a_path_are_described_and_no_others(self):
        for method, path, definition in operations():
            with self.subTest(method=method, path=path):
                places = {each["name"]: each["in"] for each in definition["parameters"]}
                described = [name for name, place in places.items() if place == "path"]

                self.assertEqual(described, re.findall("{([a-z_]+)}", path))

    def test_every_component_is_used(self):
        used = json.dumps(description())
        for kind, components in description()["components"].items():
            for name in components:
                with self.subTest(kind=kind, name=name):
                    reference = f'"#/components/{kind}/{name}"'
                    required = f'"{name}": ['  # so are security schemes, by their names
                    self.assertIn(required if kind == "securitySchemes" else reference, used)

    def test_error_codes_are_those_of_the_code(self):
        problem = description()["components"]["schemas"]["Problem"]["properties"]
        slug = description()["paths"]["/errors/{slug}"]["get"]["parameters"][0]

        self.assertEqual(problem["code"]["enum"], list(ErrorCode))
        self.assertEqual(slug["schema"]["enum"], [code.slug for code in ErrorCode])

    def test_limits_are_those_of_the_code(self):
        schemas = description()["components"]["schemas"]
        sort = description()["components"]["parameters"]["sort"]["schema"]
        page = schemas["MoviePage"]["properties"]

        self.assertEqual((schemas["Year"]["minimum"], schemas["Year"]["maximum"]), YEARS)
        self.assertEqual((schemas["Runtime"]["minimum"], schemas["Runtime"]["maximum"]), MINUTES)
        self.assertEqual(schemas["MovieIds"]["maxItems"], LONGEST_WATCHLIST)
        self.assertEqual(page["per_page"]["maximum"], MOST_PER_PAGE)
        self.assertEqual(sort["enum"], list(SORTS))
        self.assertEqual(schemas["TokenWanted"]["properties"]["days"]["maximum"], MOST_DAYS)
        self.assertEqual(schemas["Tokens"]["properties"]["tokens"]["maxItems"], MOST_TOKENS)

    def test_roles_and_scopes_are_those_of_the_code(self):
        session = description()["components"]["schemas"]["Session"]["properties"]
        flows = description()["components"]["securitySchemes"]["oauth2"]["flows"]

        self.assertEqual(session["role"]["enum"], list(PERMISSIONS))
        self.assertEqual(session["permissions"]["items"]["enum"], sorted(PERMISSIONS["editor"]))
        self.assertEqual(flows["authorizationCode"]["scopes"], SCOPES)


class ForToolsTest(ApiTestCase):
    """Other parsers are stricter than PyYAML, and generators of clients take us at our word."""

    def test_flow_collections_stand_deeper_than_their_key(self):
        """YAML 1.2, section 8.1: other parsers refuse a "]" in the column of its key."""
        blocks, open_flows = [-1], 0
        for token in yaml.scan(text()):
            if open_flows:
                place = token.start_mark
                self.assertGreater(place.column, blocks[-1], f"line {place.line + 1}: indent it")
            match token:
                case yaml.BlockMappingStartToken() | yaml.BlockSequenceStartToken():
                    blocks.append(token.start_mark.column)
                case yaml.BlockEndToken():
                    blocks.pop()
                case yaml.FlowMappingStartToken() | yaml.FlowSequenceStartToken():
                    open_flows += 1
                case yaml.FlowMappingEndToken() | yaml.FlowSequenceEndToken():
                    open_flows -= 1

    def test_words_mean_the_same_in_yaml_1_1_and_1_2(self):
        for token in yaml.scan(text()):
            if isinstance(token, yaml.ScalarToken) and token.plain:
                place = f"line {token.start_mark.line + 1}: write it otherwise, or between quotes"
                self.assertNotRegex(token.value, OF_YAML_1_1, place)

    def test_operation_is_called_as_its_view_and_version(self):
        views = {
            (method, re.sub("<(?:[a-z]+:)?([a-z_]+)>", r"{\1}", rule.rule)): rule.endpoint
            for rule in self.app.url_map.iter_rules()
            for method in rule.methods
        }
        for method, path, definition in operations():
            with self.subTest(method=method, path=path):
                view = views[method, path].rpartition(".")[2]
                version = re.findall("^/(v[0-9])/", path)

                self.assertEqual(definition.get("operationId"), "_".join([view, *version]))

    def test_no_two_operations_have_the_same_name(self):
        called = Counter(operation.definition.get("operationId") for operation in operations())

        self.assertEqual([name for name, count in called.items() if count > 1], [])

    def test_whole_version_1_is_deprecated_and_nothing_else(self):
        for method, path, definition in operations():
            with self.subTest(method=method, path=path):
                deprecated = definition.get("deprecated", False)

                self.assertEqual(deprecated, path.startswith("/v1/"))

    def test_reference_stands_alone(self):
        """What stands beside it, tools forget; put it around: `allOf: [{$ref: …}]`."""
        for node in nodes(description()):
            if "$ref" in node:
                self.assertEqual(list(node), ["$ref"])

    def test_constant_is_no_list(self):
        for node in nodes(description()):
            self.assertNotIsInstance(node.get("const"), (dict, list))

    def test_known_members_are_not_held_to_what_others_must_be(self):
        """A class is made of `properties`; its members are of the type of all others, too."""
        for node in nodes(description()):
            if "properties" in node:
                with self.subTest(properties=list(node["properties"])):
                    self.assertIn(node.get("additionalProperties", False), (False, True))

    def test_object_says_what_is_in_it(self):
        """To some tools an object of which nothing is known is empty."""
        for node in nodes(description()["components"]["schemas"], description()["paths"]):
            if node.get("type") == "object":
                self.assertTrue({"properties", "additionalProperties"} & node.keys(), node)

    def test_required_member_is_described_where_it_is_required(self):
        for node in nodes(description()["components"]["schemas"], description()["paths"]):
            if isinstance(node.get("required"), list):
                self.assertLessEqual(set(node["required"]), set(node.get("properties", ())))

    def test_member_of_a_body_has_no_default(self):
        """To some tools what has a default is always there; say it in words."""
        for node in nodes(description()["components"]["schemas"]):
            self.assertNotIn("default", node)


class ServedTest(ApiTestCase):
    def test_description_is_served_as_yaml(self):
        response = self.client.get("/openapi.yaml", base_url=HOST)

        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.headers.get("Content-Type"), "application/yaml")
        self.assertEqual(yaml.safe_load(response.data), description())

    def test_description_names_the_servers_at_hand(self):
        issuer = {"AUTHORIZATION_SERVER_URL": "https://login.example/"}
        with patch.dict(self.app.config, issuer):
            response = self.client.get("/openapi.yaml", base_url="https://api.example/cinema")

        served = yaml.safe_load(response.data)
        flows = served["components"]["securitySchemes"]["oauth2"]["flows"]
        self.assertEqual(served["servers"], [{"url": "https://api.example/cinema"}])
        self.assertEqual(flows["clientCredentials"]["tokenUrl"], "https://login.example/token")
        self.assertNotIn("127.0.0.1", response.text)

    def test_host_is_named_as_it_was_sent(self):
        for url in ("/openapi.yaml", "/v2/context", "/v2/movies", "/v2/movies/3"):
            for host in ("xn--n3h.net", "xn--"):  # ☃.net, and half a name
                with self.subTest(url=url, host=host):
                    headers = {"Host": host, "Accept": "application/ld+json, */*;q=0.5"}
                    environ = EnvironBuilder(url, headers=headers).get_environ()

                    body, status, _ = run_wsgi_app(self.app, environ)

                    self.assertEqual(status, "200 OK")
                    self.assertIn(f"http://{host}/", b"".join(body).decode())

    def test_description_is_not_sent_to_who_has_it(self):
        known = self.client.get("/openapi.yaml").headers.get("ETag", "")

        response = self.client.get("/openapi.yaml", headers={"If-None-Match": known})

        self.assertEqual(response.status_code, 304)
        self.assertEqual(response.data, b"")

    def test_date_of_an_answer_is_left_to_the_server(self):
        """Two would be one too many (RFC 9110, section 6.6.1)."""
        for url in ("/openapi.yaml", "/docs/docs.js", "/docs/swagger-ui/swagger-ui.css"):
            with self.subTest(url=url), self.client.get(url) as response:
                self.assertEqual(response.status_code, 200)
                self.assertNotIn("Date", response.headers)

    def test_entry_point_leads_to_the_description_and_to_its_page(self):
        links = ", ".join(self.client.get("/").headers.getlist("Link"))

        for relation in ("service-desc", "service-doc"):
            with self.subTest(relation=relation):
                urls = re.findall(f'<([^>]+)>; rel="{relation}"', links)
                statuses = [self.client.get(url).status_code for url in urls]
                self.assertEqual(statuses, [200], f"one link of these should work: {links}")

    def test_page_asks_for_nothing_of_other_hosts(self):
        page = self.client.get("/docs")

        urls = re.findall('(?:href|src)="([^"]*)"', page.text)
        self.assertEqual(len(urls), 5)
        for url in urls:
            with self.subTest(url=url), self.client.get(url) as part:
                self.assertRegex(url, "^/[a-z]")
                self.assertEqual(part.status_code, 200)

    def test_page_could_not_even_run_scripts_of_others(self):
        page = self.client.get("/docs")

        policy = page.headers.get("Content-Security-Policy", "")
        self.assertIn("default-src 'none'; script-src 'self'; style-src 'self';", policy)
        self.assertNotRegex(policy, "unsafe|http|[*]")
        self.assertNotRegex(page.text, "<script>|<style>| on[a-z]+=")

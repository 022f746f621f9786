"""4.a4 OAuth 2: a client needs to know no more of the authorization server than its address."""

import re

from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from authlib.oauth2.rfc9207 import AuthorizationServerMetadata as IssuerMetadata

from tests.lesson import made_in
from tests.oauth import ISSUER, REQUEST, SETTINGS, OAuthTestCase, dispose
from tests.users import told

with made_in("4.a4"):
    from authorization_server import create_app

METADATA = "/.well-known/oauth-authorization-server"
KEYS = "/jwks.json"


class DiscoveryTest(OAuthTestCase):
    """A client needs to know no more of us than our address."""

    def metadata(self, **changes):
        response = self.client.get(METADATA, **changes)
        self.assert_status(response, 200)
        self.assertEqual(told(response, "issuer"), ISSUER, "the metadata should name their issuer")
        return response.json

    def test_metadata_keeps_to_its_standard(self):
        metadata = self.metadata()

        AuthorizationServerMetadata(metadata).validate(metadata_classes=[IssuerMetadata])
        for name, value in {
            "issuer": ISSUER,
            "code_challenge_methods_supported": ["S256"],
            "response_types_supported": ["code"],
            "authorization_response_iss_parameter_supported": True,
        }.items():
            self.assertEqual(metadata.get(name), value, f"the metadata should tell {name}")

    def test_every_address_in_the_metadata_leads_somewhere(self):
        metadata = self.metadata()

        addresses = {name for name in metadata if name.endswith(("_endpoint", "_uri"))}
        needed = {"authorization_endpoint", "token_endpoint", "revocation_endpoint", "jwks_uri"}
        self.assertLessEqual(needed, addresses, "a client should find all of them")
        for name in addresses:
            with self.subTest(name):
                self.assert_status(self.client.options(metadata[name]), 200)

    def test_other_host_does_not_change_the_addresses(self):
        ours = self.metadata()

        others = self.metadata(base_url="http://attacker.example")

        self.assertEqual(others, ours)

    def test_private_half_of_the_key_is_not_given_out(self):
        names = set(self.key())

        self.assertLessEqual({"kty", "crv", "x", "y", "kid"}, names, "that is the public half")
        self.assertFalse(names & {"d", "k", "p", "q"}, "and these are private (RFC 7518)")

    def test_key_is_the_same_after_every_start(self):
        again = create_app(SETTINGS)
        self.addCleanup(dispose, again)

        self.assertEqual(again.test_client().get(KEYS).json, self.client.get(KEYS).json)


class CacheTest(OAuthTestCase):
    """What is the same for everybody may be kept for a while, and nothing else may be kept."""

    def test_metadata_and_keys_may_be_kept_for_a_while(self):
        for url in (METADATA, KEYS):
            for method in ("GET", "HEAD"):
                with self.subTest(url=url, method=method):
                    response = self.client.open(url, method=method)

                    said = response.headers.get("Cache-Control", "nothing")
                    self.assertIn("public", said.split(", "), "otherwise each API asks each time")
                    seconds = re.search(r"\bmax-age=(\d+)", said)
                    self.assertIsNotNone(seconds, f"it should say for how long, and not {said!r}")
                    self.assertIn(int(seconds[1]), range(1, 3601), "a withdrawn key has to go")

    def test_nothing_else_may_be_kept(self):
        code = self.get_code()
        for what, response in {
            "tokens": self.trade(code),
            "a refused code": self.trade(code),
            "the login page": self.ask(),
            "the answer that sends the browser back": self.decide("allow"),
            "an error page": self.ask(client_id="unknown"),
            "a revocation": self.client.post("/revoke", data={"token": "x"}),
            "an introspection": self.client.post("/introspect", data={"token": "x"}),
            "no such page": self.client.get("/nothing"),
            "a wrong method on the keys": self.client.post(KEYS),
            "a wrong method on the metadata": self.client.delete(METADATA),
            "a login without a form": self.browser.post("/login", query_string=REQUEST),
        }.items():
            with self.subTest(what=what):
                self.assert_not_stored(response)

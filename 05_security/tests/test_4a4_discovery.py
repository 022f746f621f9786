"""4.a4 OAuth 2: a client needs to know no more of the authorization server than its address."""

import re

from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from authlib.oauth2.rfc9207 import AuthorizationServerMetadata as IssuerMetadata

from tests.lesson import made_in
from tests.oauth import ISSUER, REQUEST, SETTINGS, OAuthTestCase, dispose

with made_in("4.a4"):
    from authorization_server import create_app

METADATA = "/.well-known/oauth-authorization-server"
KEYS = "/jwks.json"


class DiscoveryTest(OAuthTestCase):
    """A client needs to know no more of us than our address."""

    def test_metadata_keeps_to_its_standard(self):
        metadata = self.client.get(METADATA).json

        AuthorizationServerMetadata(metadata).validate(metadata_classes=[IssuerMetadata])
        for name, value in {
            "issuer": ISSUER,
            "code_challenge_methods_supported": ["S256"],
            "response_types_supported": ["code"],
            "authorization_response_iss_parameter_supported": True,
        }.items():
            self.assertEqual(metadata.get(name), value, f"the metadata should tell {name}")

    def test_every_address_in_the_metadata_leads_somewhere(self):
        metadata = self.client.get(METADATA).json

        for name, url in metadata.items():
            if name.endswith(("_endpoint", "_uri")):
                with self.subTest(name):
                    self.assertNotEqual(self.client.options(url).status_code, 404)

    def test_other_host_does_not_change_the_addresses(self):
        ours = self.client.get(METADATA).json

        others = self.client.get(METADATA, base_url="http://attacker.example").json

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

                    told = response.headers.get("Cache-Control", "nothing")
                    self.assertIn("public", told.split(", "), "otherwise each API asks each time")
                    seconds = re.search(r"\bmax-age=(\d+)", told)
                    self.assertIsNotNone(seconds, f"it should say for how long, and not {told!r}")
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

"""What the tests of 4.d start from: Carol, who owns two watchlists, and two versions."""

import re

from cinema.data.database import writing
from cinema.users.commands import add_user

from tests import PASSWORD, ApiTestCase, basic

CAROL = basic("carol")  # whom only the tests below know


class WithCarolTestCase(ApiTestCase):
    """The first users and Carol, a member, to whom two watchlists belong: one is private."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls.app.app_context(), writing():
            add_user("carol", "member", PASSWORD)
        cls.snapshot = cls.database.serialize()
        client = cls.app.test_client()
        for name, private in (("friday-night", False), ("secret", True)):
            body = {"title": name, "private": private, "movies": [3, 1]}
            client.put(f"/v1/watchlists/{name}", json=body, headers=CAROL)
        cls.snapshot = cls.database.serialize()


def successor_of(response):
    """Return where the next version has what was asked for."""
    links = ", ".join(response.headers.getlist("Link"))
    found = re.search('<([^>]*)>; rel="successor-version"', links)
    assert found, f"a Link should lead to the next version, and the links are: {links or 'none'}"
    return found[1]

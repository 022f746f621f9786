"""4e.2: the front door, made once for each of its forms."""

from unittest import TestCase

import cinema
import fast

from tests import SETTINGS

LD = {"Accept": "application/ld+json"}


class FrontDoorTest(TestCase):
    def setUp(self):
        settings = SETTINGS | {"SQLALCHEMY_DATABASE_URI": "sqlite://"}
        self.plain = cinema.create_app(settings).test_client()
        self.quick = fast.create_app(settings, ["front_door"]).test_client()

    def test_answers_are_the_same(self):
        for host in ("http://127.0.0.1", "http://localhost"):
            for headers in ({}, LD, {"Accept": "text/plain"}):
                for _ in range(2):
                    ours = self.plain.get("/", headers=headers, base_url=host)
                    theirs = self.quick.get("/", headers=headers, base_url=host)
                    self.assertEqual(theirs.data, ours.data)
                    self.assertEqual(theirs.status_code, ours.status_code)
                    self.assertEqual(theirs.headers.get("ETag"), ours.headers.get("ETag"))
                    self.assertEqual(theirs.headers["Vary"], ours.headers["Vary"])

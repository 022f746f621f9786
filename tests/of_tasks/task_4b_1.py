"""4b.1: a change needs a condition."""

from tests import ALICE, BOB, REBECCA, ApiTestCase


class ConditionTest(ApiTestCase):
    def test_patch_without_a_condition_is_428(self):
        response = self.client.patch(REBECCA["url"], json={"year": 1941}, headers=ALICE)

        self.assert_problem(response, 428, "Precondition Required")

    def test_watchlist_is_created_if_there_is_nothing_yet(self):
        url, body = "/v1/watchlists/friday", {"title": "Friday"}

        self.assertEqual(self.client.put(url, json=body, headers=BOB).status_code, 428)
        created = self.client.put(url, json=body, headers=BOB | {"If-None-Match": "*"})
        self.assertEqual(created.status_code, 201)

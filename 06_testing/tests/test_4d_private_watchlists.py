"""4.d Large projects: a watchlist has an owner, and may be private."""

from tests import ALICE, BOB
from tests.large_project import CAROL, WithCarolTestCase

JSON_LD = "application/ld+json"


class OwnershipTest(WithCarolTestCase):
    def test_watchlist_belongs_to_who_creates_it(self):
        response = self.client.put("/v1/watchlists/mine", json={"title": "Mine"}, headers=BOB)

        self.assertEqual(response.status_code, 201)
        self.assertEqual(response.json["owner"], "bob")
        self.assertIs(response.json["private"], False)

    def test_what_only_the_server_sets_is_refused(self):
        for method, name in (("PUT", "friday-night"), ("PATCH", "friday-night"), ("PUT", "new")):
            for member, value in (("owner", "bob"), ("owner", None), ("version", 1), ("items", [])):
                with self.subTest(method=method, name=name, member=member, value=value):
                    response = self.client.open(
                        f"/v1/watchlists/{name}",
                        method=method,
                        json={"title": "Mine", member: value},
                        headers=CAROL,
                    )

                    self.assert_problem(response, 400, "Bad Request")
                    self.assertEqual(list(response.json.get("errors", ())), [member])
                    self.assert_nothing_changed()

    def test_private_is_true_or_false(self):
        for value in (None, 0, 1, "true", "", [], {}):
            with self.subTest(value=value):
                body = {"title": "Mine", "private": value}

                response = self.client.put("/v1/watchlists/mine", json=body, headers=BOB)

                self.assert_problem(response, 400, "Bad Request")
                self.assertEqual(response.json.get("errors"), {"private": "must be true or false"})
                self.assert_nothing_changed()

    def test_private_that_is_left_out_is_public_for_put_and_stays_for_patch(self):
        patched = self.client.patch("/v1/watchlists/secret", json={"movies": []}, headers=CAROL)
        put = self.client.put("/v1/watchlists/secret", json={"title": "Known"}, headers=CAROL)

        self.assertIs(patched.json["private"], True)
        self.assertIs(put.json["private"], False)


class PrivateWatchlistTest(WithCarolTestCase):
    URL = "/v1/watchlists/secret"

    def names_seen_by(self, headers, version="v1", query=""):
        response = self.client.get(f"/{version}/watchlists{query}", headers=headers)
        return [watchlist["name"] for watchlist in response.json["watchlists"]]

    def test_lists_show_it_to_its_owner_only(self):
        for version in ("v1", "v2"):
            for headers in ({}, ALICE, BOB):
                with self.subTest(version=version, headers=headers):
                    self.assertEqual(self.names_seen_by(headers, version), ["friday-night"])
                    self.assertEqual(self.names_seen_by(CAROL, version), ["friday-night", "secret"])

    def test_total_does_not_count_it(self):
        for headers, total in ((BOB, 1), (CAROL, 2)):
            for per_page in (1, 20):
                with self.subTest(total=total, per_page=per_page):
                    url = f"/v1/watchlists?per_page={per_page}"

                    response = self.client.get(url, headers=headers)

                    self.assertEqual(response.json["total"], total)

    def test_cursor_of_its_owner_shows_it_to_nobody_else(self):
        page = self.client.get("/v2/watchlists?per_page=1", headers=CAROL).json
        query = f"?cursor={page['next_cursor']}"

        self.assertEqual(self.names_seen_by(CAROL, "v2", query), ["secret"])
        self.assertEqual(self.names_seen_by(BOB, "v2", query), [])

    def test_page_does_not_tell_that_something_is_hidden(self):
        response = self.client.get("/v2/watchlists?per_page=1")

        self.assertIsNone(response.json["next_cursor"])

    def test_json_ld_hides_it_too(self):
        for version in ("v1", "v2"):
            with self.subTest(version=version):
                response = self.client.get(
                    f"/{version}/watchlists", headers=BOB | {"Accept": JSON_LD}
                )

                self.assertEqual(len(response.json["member"]), 1)
                self.assertNotIn("secret", response.text)

    def test_404_is_the_one_of_a_watchlist_that_is_not_there(self):
        hidden = self.client.get(self.URL, headers=BOB)
        missing = self.client.get("/v1/watchlists/nobody", headers=BOB)

        self.assert_problem(hidden, 404, "Not Found")
        self.assertEqual(hidden.text, missing.text.replace("nobody", "secret"))
        self.assertEqual(set(hidden.headers.keys()), set(missing.headers.keys()))

    def test_what_is_made_private_is_hidden_at_once(self):
        self.client.get("/v1/watchlists/friday-night")
        self.names_seen_by({})

        self.client.patch("/v1/watchlists/friday-night", json={"private": True}, headers=CAROL)

        self.assertEqual(self.client.get("/v1/watchlists/friday-night").status_code, 404)
        self.assertEqual(self.names_seen_by({}), [], "no cache should remember it")

    def test_what_is_made_public_is_shown_to_all(self):
        self.client.patch(self.URL, json={"private": False}, headers=CAROL)

        self.assertEqual(self.client.get(self.URL).status_code, 200)
        self.assertEqual(self.names_seen_by(BOB), ["friday-night", "secret"])

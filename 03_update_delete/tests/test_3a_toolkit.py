"""3.a Update: how `http/` helps any Flask project with PATCH and Prefer; no cinema is needed."""

from unittest import TestCase

from cinema.http import methods
from cinema.http.merge_patch import merge_patch, merge_patch_object
from cinema.http.preferences import answer_as_preferred
from flask import Flask

NOTE = {"text": "Buy milk.", "tags": ["today"], "place": {"shop": "corner", "open": True}}
PATCH = {"text": "Buy bread.", "tags": None, "place": {"open": False}}

app = Flask("notes")
methods.init_app(app)


@app.patch("/notes/1")
def change_note():
    return answer_as_preferred(merge_patch(NOTE, merge_patch_object()))


@app.delete("/notes/1")
def delete_note():
    return answer_as_preferred(NOTE, default="minimal")


class MergePatchTest(TestCase):
    def patch(self, content_type="application/merge-patch+json", **headers):
        return app.test_client().patch(
            "/notes/1", json=PATCH, content_type=content_type, headers=headers
        )

    def test_patch_replaces_what_it_names_and_null_removes(self):
        response = self.patch()

        patched = {"text": "Buy bread.", "place": {"shop": "corner", "open": False}}
        self.assertEqual((response.status_code, response.json), (200, patched))

    def test_other_patch_is_415_and_told_which_ones_are_read(self):
        response = self.patch("application/xml-patch+xml")

        self.assertEqual(response.status_code, 415)
        self.assertIn("application/merge-patch+json", response.headers.get("Accept-Patch", ""))

    def test_options_tells_it_too(self):
        response = app.test_client().options("/notes/1")

        self.assertEqual(response.headers.get("Allow"), "DELETE, OPTIONS, PATCH")
        self.assertIn("application/merge-patch+json", response.headers.get("Accept-Patch", ""))

    def test_client_chooses_what_comes_back(self):
        for wish, status in (("minimal", 204), ("representation", 200)):
            for method in ("PATCH", "DELETE"):
                with self.subTest(wish=wish, method=method):
                    response = app.test_client().open(
                        "/notes/1", method=method, json=PATCH, headers={"Prefer": f"return={wish}"}
                    )

                    applied = response.headers.get("Preference-Applied")
                    self.assertEqual((response.status_code, applied), (status, f"return={wish}"))
                    self.assertEqual(bool(response.data), wish == "representation")

    def test_view_chooses_for_who_has_no_wish(self):
        deleted = app.test_client().delete("/notes/1")

        self.assertEqual((deleted.status_code, self.patch().status_code), (204, 200))
        self.assertNotIn("Content-Type", deleted.headers)

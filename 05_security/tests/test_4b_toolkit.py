"""4.b HTTP caching: what `http/` does for it in any Flask project; no cinema is needed."""

from types import SimpleNamespace
from unittest import TestCase

from cinema.http import caching, conditional, problems
from cinema.http.caching import cached
from cinema.http.conditional import check_preconditions, quoted_etag, versioned
from cinema.http.negotiation import JSON, JSON_LD, offer
from flask import Blueprint, Flask, request

note = SimpleNamespace(version=1, text="Buy milk.", shown=0)
notes = Blueprint("notes", __name__)
offer(notes, JSON, JSON_LD)


@notes.get("/notes/1")
@versioned(lambda: note.version)
@cached
def get_note():
    note.shown += 1
    return {"text": note.text, "url": request.url}


@notes.patch("/notes/1")
def change_note():
    check_preconditions(note)
    note.version, note.text = note.version + 1, request.json["text"]
    return {"text": note.text}, {"ETag": quoted_etag(note)}


app = Flask("notes")
app.config.from_mapping(CACHE_URL=None, PUBLIC_MAX_AGE=60, REQUIRE_IF_MATCH=False)
problems.init_app(app)
conditional.init_app(app, viewer=lambda: request.headers.get("Authorization", ""))
caching.init_app(app)
app.register_blueprint(notes)


class CachingTestCase(TestCase):
    def setUp(self):
        note.version += 1  # so that no answer is known yet
        note.shown = 0
        self.client = app.test_client()

    def get(self, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.get("/notes/1", headers=named)

    def change(self, text, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.patch("/notes/1", json={"text": text}, headers=named)

    def tag(self, **headers):
        tag = self.get(**headers).headers.get("ETag")
        self.assertIsNotNone(tag, "an answer that may change should have an ETag")
        return tag


class ConditionalTest(CachingTestCase):
    def test_known_version_is_304_and_is_not_shown_again(self):
        tag, shown = self.tag(), note.shown

        response = self.get(If_None_Match=tag)

        self.assertEqual((response.status_code, response.data, note.shown), (304, b"", shown))

    def test_each_version_form_and_reader_has_a_tag_of_its_own(self):
        tags = {self.tag(), self.tag(Accept=JSON_LD), self.tag(Authorization="me")}
        self.change("Buy bread.")

        tags.add(self.tag())

        self.assertEqual(len(tags), 4)

    def test_change_to_another_version_is_412(self):
        old = self.tag()
        changed = self.change("Buy bread.", If_Match=old)

        late = self.change("Buy nothing.", If_Match=old)

        self.assertEqual((changed.status_code, late.status_code), (200, 412))
        self.assertEqual(changed.headers.get("ETag"), self.tag())

    def test_setting_wants_a_condition(self):
        app.config["REQUIRE_IF_MATCH"] = True
        self.addCleanup(app.config.update, REQUIRE_IF_MATCH=False)

        self.assertEqual(self.change("Buy bread.").status_code, 428)


class CacheTest(CachingTestCase):
    def test_answer_is_made_once_for_each_version(self):
        first, second = self.get(), self.get()
        self.change("Buy bread.")

        third = self.get()

        self.assertEqual(second.data, first.data)
        self.assertEqual(third.json.get("text"), "Buy bread.")
        self.assertEqual(note.shown, 2, "the second answer should be the first one, kept")

    def test_answers_at_two_urls_are_kept_apart(self):
        for base in ("http://a.example", "https://a.example", "http://a.example/under"):
            with self.subTest(base=base):
                response = self.client.get("/notes/1", base_url=base)

                self.assertEqual(response.json.get("url"), f"{base}/notes/1")

    def test_everybody_may_keep_what_everybody_may_see(self):
        control = self.get().headers.get("Cache-Control", "")

        self.assertRegex(control, "^public, max-age=60")

    def test_one_reader_alone_may_keep_what_only_they_may_see(self):
        control = self.get(Authorization="me").headers.get("Cache-Control")

        self.assertEqual(control, "private, no-cache")

    def test_nobody_may_keep_a_change_or_an_error(self):
        for response in (self.change("Buy bread."), self.client.get("/nowhere")):
            with self.subTest(status=response.status_code):
                self.assertEqual(response.headers.get("Cache-Control"), "no-store")

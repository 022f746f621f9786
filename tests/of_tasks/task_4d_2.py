"""4d.2: members review movies, in version 2."""

from tests import ALICE, BOB, ApiTestCase

URL = "/v2/movies/3/reviews"


class ReviewTest(ApiTestCase):
    def post(self, url=URL, headers=BOB, **body):
        return self.client.post(url, json=body, headers=headers)

    def test_member_reviews_a_movie(self):
        response = self.post(text="Last night I dreamt of it again.")

        self.assertEqual(response.status_code, 201)
        self.assertEqual(response.json["author"], "bob")

    def test_who_may_not(self):
        self.assertEqual(self.post(headers=None, text="Good.").status_code, 401)
        self.assertEqual(self.post(headers=ALICE, text="Good.").status_code, 403)

    def test_what_is_refused(self):
        self.assert_problem(self.post(text=" "), 400, "Bad Request")
        self.assert_problem(self.post(), 400, "Bad Request")
        self.assert_problem(self.post(url="/v2/movies/99/reviews", text="x"), 404, "Not Found")
        self.assertEqual(self.post(url="/v1/movies/3/reviews", text="x").status_code, 404)

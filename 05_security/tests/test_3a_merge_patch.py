"""3.a Update: a merge patch looks like what it changes (RFC 7396)."""

from unittest import TestCase

from cinema.http.merge_patch import merge_patch

from tests import KEY, REBECCA, ApiTestCase

RFC_7396_APPENDIX_A = (  # what there is, the patch, what comes out
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
)


class DeepPatchTest(ApiTestCase):
    def test_patch_of_many_levels_is_400(self):
        for depth in (101, 1_000, 5_000):
            with self.subTest(depth=depth):
                response = self.client.patch(
                    REBECCA["url"],
                    data='{"title":' * depth + "1" + "}" * depth,
                    content_type="application/merge-patch+json",
                    headers=KEY,
                )

                self.assert_problem(response, 400, "Bad Request")
                self.assert_nothing_changed()


class MergePatchTest(TestCase):
    def test_examples_of_rfc_7396_come_out_as_they_should(self):
        for target, patch, result in RFC_7396_APPENDIX_A:
            with self.subTest(target=target, patch=patch):
                self.assertEqual(merge_patch(target, patch), result)

    def test_target_is_left_alone(self):
        target = {"a": {"b": "c"}}

        merge_patch(target, {"a": {"b": None}, "d": 1})

        self.assertEqual(target, {"a": {"b": "c"}})

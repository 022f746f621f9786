"""The lessons' tasks can be done: a right solution leaves the suite of the chapter green."""

import subprocess
import sys

import pytest
from course_copy import CourseCopy

pytestmark = pytest.mark.slow  # each plays a suite

JSON_PATCH = """

from flask import request

from .json_body import parse, whole_body

JSON_PATCH = "application/json-patch+json"
ACCEPT_PATCH += f", {JSON_PATCH}"
merge_patch_alone = merge_patch_object


def merge_patch_object():
    if request.mimetype != JSON_PATCH:
        return merge_patch_alone()
    return {step["path"].removeprefix("/"): step["value"] for step in parse(whole_body())}
"""
CHANGES_THE_YEAR = """
from tests import KEY, REBECCA, ApiTestCase


class JsonPatchTest(ApiTestCase):
    def test_step_is_taken(self):
        steps = '[{"op": "replace", "path": "/year", "value": 1941}]'
        media_type = "application/json-patch+json"

        response = self.client.patch(
            REBECCA["url"], data=steps, content_type=media_type, headers=KEY
        )

        self.assertEqual((response.status_code, response.json["year"]), (200, 1941))
        self.assertIn(media_type, response.headers.get("Accept-Patch", media_type))
"""


def test_json_patch_beside_merge_patch_breaks_no_test_of_chapter_3(tmp_path):
    """Task 1 of chapter 3, as far as replacing a member."""
    chapter = CourseCopy(tmp_path).folder / "03_update_delete"
    with (chapter / "cinema" / "http" / "merge_patch.py").open("a") as module:
        module.write(JSON_PATCH)
    (chapter / "tests" / "test_task.py").write_text(CHANGES_THE_YEAR)

    done = subprocess.run(
        [sys.executable, "-m", "unittest"],
        cwd=chapter,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-3000:]

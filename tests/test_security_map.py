"""SECURITY.md of the chapters: every row leads to a section, to code and to a test."""

import re

import pytest
from course_files import label

from course.spine import chapters

TOP_TEN = [f"API{number}" for number in range(1, 11)]
ROW = re.compile(
    r"^\| (?P<risk>API\d+) [^|]+ \| [^|]+ \| (?P<section>\d\.\w\d?) \| `(?P<code>[^`]+)` \|"
    r" `(?P<suite>[^`]+)`, `(?P<test>[^`]+)` \|$",
    re.MULTILINE,
)
CHAPTERS = [chapter for chapter in chapters() if chapter.number >= 5]


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: label(chapter.folder))
def test_each_of_the_ten_risks_leads_to_section_code_and_test(chapter):
    rows = list(ROW.finditer((chapter.folder / "SECURITY.md").read_text(encoding="utf-8")))
    sections = {section.label for other in chapters() for section in other.sections}

    assert [row["risk"] for row in rows] == TOP_TEN
    for row in rows:
        suite = (chapter.folder / "tests" / row["suite"]).read_text(encoding="utf-8")
        assert row["section"] in sections
        assert (chapter.folder / row["code"]).is_file(), row["code"]
        assert f"def {row['test']}(self" in suite, f"{row['suite']} has no {row['test']}"

"""Chapter 6's solutions: tests that are typed into a copy of it, and faults that its tests see."""

import re
import subprocess
import sys

import pytest
from solved import carry_out, copy_of_chapter, names_of_suites, replace, suite

from course import tasks

pytestmark = pytest.mark.slow

TASKS = {task.id: task for task in tasks.tasks()}
NEW_TESTS = {
    "6.1.1": "tests.test_61_added_anew",
    "6.1.2": "tests.test_61_two_browsers",
    "6.2.2": "tests.test_62_vary",
    "6.3.1": "tests.test_63_good_watchlists",
    "6.5.1": "tests.test_65_stories",
}
SEEN_BY_THEM = {  # what turns each of them red: a file, what is in it, and what is there instead
    "6.1.1": ("tests/test_61_added_anew.py", "connection.execute(table.delete())", "pass"),
    "6.1.2": (
        "tests/test_61_two_browsers.py",
        "{name: self.app.test_client() for",
        "{name: self.client for",
    ),
    "6.2.2": (
        "cinema/http/negotiation.py",
        'response.vary.update(("Accept", ',
        "response.vary.update((",
    ),
    "6.3.1": ("cinema/data/models.py", "LONGEST_WATCHLIST = 100", "LONGEST_WATCHLIST = 99"),
    "6.5.1": (  # at the first 304: hypothesis would spend minutes on a shorter story
        "tests/test_65_stories.py",
        "status_code == 304:",
        'status_code == 304 and __import__("os")._exit(1):',
    ),
}


@pytest.mark.parametrize("name", NEW_TESTS)
def test_tests_of_a_solution_are_green_and_see_a_fault(name, tmp_path):
    chapter = copy_of_chapter(6, tmp_path)
    carry_out(TASKS[name], chapter)
    green, report = suite(chapter, NEW_TESTS[name])
    assert green, report

    file, old, new = SEEN_BY_THEM[name]
    replace(chapter / file, old, new)

    assert not suite(chapter, NEW_TESTS[name])[0]


def test_6_2_1_a_new_route_turns_those_tests_red_that_know_all_routes(tmp_path):
    chapter = copy_of_chapter(6, tmp_path)
    carry_out(TASKS["6.2.1"], chapter)

    for name in ("test_62_custom_routes", "test_64_permissions", "test_4d_api_description"):
        green, report = suite(chapter, f"tests.{name}")
        assert not green, name
        assert "directors" in report, name


def test_6_3_2_the_fault_is_seen_by_the_property_only(tmp_path):
    chapter = copy_of_chapter(6, tmp_path)
    carry_out(TASKS["6.3.2"], chapter)

    green, report = suite(chapter, *names_of_suites(chapter, "63"))

    assert green, report
    assert not suite(chapter, "tests.test_65_properties")[0]


def test_6_4_1_twelve_cells_notice_that_the_owner_is_not_asked_for(tmp_path):
    chapter = copy_of_chapter(6, tmp_path)
    replace(
        chapter / "cinema" / "api" / "watchlists.py", "    refuse_others(watchlist.owner)\n", ""
    )

    _, report = suite(chapter, "tests.test_64_permissions.EveryCellTest")

    cells = re.findall(
        r"^FAIL: .*(?:PUT|PATCH|DELETE) /v[12]/watchlists/public.*", report, re.MULTILINE
    )
    print(report[-3000:])
    assert len(cells) == 12, cells


def test_6_5_2_the_answer_does_not_depend_on_the_language(tmp_path):
    chapter = copy_of_chapter(6, tmp_path)
    request = re.search(r"```text\n(.*?)```", TASKS["6.5.2"].solution, re.DOTALL)[1]
    file = chapter / "tests" / "transcript.http"
    file.write_text(f"{file.read_text(encoding='utf-8').rstrip()}\n\n{request}", encoding="utf-8")

    subprocess.run([sys.executable, "-m", "tests.transcript"], cwd=chapter, check=True)

    answer = file.read_text(encoding="utf-8").partition(request)[2]
    assert answer.lstrip().startswith("HTTP/1.1 200 OK")
    assert '"title":"Rebecca"' in answer.replace(": ", ":")
    assert "Language" not in answer

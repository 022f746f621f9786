"""Handouts: one sheet of A4 for each section, with what its lesson and its promises say."""

import re
from base64 import b64decode

import pytest
from chromium import Chromium
from course_files import is_left_by_running

from course.building.promise import HARDENED, PROMISED, promises_of
from course.command_line import main
from course.commands.handout import FOLDER
from course.spine import chapters, find_section
from course.teaching import handout

SECTIONS = [section for chapter in chapters() for section in chapter.sections]
PAGE = re.compile(rb"/Type\s*/Page\b(?!s)")

every_section = pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.id)


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with Chromium(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


def printed(browser, html, tmp_path):
    file = tmp_path / "handout.html"
    file.write_text(html, encoding="utf-8")
    browser.open(file.as_uri())
    options = {"preferCSSPageSize": True, "printBackground": False}
    return b64decode(browser.call("Page.printToPDF", **options)["data"])


def pages(pdf):
    return len(PAGE.findall(pdf))


@pytest.mark.needs_servers
@every_section
def test_handout_is_one_sheet_of_a4(section, browser, tmp_path):
    pdf = printed(browser, handout.page(section), tmp_path)

    assert pages(pdf) == 1
    assert re.search(rb"/MediaBox \[0 0 59[4-6][.\d]* 84[1-3]", pdf), "A4"


@pytest.mark.needs_servers
def test_handout_that_is_too_long_would_be_seen(browser, tmp_path):
    long = handout.page(find_section("2a")).replace("</main>", "<p>more</p>" * 200 + "</main>")

    assert pages(printed(browser, long, tmp_path)) > 1


@every_section
def test_handout_has_what_the_lesson_has(section):
    page = handout.page(section)

    assert section.title in page.replace("&amp;", "&").replace("&#x27;", "'")
    assert f"test {handout.written(section.id)}" in page
    for word in handout.read(section).words.split(", "):
        assert handout.inline(word) in page


@pytest.mark.parametrize("section", ["1d", "2a", "4a4", "5b"])
def test_every_promise_is_on_it_with_its_source(section):
    page = handout.page(find_section(section))

    for promise in promises_of(section):
        if promise.tier in (PROMISED, HARDENED):
            assert handout.inline(promise.sentence) in page
            assert handout.inline(promise.source) in page


def test_status_codes_and_fields_of_2a():
    told = handout.read(find_section("2a"))

    assert {201, 400, 401, 409, 413, 415} <= set(told.statuses)
    assert told.fields["Location"] == ("API", "/v1/movies/660")
    assert told.fields["Authorization"][0] == "client"
    assert told.fields["WWW-Authenticate"][1].startswith("Bearer")


@every_section
def test_numbers_that_are_no_status_are_left_out(section):
    assert 300 not in handout.read(section).statuses


def test_solutions_are_not_on_it():
    assert "whole_page" not in handout.page(find_section("2a"))
    assert "urljoin" not in handout.page(find_section("3a"))


def test_command_writes_where_git_does_not_look(capsys, monkeypatch):
    monkeypatch.setattr("webbrowser.open", lambda url: pytest.fail("--no-browser"))

    assert main(["handout", "2a", "--no-browser"]) == 0

    assert capsys.readouterr().out == "handouts/2a.html\n"
    assert (FOLDER / "2a.html").exists()
    assert is_left_by_running(FOLDER / "2a.html")


def test_command_opens_the_page(monkeypatch):
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)

    main(["handout", "2.a"])

    assert opened == [(FOLDER / "2a.html").as_uri()]


def test_unknown_section_is_one_line():
    with pytest.raises(SystemExit, match="There is no section '9z'"):
        main(["handout", "9z"])

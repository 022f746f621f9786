"""The pages that run a chapter in the browser, used as a visitor uses them."""

import subprocess
import sys
import zipfile

import pytest
from browser_edition import Visitor, built, served

from course.browser.console import EXAMPLES
from course.browser.links import TRY_CHAPTERS
from course.site.npm import node_modules
from course.spine import find_chapter

pytestmark = pytest.mark.needs_servers

CODE = (find_chapter("1").folder / "cinema.py").read_text(encoding="utf-8")
SLASHES = CODE.replace("merge_slashes = False", "merge_slashes = True")
NO_FRONT_DOOR = CODE.replace('"movies": url_for("list_movies")', '"films": url_for("list_movies")')
MY_TEST = """from tests import ApiTestCase


class MyTest(ApiTestCase):
    def test_that_fails(self):
        self.assertEqual(self.client.get("/v1/movies").status_code, 418)
"""
RUNS = "The API of chapter 1 runs"
CTRL = 2


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with served(built(tmp_path_factory)) as (url, asked):
        yield url, asked


@pytest.fixture(scope="module")
def browser(site, tmp_path_factory):
    """Return a browser that has opened the page of chapter 1."""
    with Visitor(tmp_path_factory.mktemp("profile")) as browser:
        browser.open(f"{site[0]}/try/1/index.html")
        browser.says("#state", RUNS)
        yield browser


@pytest.fixture(scope="module")
def visitor(request, site, tmp_path_factory):
    """Return another browser, at the page of a chapter: each is opened once for all its tests."""
    with Visitor(tmp_path_factory.mktemp("profile")) as visitor:
        visitor.number = request.param
        visitor.open(f"{site[0]}/try/{visitor.number}/index.html")
        visitor.says("#state", f"The API of chapter {visitor.number} runs")
        yield visitor
        assert visitor.complaints == []
        assert visitor.elsewhere == []


at_each_chapter = pytest.mark.parametrize("visitor", TRY_CHAPTERS, indirect=True)


@pytest.fixture(autouse=True)
def all_is_well(browser):
    """Begin each test with the chapter's own code; end it with a page that complains of nothing."""
    if browser.evaluate("!document.querySelector('#undo-all').disabled"):
        browser.click("#undo-all")
    browser.says("#state", f"{RUNS} (")
    browser.wait_for("!document.querySelector('#restart').disabled")
    yield
    assert browser.complaints == []
    assert browser.elsewhere == []


def write(browser, code):
    """Replace the code in the editor."""
    browser.evaluate("document.querySelector('.cm-content').focus()")
    browser.press("a", 65, CTRL)
    browser.call("Input.insertText", text=code)


def test_request_is_answered_as_on_the_wire(browser):
    browser.click("#request button")

    shown = browser.says("#exchange", "200 OK")
    assert shown.startswith("GET /v1/movies/3 HTTP/1.1\n\nHTTP/1.1 200 OK\n")
    assert '"title": "Rebecca"' in shown


def test_one_test_turns_red_the_right_one_and_green_when_it_is_undone(browser):
    browser.choose("#suite", "test_1d_*.py")
    write(browser, SLASHES)

    browser.click("#test")

    told = browser.says("#verdict", "1 failed")
    assert "test_url_with_a_slash_too_many_is_404" in told
    browser.click("#undo")
    browser.says("#state", f"{RUNS} (")
    browser.click("#test")
    browser.says("#verdict", "All that ran passed")


def test_check_shows_the_broken_promise_and_gives_hints(browser):
    write(browser, NO_FRONT_DOOR)

    browser.click("#check")

    told = browser.says("#promises", "Promised:")
    assert 'GET / answers with a member "movies"' in told
    assert "The front door" in told
    link = browser.evaluate("document.querySelector('.explanation a').href")
    assert link.endswith("/01_getting_started/index.html")
    browser.click("#hint")
    browser.says("#promises", "GET / is a route like any other.")


def test_check_keeps_count(browser):
    browser.click("#check")

    browser.says("#promises", "13 of 13 promises kept")


def test_typing_mistake_is_shown_and_can_be_undone(browser):
    write(browser, f"{CODE}\ndef oops(:\n")

    browser.click("#restart")

    assert "SyntaxError" in browser.says("#trouble", "cinema.py")
    browser.click("#undo-all")
    browser.says("#state", f"{RUNS} (")
    assert browser.evaluate("document.querySelector('#trouble').hidden")


def test_endless_loop_can_be_stopped(browser):
    write(browser, f"{CODE}\nwhile True:\n    pass\n")
    browser.click("#restart")
    browser.says("#state", "Starting")

    browser.click("#stop")

    browser.says("#state", "Stopped")
    browser.click("#undo-all")
    browser.says("#state", f"{RUNS} (")


def test_changes_are_there_after_a_reload_without_the_network(browser, site):
    write(browser, SLASHES)
    browser.wait_for("document.querySelector('#file').innerText.includes('(changed)')")
    site[1].clear()

    browser.evaluate("document.body.className = 'old'")
    browser.call("Page.reload")
    browser.wait_for("document.body?.className === '' && document.querySelector('#state') !== null")

    browser.says("#state", f"{RUNS} with your changes")
    # Chromium asks for the page itself while it starts the service worker, and then does without.
    assert set(site[1]) <= {"/try/1/index.html", "/try/sw.js"}, "all else is kept from before"


def test_link_carries_a_request_over(browser, site):
    browser.evaluate("location.hash = 'method=DELETE&path=/v1/movies/3&header=Accept: text/html'")

    browser.wait_for("document.querySelector('#method').value == 'DELETE'")
    browser.click("#request button")

    shown = browser.says("#exchange", "405 METHOD NOT ALLOWED")
    assert shown.startswith("DELETE /v1/movies/3 HTTP/1.1\nAccept: text/html\n")


def test_folder_can_be_taken_home(browser, tmp_path):
    write(browser, SLASHES)

    folder = take_home(browser, tmp_path)

    assert (folder / "cinema.py").read_text() == SLASHES
    assert not (folder / "tests").exists()


def test_new_test_runs_here_and_at_home_until_it_is_deleted(browser, tmp_path):
    begin_file(browser, "tests/test_mine.py")
    write(browser, MY_TEST)
    browser.choose("#suite", "test_*.py")

    browser.click("#test")

    assert "test_that_fails" in browser.says("#verdict", "1 failed")
    folder = take_home(browser, tmp_path)
    assert (folder / "tests" / "test_mine.py").read_text() == MY_TEST
    at_home = subprocess.run(
        [sys.executable, "-m", "unittest"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert "FAILED (failures=1)" in at_home.stderr

    browser.says("#undo", "Delete this file")
    browser.click("#undo")

    browser.says("#state", f"{RUNS} (")
    assert "test_mine" not in browser.evaluate("document.querySelector('#file').innerText")
    browser.click("#test")
    browser.says("#verdict", "All that ran passed")


@pytest.mark.parametrize(
    ("name", "why"), [("cinema.py", "already"), ("../up.py", "Name a file"), ("a b", "Name a file")]
)
def test_new_file_needs_a_name_that_is_free(browser, name, why):
    begin_file(browser, name)

    assert not browser.evaluate("document.querySelector('#new-trouble').hidden")
    browser.says("#new-trouble", why)
    assert browser.evaluate("document.querySelector('#undo-all').disabled")


@at_each_chapter
def test_examples_get_the_status_that_they_are_about(visitor):
    for place, example in enumerate(EXAMPLES[visitor.number], start=1):
        visitor.evaluate("document.querySelector('#exchange').innerText = ''")
        visitor.click(f"#examples button:nth-child({place})")

        shown = visitor.says("#exchange", "HTTP/1.1 ")
        assert shown.startswith(f"{example.method} {example.path} HTTP/1.1\n")
        visitor.says("#exchange", f"HTTP/1.1 {example.status} ")


@at_each_chapter
def test_page_of_a_chapter_that_was_checked_fits_a_phone(visitor):
    visitor.look(390, 844)
    visitor.click("#check")
    visitor.says("#promises", "promises kept")

    for dark in (False, True):
        visitor.look(390, 844, dark)
        assert not visitor.is_too_wide
    visitor.look(1280, 900)


@pytest.mark.parametrize("visitor", [4], indirect=True)
def test_chapter_4_runs_and_says_what_does_not(visitor):
    assert "Access tokens (OAuth 2, section 4.a4) do not work here" in visitor.text
    files = visitor.evaluate("document.querySelector('#file').innerText")
    assert "cinema/users/login.py" in files
    assert "authorization_server" not in files

    click_example(visitor, "Log in with a cookie")
    visitor.says("#exchange", "HTTP/1.1 201 ")
    visitor.says("#cookies", "keeps the cookie session")
    visitor.click("#forget")
    visitor.wait_for("document.querySelector('#cookies').hidden")
    click_example(visitor, "Change by cookie")
    visitor.says("#exchange", "HTTP/1.1 401 ")

    visitor.choose("#suite", "test_4a4_*.py")
    visitor.click("#test")
    told = visitor.says("#verdict", "the other 168 need what a browser does not have")
    assert "None runs here: 0 of 168 tests passed" in told
    assert "Not run here: 168" in told


def click_example(browser, label):
    labels = [example.label for example in EXAMPLES[4]]
    browser.evaluate("document.querySelector('#exchange').innerText = ''")
    browser.click(f"#examples button:nth-child({labels.index(label) + 1})")


def begin_file(browser, name):
    browser.evaluate("document.querySelector('#new-name').value = ''")
    browser.fill_in("#new-name", name)
    browser.click("#create")


def take_home(browser, folder):
    """Download the folder and unpack it, as a visitor does."""
    browser.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder))
    browser.click("#download")
    browser.says("#home-note", "python3 -m course run mine")
    browser.wait_for("new Promise(done => setTimeout(() => done(true), 500))")
    with zipfile.ZipFile(folder / "mine-chapter-1.zip") as archive:
        archive.extractall(folder)
    return folder / "mine"


@pytest.mark.parametrize("dark", [False, True])
def test_page_is_accessible(browser, dark):
    """Ask axe, which knows WCAG, once more with all that a visitor may have on the page."""
    browser.look(1280, 900, dark)
    write(browser, NO_FRONT_DOOR)
    browser.click("#check")
    browser.says("#promises", "Promised:")
    browser.evaluate((node_modules() / "axe-core" / "axe.min.js").read_text(encoding="utf-8"))

    found = browser.evaluate("axe.run().then(({violations}) => violations)")

    serious = [each for each in found if each["impact"] in ("serious", "critical")]
    assert [(each["id"], each["nodes"][0]["html"]) for each in serious] == []
    browser.look(1280, 900)


@pytest.mark.parametrize("dark", [False, True])
def test_page_fits_a_phone(browser, dark):
    browser.look(390, 844, dark)

    assert not browser.is_too_wide
    browser.look(1280, 900)

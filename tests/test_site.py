"""The site is built without a warning; its links lead somewhere; it is light; it asks nobody."""

import json
import threading
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import site_pages
from chromium import Witness
from course_files import ROOT

from course.browser import links
from course.building.promise import sections
from course.site import npm, sources, ways
from course.site.build import build
from course.site.serve import make_server
from course.spine import chapters

pytest.importorskip("sphinx", reason="requirements/site.txt is not installed")

pytestmark = [pytest.mark.needs_index, pytest.mark.needs_servers, pytest.mark.slow]

IN_THE_BROWSER = {  # the pages that run Python there: they have tests, and a build, of their own
    *map(links.try_page, links.TRY_CHAPTERS),
    *(urlsplit(links.live_notebook(name)).path for name in links.LIVE_NOTEBOOKS),
}
AXE = """axe.run({resultTypes: ["violations"], RULES}).then((found) => found.violations.map(
    (fault) => ({impact: fault.impact, id: fault.id, where: fault.nodes.map((node) => node.html)})
))"""
RULES = {"light": "", "dark": 'runOnly: ["color-contrast"]'}  # else they are the same
BAND = """(line => {
    const {color, backgroundColor: background} = getComputedStyle(line);
    return {color, background};
})"""
SUB_PATH = "a/sub-path"
HEAVY = 200_000  # bytes
ALL_IN_ALL = 30_000_000
KINDS = (  # one page of each kind
    *("index.html", "01_getting_started/index.html", "02_create_read/lessons/2a_create.html"),
    *("notebooks/2a_create.html", "build/2a.html", "code/3a.html", "api/4.html", "search.html"),
    *("02_create_read/cinema/api/movies.py.html", "06_testing/files.html", "CHANGELOG.html"),
    *("teach/index.html", "teach/2a.html", "TEACHING.html", "handouts/2a.html"),
    *("04_extending/lessons/4a3_signed_requests.html", "course/site/index.html"),
)


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """Return the folder that is served, which has the site in a sub-path."""
    folder = tmp_path_factory.mktemp("served").resolve()
    build(folder / SUB_PATH, with_browser=False)  # a warning is an error
    return folder


@pytest.fixture(scope="module")
def site(served):
    return served / SUB_PATH


@pytest.fixture(scope="module")
def url(served):
    with make_server(served, 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/{SUB_PATH}"
        server.shutdown()


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with Witness(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


# What there is


def test_links_and_anchors_lead_somewhere(site):
    broken = [
        f"{page.file.relative_to(site)}: {link}"
        for page in site_pages.pages(site)
        for link in [*page.links, *page.loads]
        if not site_pages.leads_somewhere(site, page, link, IN_THE_BROWSER)
    ]

    assert not broken


def test_every_lesson_and_every_file_of_a_chapter_has_its_page(site):
    missing = [
        name
        for name in sources.tracked()
        if (sources.chapter_of(name) or name in sources.lessons())
        and not (site / sources.page_of(name)).is_file()
    ]

    assert not missing


def test_no_file_but_those_that_git_knows_has_a_page(site):
    known = {sources.page_of(name) for name in sources.tracked()}
    made = ("build/", "code/", "api/", "teach/", "handouts/", "search.html")

    pages = [page.file.relative_to(site).as_posix() for page in site_pages.pages(site)]

    others = [page for page in pages if page not in known and not page.startswith(made)]
    assert others == [f"{chapter.folder.name}/files.html" for chapter in chapters()]


def test_no_page_is_heavy_but_the_apis(site):
    heavy = [
        page.file.relative_to(site).as_posix()
        for page in site_pages.pages(site)
        if page.file.stat().st_size > HEAVY
    ]

    assert heavy == ["api/4.html", "api/5.html"]


def test_all_is_light(site):
    size = sum(file.stat().st_size for file in site.rglob("*") if file.is_file())

    assert size <= ALL_IN_ALL


# The course's order


def test_the_pages_follow_each_other_in_the_course_s_order(site):
    walked = walk(site)

    assert walked[:3] == ["index", "01_getting_started/index", "notebooks/1_getting_started"]
    for chapter in chapters():
        for section in chapter.sections:
            steps = [sources.document_of(path_of(page)) for page in section.pages]
            if section == first_with(section.notebook):
                steps += [sources.document_of(path_of(section.notebook))]
            steps += [f"build/{section.id}"] if section.id in sections() else []
            steps += [f"code/{section.id}"] if chapter.number > 1 else []
            places = [walked.index(step) for step in steps]
            assert places == sorted(places), section.id
            if section.pages:
                assert places == list(range(places[0], places[0] + len(steps))), section.id


def first_with(notebook):
    """Return the first section that a notebook belongs to: only there does its page follow."""
    every = [section for chapter in chapters() for section in chapter.sections]
    return next(section for section in every if section.notebook == notebook)


def path_of(file):
    return file.relative_to(ROOT).as_posix()


def walk(site):
    """Follow `next` from the first page to the last."""
    walked, page = [], site_pages.read(site / "index.html")
    while page:
        walked.append(page.file.relative_to(site).with_suffix("").as_posix())
        following = page.relations.get("next")
        page = following and site_pages.read((page.file.parent / following).resolve())
    return walked


def test_what_is_next_has_what_is_before(site):
    for before, after in pairwise(walk(site)):
        page = site_pages.read(site / f"{after}.html")
        found = (page.file.parent / page.relations["prev"]).resolve()
        assert found == site / f"{before}.html"


@pytest.mark.parametrize("kind", ["build", "code", "teach", "handouts"])
def test_each_page_of_a_section_leads_to_its_lesson(site, kind):
    without = [
        section.id
        for chapter in chapters()
        for section in chapter.sections
        if (page := site / kind / f"{section.id}.html").is_file()
        if f"../{ways.lesson(chapter, section).page}" not in main_part(page)
    ]

    assert without == []


def main_part(page):
    """Return a page without the list of all pages, which a phone folds."""
    return site_pages.text_of(page).rpartition("<article")[2]


def test_a_page_of_code_leads_to_the_lessons_about_it(site):
    page = site_pages.read(site / "02_create_read/cinema/api/movies.py.html")

    assert "../../lessons/2a_create.html" in page.links
    assert "../../lessons/2b_read.html" in page.links


# What is shown


def test_a_demonstration_shows_its_outputs_and_not_what_its_speaker_reads(site):
    notebook = ROOT / "notebooks" / "2a_create.ipynb"
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    notes = [cell for cell in cells if kind_of(cell) == "notes"]

    page = site_pages.text_of(site / "notebooks" / "2a_create.html")

    assert "HTTP/1.1 401 UNAUTHORIZED" in page
    assert notes, "this notebook should have notes"
    for note in notes:
        assert longest_line(note) not in page


def kind_of(cell):
    return cell["metadata"].get("slideshow", {}).get("slide_type")


def longest_line(cell):
    return max("".join(cell["source"]).splitlines(), key=len)


def test_a_caption_leads_to_the_file(site):
    page = site_pages.read(site / "02_create_read" / "lessons" / "2a_create.html")

    assert "../cinema/api/movies.py.html" in page.links


def test_a_promise_leads_to_where_it_is_explained(site):
    page = site_pages.read(site / "build" / "2a.html")

    assert "../02_create_read/lessons/2a_create.html#and-where-to-find-it" in page.links


# In a browser


def test_no_page_asks_another_host(browser, site, url):
    for page in [*lesson_pages(site), *some_code_pages(site)]:
        browser.open(f"{url}/{page.file.relative_to(site).as_posix()}")

    others = {asked for asked in browser.requested if not asked.startswith((url, "data:"))}

    assert not others
    assert not browser.complaints


def lesson_pages(site):
    """Return the pages with a next one or one before: all that Sphinx makes."""
    return [page for page in site_pages.pages(site) if page.relations]


def some_code_pages(site):
    """Return a page of code of each chapter: they differ in the code alone."""
    return [
        site_pages.read(next(site.glob(f"{chapter.folder.name}/**/*.py.html")))
        for chapter in chapters()
    ]


def test_no_page_names_another_host_to_load_from(site):
    loaded = {load for page in site_pages.pages(site) for load in page.loads}

    assert {load for load in loaded if load.startswith(site_pages.FOR_OTHERS)} == set()


def test_search_finds_a_word_of_a_lesson(browser, url):
    browser.open(f"{url}/search.html?q=idempotency")

    browser.wait_for("document.querySelector('ul.search li') != null")
    assert "lessons/" in browser.evaluate(
        "[...document.querySelectorAll('ul.search a')].map(link => link.href).join(' ')"
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("page", KINDS)
def test_axe_finds_no_serious_fault(browser, url, page, theme):
    browser.call("Emulation.setEmulatedMedia", features=[prefers(theme)])
    browser.open(f"{url}/{page}")
    browser.evaluate(site_pages.text_of(npm.node_modules() / "axe-core" / "axe.min.js"))

    faults = browser.evaluate(AXE.replace("RULES", RULES[theme]))

    assert [fault for fault in faults if fault["impact"] in ("serious", "critical")] == []


def prefers(theme):
    return {"name": "prefers-color-scheme", "value": theme}


@pytest.mark.parametrize("page", KINDS)
def test_a_page_has_what_search_engines_and_screen_readers_need(site, page):
    head, _, body = site_pages.text_of(site / page).partition("<body")

    assert ' lang="en"' in head
    assert '<meta name="viewport"' in head
    assert head.count("<title>") == 1
    assert body.count("<h1") == 1


@pytest.fixture
def phone(browser):
    """Return the browser with the window of a phone."""
    size = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    browser.call("Emulation.setDeviceMetricsOverride", **size)
    yield browser
    browser.call("Emulation.clearDeviceMetricsOverride")


@pytest.mark.parametrize("page", KINDS)
def test_no_page_is_wider_than_a_phone(phone, url, page):
    phone.open(f"{url}/{page}")

    assert phone.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_phone_searches_on_the_page_of_results(phone, url):
    phone.open(f"{url}/search.html")

    phone.fill_in("article input[name=q]", "idempotency")
    phone.click("article button")

    phone.wait_for("document.querySelector('ul.search li') != null")
    assert phone.evaluate("document.querySelector('article input[name=q]').value") == "idempotency"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_changed_lines_are_bands_of_one_width_in_the_colour_of_text(phone, url, theme):
    phone.call("Emulation.setEmulatedMedia", features=[prefers(theme)])
    phone.open(f"{url}/code/3a.html")

    came, went, text = (
        phone.evaluate(f"{BAND}(document.querySelector('.highlight-diff {selector}'))")
        for selector in ("span.gi", "span.gd", "pre")
    )

    assert came["color"] == went["color"] == text["color"]
    assert len({came["background"], went["background"], text["background"]}) == 3
    widths = "[...new Set([...document.querySelector('.highlight-diff')"
    widths += ".querySelectorAll('.gi, .gd, pre')].map(line => line.offsetWidth))]"
    assert len(phone.evaluate(widths)) == 1


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_diagram_is_drawn_in_the_page_s_colours(browser, url, theme):
    browser.call(
        "Emulation.setEmulatedMedia",
        features=[prefers(theme)],
    )

    browser.open(f"{url}/04_extending/lessons/4a3_signed_requests.html")

    browser.wait_for("document.querySelector('pre.mermaid svg .actor') != null")
    fill = browser.evaluate(
        "getComputedStyle(document.querySelector('pre.mermaid text.actor > tspan')).fill"
    )
    brightness = sum(int(part) for part in fill.strip("rgb()").split(",")[:3]) / 3
    assert (brightness > 128) == (theme == "dark"), fill


def test_the_site_can_be_read_from_a_disk(browser, site):
    browser.open((site / "index.html").as_uri())
    browser.evaluate("document.querySelector('a[rel=next], .next-page').click()")

    browser.wait_for("document.title.startsWith('1 ·')")
    assert Path(browser.url.removeprefix("file://")).parent == site / "01_getting_started"

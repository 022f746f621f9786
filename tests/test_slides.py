"""Decks of slides: what stands where, that it fits and can be read, and that no host is asked."""

import base64
import json
import re
import subprocess
from functools import partial

import pytest
import slides_fit
from chromium import Witness

pytest.importorskip("mistune", reason="requirements/notebook.txt is not installed")

from course.command_line import main
from course.commands import slides as command
from course.slides import layout, mermaid
from course.slides.build import build, package
from course.slides.deck import read_blank_slides, read_slides
from course.slides.text import to_html
from course.spine import ROOT, chapters

pytestmark = pytest.mark.needs_servers

NOTEBOOKS = sorted(ROOT.glob("notebooks/*.ipynb"))
EXCHANGE = """GET /v1/movies/1 HTTP/1.1
Accept: application/json

HTTP/1.1 200 OK
Content-Type: application/json

{
  "title": "Wings",
  "year": 1927,
  "url": "/v1/movies/1"
}"""
TOO_FAINT = """
(() => {
  const channels = (color) => color.match(/[\\d.]+/g).map(Number);
  const part = (v) => (v <= 10 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  function ground(element) {
    for (let e = element; e; e = e.parentElement) {
      const color = channels(getComputedStyle(e).backgroundColor);
      if (color[3] !== 0) return color;
    }
  }
  const found = new Set();
  const texts = document.createTreeWalker(document.querySelector(".slides"), NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.textContent.trim() || element.closest("svg, .notes, style")) continue;
    const [dark, bright] = [channels(getComputedStyle(element).color), ground(element)]
      .map(light).sort((a, b) => a - b);
    const contrast = (bright + 0.05) / (dark + 0.05);
    if (contrast < 4.5) found.add(`${contrast.toFixed(2)} ${element.outerHTML.slice(0, 80)}`);
  }
  const labels = ".diagram tspan, .diagram text:not(:has(tspan)), .diagram .nodeLabel";
  for (const text of document.querySelectorAll(labels)) {
    const box = text.closest("g")?.querySelector("rect, polygon, path");
    const within = box && getComputedStyle(box).fill;
    const below = within && within !== "none" ? channels(within) : ground(text);
    const style = getComputedStyle(text);
    const ink = channels(text instanceof SVGElement ? style.fill : style.color);
    const [dark, bright] = [ink, below].map(light).sort((a, b) => a - b);
    const contrast = (bright + 0.05) / (dark + 0.05);
    if (contrast < 4.5) found.add(`${contrast.toFixed(2)} ${text.textContent}`);
  }
  return [...found];
})()
"""


def markdown(name, text, slide_type="-"):
    return cell(name, "markdown", text, slide_type)


def code(name, text, printed="", slide_type="-"):
    outputs = [{"output_type": "stream", "name": "stdout", "text": printed}] if printed else []
    more = {"outputs": outputs, "execution_count": 1}
    return cell(name, "code", text, slide_type) | more


def cell(name, kind, text, slide_type):
    slideshow = {"slideshow": {"slide_type": slide_type}}
    return {"id": name, "cell_type": kind, "source": text, "metadata": slideshow}


@pytest.fixture
def notebook(tmp_path):
    """Return a function that writes a notebook of section 2a with these cells."""

    def write(*cells):
        file = tmp_path / "2a_create.ipynb"
        file.write_text(json.dumps({"cells": cells, "metadata": {}}), encoding="utf-8")
        return file

    return write


@pytest.fixture(scope="module")
def decks(tmp_path_factory):
    """Return the folder of the decks of all notebooks."""
    folder = tmp_path_factory.mktemp("decks")
    build(NOTEBOOKS, folder)
    return folder


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with Witness(tmp_path_factory.mktemp("profile"), "--mute-audio") as browser:
        slides_fit.set_size(browser)
        yield browser


@pytest.fixture
def opened(browser, decks):
    """Return a function that opens a deck, and the browser that shows it."""

    def open_deck(name, query=""):
        slides_fit.open_deck(browser, (decks / f"{name}.html").as_uri() + query)
        return browser

    yield open_deck
    browser.call("Emulation.setEmulatedMedia", features=[])
    browser.evaluate("localStorage.clear()")


def press(browser, key, code, number):
    pressed = {"key": key, "code": code, "windowsVirtualKeyCode": number}
    browser.call("Input.dispatchKeyEvent", type="rawKeyDown", **pressed)
    browser.call("Input.dispatchKeyEvent", type="keyUp", **pressed)


press_right = partial(press, key="ArrowRight", code="ArrowRight", number=39)
press_down = partial(press, key="ArrowDown", code="ArrowDown", number=40)
press_up = partial(press, key="ArrowUp", code="ArrowUp", number=38)
press_d = partial(press, key="d", code="KeyD", number=68)
press_s = partial(press, key="s", code="KeyS", number=83)


# What stands where


def test_fragment_and_what_follows_it_come_with_one_key(notebook):
    file = notebook(
        markdown("1", "# 2.a Create", "slide"),
        code("2", "1 + 1"),
        markdown("3", "Two.", "fragment"),
        code("4", "2 + 2"),
        markdown("5", "Four.", "fragment"),
        markdown("6", "Say it.", "notes"),
        markdown("7", "Below", "subslide"),
    )

    first, second = read_slides(file)

    assert [cell.step for cell in first.cells] == [0, 0, 1, 1, 2]
    assert (first.is_below, second.is_below) == (False, True)
    assert (first.notes, second.notes) == (["Say it."], [])


def test_blank_output_comes_one_key_after_its_code_and_before_its_comment(notebook):
    file = notebook(
        markdown("1", "Guess:", "slide"),
        code("2", "1 + 1", "2"),
        code("3", "x = 3"),
        markdown("4", "Two.", "fragment"),
        code("5", "2 + 2", "4"),
        markdown("6", "Four.", "fragment"),
    )

    (slide,) = read_blank_slides(file)

    assert [cell.step for cell in slide.cells] == [0, 0, 1, 2, 2, 4]
    outputs = [cell.output_step for cell in slide.cells if cell.outputs]
    assert outputs == [1, 3]
    assert [cell.output_step for cell in read_slides(file)[0].cells if cell.outputs] == [0, 1]


def test_long_exchange_has_the_request_beside_its_response():
    request, response = EXCHANGE.split("\n\n", maxsplit=1)

    assert layout.rows(EXCHANGE) == [[request, response]]
    assert layout.rows(f"{EXCHANGE}\n\n{EXCHANGE}") == [[request, response]] * 2
    assert layout.height(layout.rows(f"{EXCHANGE}\n\n{EXCHANGE}")) == 2 * 8 + 1


@pytest.mark.parametrize("printed", ["GET / HTTP/1.1\n\nHTTP/1.1 204 NO CONTENT", "12\n" * 30])
def test_what_is_short_or_no_exchange_stands_in_one_column(printed):
    assert layout.rows(printed) == [[printed]]


def test_output_stands_beside_its_code_where_there_is_room_and_need():
    long, wide = "line\n" * 20, "x" * 100

    assert layout.is_better_beside("print(source)", long)
    assert not layout.is_better_beside("print(source)", "one\ntwo")
    assert not layout.is_better_beside(wide, long + wide)


def test_link_to_a_notebook_leads_to_its_deck():
    html = to_html("[next](2b_read.ipynb#pages) and [lesson](../02_create_read/README.md)")

    assert 'href="2b_read.html#pages"' in html
    assert 'href="../02_create_read/README.md"' in html


def test_every_link_to_a_file_leads_somewhere_from_the_folder_of_the_decks(decks):
    for deck in decks.glob("*.html"):
        html = deck.read_text(encoding="utf-8")
        for target in re.findall(r'(?:href|src)="([^"#:]+)(?:#[^"]*)?"', html):
            assert (command.DECKS / target).resolve().exists() or (decks / target).exists(), target


def test_mermaid_in_another_form_is_not_taken_for_what_is_known(tmp_path):
    (tmp_path / "jlab_core.1.js").write_text("nothing of the kind")

    with pytest.raises(mermaid.NoMermaid):
        mermaid.find(tmp_path)


def test_mermaid_is_found_with_all_its_parts():
    folder = package("jupyterlab") / "static"

    found = mermaid.find(folder)

    assert set(found["first"]) <= found["files"].keys() | found["shared"].keys()
    assert all((folder / name).is_file() for name in found["files"].values())


# The command


def test_deck_is_made_anew(tmp_path):
    (deck,) = build([ROOT / "notebooks" / "2a_create.ipynb"], tmp_path)
    before = deck.read_text(encoding="utf-8")
    deck.write_text("old", encoding="utf-8")
    (tmp_path / "look" / "old.css").touch()

    build([ROOT / "notebooks" / "2a_create.ipynb"], tmp_path)

    assert deck.read_text(encoding="utf-8") == before
    assert not (tmp_path / "look" / "old.css").exists()


def test_command_says_where_the_deck_is(capfd):
    assert main(["slides", "2a", "--no-browser"]) == 0

    url = capfd.readouterr().out.splitlines()[0]
    assert url == (ROOT / "slides" / "2a_create.html").as_uri()
    assert "2.a Create" in (ROOT / "slides" / "2a_create.html").read_text(encoding="utf-8")


def test_blank_decks_stay_until_they_are_made_without_it():
    deck = ROOT / "slides" / "2a_create.html"
    blank = 'class="output fragment"'
    found = []

    for options in ([], ["--blank"], []):
        assert main(["slides", "2a", "--no-browser", *options]) == 0
        found.append(blank in deck.read_text(encoding="utf-8"))

    assert found == [False, True, False]


@pytest.mark.parametrize("browser_starts", [True, False])
def test_command_opens_the_deck_or_says_that_it_can_not(capfd, monkeypatch, browser_starts):
    asked = []
    monkeypatch.setattr("webbrowser.open", lambda url: asked.append(url) or browser_starts)

    assert main(["slides", "4b"]) == 0

    assert asked == [(ROOT / "slides" / "4b_caching.html").as_uri()]
    assert ("No browser could be started." in capfd.readouterr().out) != browser_starts


def test_every_section_has_a_deck_that_is_opened_at_its_slide(decks):
    for section in (section for chapter in chapters() for section in chapter.sections):
        page, _, slide = command.place_of(section.id).partition("#/")

        html = (decks / page).read_text(encoding="utf-8")
        if slide:  # others stand before it
            start = html.index(f'<section id="{slide}">')
            assert f">{section.label} " in html[start : html.index("</h", start)]


def test_index_names_all_decks(decks):
    index = (decks / "index.html").read_text(encoding="utf-8")

    assert all(f'href="{notebook.stem}.html"' in index for notebook in NOTEBOOKS)


@pytest.mark.parametrize("name", ["9z", "4a", "nothing"])
def test_unknown_section_is_one_line(name):
    with pytest.raises(SystemExit) as refused:
        main(["slides", name])

    assert str(refused.value).count("\n") == 0


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a clone")
def test_decks_are_not_seen_by_git():
    ignored = subprocess.run(
        ["git", "check-ignore", "slides/2a_create.html"], cwd=ROOT, check=False
    )

    assert ignored.returncode == 0


# In the browser


@pytest.mark.parametrize("name", [notebook.stem for notebook in NOTEBOOKS])
def test_every_slide_fits_and_a_deck_asks_for_nothing_but_its_own_files(
    browser, opened, decks, name
):
    browser.requested.clear()
    browser.complaints.clear()

    faults = opened(name).evaluate(slides_fit.MEASURE)  # which shows every slide

    assert faults == []
    own = (decks.as_uri(), "data:")
    assert [url for url in browser.requested if not url.startswith(own)] == []
    assert browser.requested
    assert browser.complaints == []


def shown(browser):
    return browser.evaluate("Reveal.getCurrentSlide().innerText")


def test_comment_comes_with_a_key_and_notes_never(browser, notebook):
    file = notebook(
        markdown("1", "The claim:", "slide"),
        code("2", "show()", "the output"),
        markdown("3", "The comment.", "fragment"),
        markdown("4", "**1 min.** Say this.", "notes"),
    )
    (deck,) = build([file], file.parent)
    slides_fit.open_deck(browser, deck.as_uri())
    comment = "getComputedStyle(document.querySelector('.fragment')).visibility"

    assert browser.evaluate(comment) == "hidden"
    press_right(browser)

    assert browser.evaluate(comment) == "visible"
    assert "the output" in shown(browser)
    assert "Say this." not in shown(browser)


HIDDEN = """
[...document.querySelectorAll('.output, .picture')].map((output) =>
  getComputedStyle(output).visibility === 'hidden')
"""


@pytest.mark.parametrize("printed", ["the output", "the output\n" * 20])
def test_blank_output_is_there_to_guess_until_a_key_shows_it(browser, notebook, printed):
    file = notebook(
        markdown("1", "The claim:", "slide"),
        code("2", "show()", printed),
        markdown("3", "The comment.", "fragment"),
    )
    (deck,) = build([file], file.parent, read_blank_slides)
    slides_fit.open_deck(browser, deck.as_uri())
    comment = "getComputedStyle(document.querySelector('.text.fragment')).visibility"

    assert browser.evaluate(HIDDEN) == [True]
    press_right(browser)
    assert browser.evaluate(HIDDEN) == [False]
    assert browser.evaluate(comment) == "hidden"
    press_right(browser)
    assert browser.evaluate(comment) == "visible"


def test_arrow_down_shows_a_blank_output_before_it_scrolls_it(browser, notebook):
    file = notebook(
        code("1", "print(text)", "line\n" * 60, "slide"), markdown("2", "The end", "slide")
    )
    (deck,) = build([file], file.parent, read_blank_slides)
    slides_fit.open_deck(browser, deck.as_uri())

    press_down(browser)
    assert browser.evaluate(HIDDEN) == [False]
    assert browser.evaluate("document.querySelector('.output').scrollTop") == 0
    press_down(browser)

    browser.wait_for("document.querySelector('.output').scrollTop > 0")


def test_every_output_of_every_blank_deck_is_hidden_at_first_and_its_slide_fits(browser, tmp_path):
    for deck in build(NOTEBOOKS, tmp_path, read_blank_slides):
        slides_fit.open_deck(browser, deck.as_uri())

        hidden = browser.evaluate(HIDDEN)
        assert hidden
        assert all(hidden), deck.name
        assert browser.evaluate(slides_fit.MEASURE) == [], deck.name


def test_speaker_view_shows_the_notes(opened):
    browser = opened("2a_create")
    first = browser.evaluate("document.querySelector('aside.notes').textContent")
    browser.evaluate(
        "((open) => window.open = (...how) => window.view = open(...how))(window.open)"
    )

    press_s(browser)

    notes = "window.view?.document.querySelector('.speaker-controls-notes .value')?.innerText"
    browser.wait_for(f"!!{notes}")
    assert browser.evaluate(notes).split() == first.split() != []
    browser.evaluate("view.close()")


def test_letters_are_large_enough_and_larger_where_a_slide_has_room(browser, notebook):
    file = notebook(
        markdown("1", "# Little\n\nOne line.", "slide"),
        code("2", "x = 1", "y = 2"),
        markdown("3", "Much:", "slide"),
        code("4", "x = 1\n" * 20, "y\n" * 40),
    )
    (deck,) = build([file], file.parent)
    slides_fit.open_deck(browser, deck.as_uri())
    letters = browser.evaluate(
        "['.text p', '.code pre', '.output pre'].map((kind) => parseFloat("
        "getComputedStyle(document.getElementById('1').querySelector(kind)).fontSize))"
    )

    assert letters == pytest.approx([24 * 1.3, 17 * 1.3, 16 * 1.3])
    assert browser.evaluate("document.getElementById('3').style.getPropertyValue('--u')") == ""


def test_larger_letters_break_no_line_of_an_output(browser, notebook):
    wide = "x" * 93
    file = notebook(code("1", f"{wide}\n" * 19, "204\n[401, 401, 200]", "slide"))
    (deck,) = build([file], file.parent)

    slides_fit.open_deck(browser, deck.as_uri())

    assert browser.evaluate("document.querySelector('.side .output') != null")
    assert browser.evaluate("document.querySelector('section').style.getPropertyValue('--u')") == ""


def test_arrows_up_and_down_scroll_a_long_output_and_lead_on_elsewhere(browser, notebook):
    file = notebook(
        markdown("1", "Short", "slide"),
        code("2", "print(text)", "line\n" * 60, "slide"),
        markdown("3", "The end", "slide"),
    )
    (deck,) = build([file], file.parent)
    slides_fit.open_deck(browser, deck.as_uri())
    top = "document.querySelector('.output').scrollTop"

    press_down(browser)

    assert "print(text)" in shown(browser)
    assert browser.evaluate(top) == 0
    press_down(browser)
    browser.wait_for(f"{top} > 0")
    press_up(browser)
    browser.wait_for(f"{top} == 0")
    assert "print(text)" in shown(browser)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", ["1_getting_started", "2a_create", "4b_caching", "6_testing"])
def test_every_text_can_be_read(opened, name, theme):
    browser = opened(name, f"?theme={theme}")

    assert browser.evaluate("document.documentElement.dataset.theme") == theme
    assert browser.evaluate(TOO_FAINT) == []


def test_deck_is_light_or_dark_as_the_system_is_until_somebody_chooses(opened):
    browser = opened("2a_create")

    def theme():
        return browser.evaluate("document.documentElement.dataset.theme")

    for system in ("dark", "light"):
        scheme = {"name": "prefers-color-scheme", "value": system}
        browser.call("Emulation.setEmulatedMedia", features=[scheme])
        browser.wait_for(f"document.documentElement.dataset.theme == {system!r}")
    press_d(browser)

    assert theme() == "dark"
    opened("2a_create")
    assert theme() == "dark"  # it is remembered


def test_diagrams_are_drawn_again_when_the_theme_changes(opened):
    browser = opened("2a_create", "?theme=light")
    letters = "getComputedStyle(document.querySelector('.diagram text')).fill"
    dark_letters = browser.evaluate(letters)

    press_d(browser)

    browser.wait_for(f"{letters} != {dark_letters!r}")


def test_deck_is_printed_with_a_slide_on_each_page_in_light_colours(opened, browser):
    dark = {"name": "prefers-color-scheme", "value": "dark"}
    browser.call("Emulation.setEmulatedMedia", features=[dark])
    opened("2a_create", "?print-pdf")
    slides = len(read_slides(ROOT / "notebooks" / "2a_create.ipynb"))
    browser.wait_for(f"document.querySelectorAll('.pdf-page').length == {slides}")

    printed = browser.call("Page.printToPDF", preferCSSPageSize=True, printBackground=True)

    pdf = base64.b64decode(printed["data"])
    assert browser.evaluate("theme.now()") == "light"
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == slides


def test_deck_is_opened_at_a_section_and_reloaded_where_it_is(opened):
    _, _, slide = command.place_of("1c").partition("#/")
    browser = opened("1_getting_started", f"#/{slide}")
    current = "Reveal.getCurrentSlide().id"

    assert browser.evaluate(current) == slide
    browser.evaluate("Reveal.slide(0)")
    browser.wait_for("location.hash == '#/1-01'")


def test_first_slide_names_the_keys_and_the_others_do_not(opened):
    browser = opened("2a_create")
    keys = "getComputedStyle(document.querySelector('.keys')).display"

    assert browser.evaluate(keys) == "block"
    press_right(browser)

    browser.wait_for(f"{keys} == 'none'")


def test_what_does_not_fit_is_told(notebook):
    diagram = "\n".join(f"    A->>B: message {number}" for number in range(20))
    file = notebook(
        code("high", "x = 1\n" * 40, slide_type="slide"),
        code("wide", "x" * 150, slide_type="slide"),
        markdown("small", f"```mermaid\nsequenceDiagram\n{diagram}\n```", "slide"),
        code("long", "print('x')", "x\n" * 200, "slide"),
        markdown("comment", "That is a lot.", "subslide"),
    )

    ((_, faults),) = slides_fit.check([file], file.parent / "decks")

    told = {fault["cell"]: fault["what"] for fault in faults}
    assert told.keys() == {"high", "wide", "small"}
    assert "too high" in told["high"]
    assert "cut at the right" in told["wide"]
    assert "letters are" in told["small"]
    assert [fault["cell"] for fault in slides_fit.orphans(file)] == ["comment"]

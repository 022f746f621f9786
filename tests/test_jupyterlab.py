"""JupyterLab, as `notebook` opens it before a class: no pop-up, and readable in both themes."""

import base64
import json
import os
import re
import socket
import subprocess
import sys
from io import BytesIO

import pytest
from chromium import Chromium
from course_copy import CourseCopy, wait_until
from course_files import ROOT, label, tracked_files

NOTEBOOKS = [file for file in tracked_files() if file.suffix == ".ipynb"]
READABLE = 4.5  # the least contrast of text: WCAG 2.2, 1.4.3
DIAGRAM = "document.querySelector('.jp-RenderedMermaid img')"
KERNEL = "document.querySelector('.jp-Notebook-ExecutionIndicator')?.dataset.status"
MENU_ITEM = "[...document.querySelectorAll('.lm-MenuBar-itemLabel, .lm-Menu-itemLabel')]"
CONTRASTS = """(() => {
    const channels = (colour) => colour.match(/[\\d.]+/g).slice(0, 3).map(Number);
    const light = (colour) => {
        const [r, g, b] = channels(colour).map((each) => each / 255).map(
            (each) => (each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const contrast = (one, other) => {
        const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
        return (high + 0.05) / (low + 0.05);
    };
    const frame = document.createElement('div');
    const drawn = document.querySelector('.jp-RenderedMermaid img').src;
    frame.innerHTML = decodeURIComponent(drawn.slice(drawn.indexOf(',') + 1));
    document.body.append(frame);
    const texts = [...frame.querySelectorAll('.messageText')];
    const page = getComputedStyle(document.querySelector('.jp-Notebook')).backgroundColor;
    const found = texts.map((text) => contrast(getComputedStyle(text).fill, page));
    frame.remove();
    return found;
})()"""


class Lab(Chromium):
    """A browser that shows JupyterLab, and remembers what it has asked for."""

    patience = 120  # seconds: it is large

    def __init__(self, profile):
        self.requested = []
        super().__init__(profile)
        self.call("Network.enable")
        size = {"width": 1280, "height": 800, "deviceScaleFactor": 1, "mobile": False}
        self.call("Emulation.setDeviceMetricsOverride", **size)

    def next_message(self):
        message = super().next_message()
        if message.get("method") == "Network.requestWillBeSent":
            self.requested.append(message["params"]["request"]["url"])
        return message

    def choose(self, *labels):
        """Go through the menu."""
        for name in labels:
            item = f"{MENU_ITEM}.find((each) => each.textContent.trim() == {name!r})"
            self.wait_for(f"{item} != null")
            left, top = self.evaluate(
                f"(box => [box.x + 5, box.y + 5])({item}.getBoundingClientRect())"
            )
            place = {"x": left, "y": top}
            self.call("Input.dispatchMouseEvent", type="mouseMoved", **place)
            for kind in ("mousePressed", "mouseReleased"):
                self.call(
                    "Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **place
                )


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A copy of the course with notebooks; with the packages that are installed here."""
    copy = CourseCopy(tmp_path_factory.mktemp("course"))
    (copy.folder / "notebooks").mkdir()
    for file in tracked_files(ROOT / "notebooks"):
        (copy.folder / "notebooks" / file.name).write_bytes(file.read_bytes())
    copy.borrow_packages()
    return copy


@pytest.fixture(scope="module")
def lab(course, tmp_path_factory):
    """The URL at which `notebook 1` has JupyterLab, for somebody who never used it before."""
    home = tmp_path_factory.mktemp("home")
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    folders = {f"JUPYTER_{name}_DIR": str(home / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    log = home / "log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "course", "notebook", "1", "--no-browser", "--"),
                *("--ServerApp.port", str(port)),
            ],
            cwd=course.folder,
            env=os.environ | folders | {"HOME": str(home), "IPYTHONDIR": str(home / "ipython")},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        address = re.compile(rf"http://127\.0\.0\.1:{port}/\S+")
        assert wait_until(lambda: address.search(log.read_text())), log.read_text()
        yield address.search(log.read_text())[0]
    finally:
        process.terminate()
        process.wait()


@pytest.fixture(scope="module")
def browser(lab, tmp_path_factory):
    with Lab(tmp_path_factory.mktemp("browser")) as browser:
        browser.open(lab)
        browser.wait_for(f"{DIAGRAM} != null")
        browser.wait_for(f"{KERNEL} == 'idle'")  # getting ready, it closes an open menu
        yield browser


@pytest.mark.needs_servers
def test_the_copy_is_open_and_nothing_pops_up(browser):
    assert "/lab/tree/my_notebooks/1_getting_started.ipynb" in browser.url
    browser.choose("Help")  # by then all of it has been there for a while
    browser.wait_for(f"{MENU_ITEM}.some((each) => each.textContent.includes('About'))")
    browser.choose("Help")  # closes it

    assert "Would you like" not in browser.text
    assert not browser.evaluate("document.querySelectorAll('.Toastify__toast').length")
    assert not [url for url in browser.requested if re.search("/lab/api/(news|update)", url)]


@pytest.mark.needs_servers
def test_nobody_else_is_asked(browser, lab):
    host = lab.partition("/lab/")[0].partition("//")[2]

    others = [url for url in browser.requested if f"//{host}/" not in url]

    assert [url for url in others if not url.startswith(("data:", "blob:"))] == []


@pytest.mark.needs_servers
def test_labels_of_a_diagram_are_readable_also_when_the_theme_changes(browser):
    assert min(browser.evaluate(CONTRASTS)) >= READABLE

    for theme, is_light in (("JupyterLab Dark", "false"), ("JupyterLab Light", "true")):
        before = json.dumps(browser.evaluate(f"{DIAGRAM}.src"))
        browser.choose("Settings", "Theme", theme)
        browser.wait_for(f"document.body.dataset.jpThemeLight == '{is_light}'")
        browser.wait_for(f"{DIAGRAM} != null && {DIAGRAM}.src != {before}")
        assert min(browser.evaluate(CONTRASTS)) >= READABLE, theme


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=label)
def test_plots_have_a_light_background_of_their_own(notebook):
    for picture in pictures(notebook):
        corner = picture[0, 0]
        assert all(corner > 0.9), "its dark text would not be readable on a dark page"


def pictures(notebook):
    """Return the plots of a notebook as arrays of colours with their opacity."""
    from matplotlib.pyplot import imread  # noqa: PLC0415 (few tests need it)

    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        for output in cell.get("outputs", ()):
            if drawn := output.get("data", {}).get("image/png"):
                yield imread(BytesIO(base64.b64decode(drawn)))

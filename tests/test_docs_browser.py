"""Chapter 4's page of documentation, as a browser shows it: whole, and with nobody else's help."""

import pytest
import requests
import yaml
from chromium import Witness

from course import start

pytestmark = pytest.mark.needs_servers

READ_A_MOVIE = "#/movies/get_movie_v1"  # where Swagger UI has this operation


@pytest.fixture(scope="module")
def api():
    with start("4") as api:
        yield api


@pytest.fixture
def browser(tmp_path):
    with Witness(tmp_path) as browser:
        yield browser


def test_page_shows_every_operation(api, browser):
    description = yaml.safe_load(requests.get(f"{api}/openapi.yaml").text)
    paths = description["paths"].values()
    operations = sum(len(path.keys() - {"parameters"}) for path in paths)

    browser.open(f"{api}/docs")

    browser.wait_for(f"document.querySelectorAll('.opblock').length == {operations}")


def test_page_strikes_through_all_of_version_1_and_nothing_else(api, browser):
    paths = yaml.safe_load(requests.get(f"{api}/openapi.yaml").text)["paths"]
    old = sum(len(paths[url].keys() - {"parameters"}) for url in paths if url.startswith("/v1/"))

    browser.open(f"{api}/docs")

    browser.wait_for("document.querySelector('.opblock') != null")
    browser.wait_for(f"document.querySelectorAll('.opblock-deprecated').length == {old}")
    names = "[...document.querySelectorAll('.opblock-deprecated')].map(each => each.id)"
    assert [name for name in browser.evaluate(names) if not name.endswith("_v1")] == []


def test_page_asks_nobody_but_the_api(api, browser):
    browser.open(f"{api}/docs")
    browser.wait_for("document.querySelector('.opblock') != null")

    others = [url for url in browser.requested if not url.startswith((f"{api}/", "data:"))]

    assert f"{api}/openapi.yaml" in browser.requested
    assert others == []
    assert browser.complaints == [], "the page should keep its own Content-Security-Policy"


def test_operation_can_be_tried_on_the_page(api, browser):
    browser.open(f"{api}/docs{READ_A_MOVIE}")
    for button in (".try-out__btn", ".execute"):
        browser.wait_for(f"document.querySelector('{button}') != null")
        browser.evaluate(f"document.querySelector('{button}').click()")

    browser.wait_for("document.querySelector('.live-responses-table') != null")

    shown = browser.evaluate("document.querySelector('.live-responses-table').innerText")
    assert '"title": "Rebecca"' in shown, browser.requested
    assert f"{api}/v1/movies/3?serialize=true" in browser.requested

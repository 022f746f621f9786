"""What the promises about watchlists begin with: names that nobody else has."""

import secrets

from course.building.promise import needs

LISTS = "/v1/watchlists"


def name():
    return f"check-{secrets.token_hex(5)}"


@needs("put_creates_watchlist")
def put_watchlist(api, title="Friday night", movies=(), called=None):
    """Create a watchlist; return its URL. Lenient: how a 201 looks is another promise's matter."""
    url = f"{LISTS}/{called or name()}"
    body = {"title": title} | ({"movies": list(movies)} if movies else {})
    api.send("PUT", url, json=body).must_be(201, 200, 204)
    return url


def all_watchlists(api):
    """Return the list of watchlists, along its pages, as it is now."""
    page, found, seen = f"{LISTS}?per_page=100", [], set()
    while page and page not in seen:
        seen.add(page)
        answer = api.get(page).must_be(200)
        found += answer.object["watchlists"]
        page = answer.link("next")
    return found

"""4.d Large projects."""

import re
import secrets

from course.building.promise import HARDENED, YOUR_TURN, Book, needs
from course.building.wire import same_place
from promises.films import BAD, MOVIES, at_once, create, film
from promises.users import DONE, by_basic, credentials, list_of_bob, list_to_make
from promises.watchlists import LISTS

book = Book("4d")
V2 = "/v2/movies"
LEFT = re.compile(r"\b(?:r|remaining)=(\d+)")  # of RateLimit, in this draft and an earlier one


@needs("creates")
def films_of_one(api, count, **members):
    """Create films of a director whom nobody else has; return the name, and the ids in order."""
    director = f"Director {secrets.token_hex(5)}"
    return director, [create(api, director=director, **members)[0]["id"] for _ in range(count)]


@needs("cursor_pages")
def page(api, url):
    answer = api.get(url).must_be(200)
    return answer, answer.object["movies"]


def walk(api, url, between=lambda page: None):
    """Follow the links to the next page; return the ids of all movies on the way."""
    seen = []
    for number in range(30):  # the end of patience
        answer, movies = page(api, url)
        seen += [movie["id"] for movie in movies]
        url = answer.link("next")
        if url is None:
            return answer, seen
        between(number)
    answer.must(url is None, "an end of the pages", "(?i)^link:")
    return None


@book.promise(
    "Blueprints",
    "RFC 9110, 3.1",
    "The same blueprint can be registered twice, under two prefixes.",
    'app.register_blueprint(v1, url_prefix="/v1"); app.register_blueprint(v2, url_prefix="/v2")',
    "A URL that is made by hand leads back into version 1: url_for with the version's name.",
)
def two_versions(api):
    """/v2 has the same movies as /v1, and its URLs stay within version 2."""
    movie, url = create(api)
    answer = api.get(f"{V2}/{movie['id']}").must_be(200)
    answer.must_have_members({"title": movie["title"], "id": movie["id"]})
    for made in (answer.object.get("url"), post_v2(api)):
        answer.must("/v2/" in str(made), 'a "url" in version 2', '^ *"url"')
    api.get(answer.leads_to(made)).must_be(200)
    api.get(url).must_be(200).must(api.last.object == movie, f"version 1 as it was: {movie}")


def post_v2(api):
    answer = api.send("POST", V2, json=film()).must_be(201)
    return answer.headers.get("Location") or answer.object.get("url")


@book.promise(
    "Blueprints",
    "RFC 9745, 2; RFC 8594, 3; RFC 5829",
    "Clients of version 1 should be told how long it stays, and what follows.",
    'Deprecation: @<seconds>, Sunset: <date>, Link: <…>; rel="successor-version"',
    "An after_request of the blueprint of version 1.",
)
def old_version_says_so(api):
    """Answers of /v1 have `Deprecation`, `Sunset`, and a `Link` to the same thing in /v2."""
    movie, url = create(api)
    gone = f"{MOVIES}/987654321"  # an error is an answer, too
    lists = LISTS.replace("/v1/", "/v2/")
    for target, new in ((url, f"{V2}/{movie['id']}"), (MOVIES, V2), (LISTS, lists), (gone, None)):
        answer = api.get(target).must_be(200 if new else 404)
        answer.must_have("Deprecation", r"^@\d+$", "a header Deprecation: @1790812800")
        answer.must_have(
            "Sunset",
            r"^\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT$",
            "a header Sunset: Tue, 01 Jan 2030 00:00:00 GMT",
        )
        if new is None:
            continue
        leads = answer.link("successor-version")
        right = leads and same_place(leads.partition("?")[0], api.url + new)
        answer.must(right, f'Link: <{new}>; rel="successor-version"', "(?i)^link:")
    api.get(f"{V2}/{movie['id']}").must_be(200).must_not_have("Deprecation")
    api.last.must_not_have("Sunset")


@book.promise(
    "Version 2 turns pages by cursor",
    "RFC 8288, 3",
    "A cursor says where the last page ended: the next begins after that.",
    "Ask for one more than you show: it tells whether there is a next page.",
    "where(column > value or column == value and id > key), limit(per_page + 1)",
)
def cursor_pages(api):
    """/v2/movies continues by `next_cursor` and `Link: rel="next"`: each movie once, then null."""
    director, ids = films_of_one(api, 5)
    url = f"{V2}?director={director}&per_page=2"
    answer = api.get(url).must_be(200)
    movies = answer.object.get("movies")
    answer.must(isinstance(movies, list) and len(movies) == 2, "two movies")
    cursor = answer.object.get("next_cursor")
    answer.must(isinstance(cursor, str) and cursor, 'a "next_cursor"', '^ *"next_cursor"')
    second = api.get(f"{url}&cursor={cursor}").must_be(200)
    second.must(len(second.object["movies"]) == 2, "the next two movies")
    there, movies = page(api, answer.link("next"))
    there.must(movies == second.object["movies"], f"the same two movies: {second.object['movies']}")
    last, seen = walk(api, url)
    last.must(sorted(seen, key=str) == sorted(ids, key=str), f"each of {ids} once; seen: {seen}")
    last.must(last.object.get("next_cursor") is None, '"next_cursor": null', '^ *"next_cursor"')


@book.promise(
    "Version 2 turns pages by cursor",
    "RFC 8288, 3",
    "A numbered page moves when something before it is deleted.",
    "A cursor holds the last movie's place, not a count.",
    after=("cursor_pages",),
)
def pages_while_others_write(api):
    """A client that turns pages while others write sees each movie that stays exactly once."""
    director, ids = films_of_one(api, 6)
    gone = [ids[0]]
    url = f"{V2}?director={director}&per_page=2"

    def write(number):
        if number == 0:
            api.send("DELETE", f"{MOVIES}/{ids[0]}").must_be(204, 200)

    last, seen = walk(api, url, between=write)
    stays = [each for each in ids if each not in gone]
    once = all(seen.count(each) == 1 for each in stays)
    last.must(once, f"each of {stays} once; seen: {seen}")


@book.promise(
    "Version 2 turns pages by cursor",
    "RFC 9110, 15.5.1",
    "A cursor belongs to the order that it was made in.",
    "Write the sort into the cursor, and compare.",
    after=("cursor_pages",),
)
def cursor_keeps_its_order(api):
    """Pages keep the order of `sort`, also for equal values; a cursor of another sort is 400."""
    director = f"Director {secrets.token_hex(5)}"
    for year in (1950, 1930, 1950, 1940, 1950):
        create(api, director=director, year=year)
    url = f"{V2}?director={director}&per_page=2"
    answer, seen = walk(api, f"{url}&sort=-year")
    years = [api.get(f"{V2}/{each}").must_be(200).object["year"] for each in seen]
    answer.must(years == [1950, 1950, 1950, 1940, 1930], f"from 1950 down to 1930; here: {years}")
    answer, upwards = walk(api, f"{url}&sort=year")
    answer.must(upwards == seen[::-1], f"upwards, {seen[::-1]}: equals are turned round, too")
    answer, of_1950 = walk(api, f"{url}&sort=-year&year=1950")
    answer.must(of_1950 == seen[:3], f"those of 1950 on all pages: {seen[:3]}, not {of_1950}")
    cursor = api.get(f"{url}&sort=-year").object["next_cursor"]
    for sort in ("year", "title"):
        answer = api.get(f"{url}&sort={sort}&cursor={cursor}").must_be_problem(*BAD)
        answer.must_name("cursor")


@book.promise(
    "Permissions",
    "OWASP, Authorization Cheat Sheet",
    "Movies belong to the cinema, so a role decides. Whose is a watchlist?",
    "The owner is the user who creates it; a change by anybody else is 403.",
    "if watchlist.owner != current_login().name: raise Forbidden",
    after=("basic_member",),
)
def owner_only(api):
    """A watchlist has an `owner`, and only its owner changes or deletes it: others get 403."""
    url, made = list_of_bob(api)
    answer = api.get(url).must_be(200).must_have_members({"owner": credentials(api, "member")[0]})
    for method, body in (
        ("PUT", {"title": "Alice's"}),
        ("PATCH", {"title": "Alice's"}),
        ("DELETE", None),
    ):
        options = {} if body is None else {"json": body}
        api.send(method, url, headers=by_basic(api), **options).must_be_problem(403)
    answer = api.get(url).must_be(200)
    answer.must(answer.object == made, f"nothing changed: {made}")


@book.promise(
    "Permissions",
    "RFC 9110, 15.5.4 and 15.5.5",
    "Even its existence is a secret: which status does not reveal it?",
    "Answer just as for a watchlist that is not there, and leave it out of lists and totals.",
    "where(or_(Watchlist.private.is_(False), Watchlist.owner == reader))",
    after=("owner_only",),
)
def private_list(api):
    """Only its owner sees a private watchlist: for others it is 404, and in no list."""
    before = api.get(LISTS).must_be(200).object.get("total")
    url, made = list_of_bob(api, private=True)
    after = api.get(LISTS).must_be(200)
    after.must(after.object.get("total") == before, f'"total": {before}; nobody else counts it')
    bob, alice = by_basic(api, "member"), by_basic(api)
    api.get(url, headers=bob).must_be(200).must_have_members({"private": True})
    for headers in ({}, alice):
        answer = api.get(url, headers=headers).must_be_problem(404)
        names = names_in(api, headers)
        answer.must(made["name"] not in names, "not in the list of others")
    answer.must(made["name"] in names_in(api, bob), "in the list of its owner")


def names_in(api, headers):
    """Return the names on all pages of the watchlists that somebody sees."""
    names, url = [], f"{LISTS}?per_page=100"
    while url:
        answer = api.get(url, headers=headers).must_be(200)
        names += [each["name"] for each in answer.object["watchlists"]]
        url = answer.link("next")
    return names


@book.promise(
    "POST that may be sent again",
    "draft-ietf-httpapi-idempotency-key-header, 2",
    "A client that gets no response asks again: keep the first one, and send it again.",
    "Keep it by user and key, in the same transaction as the movie.",
    "@idempotent under @login_required, from the toolkit",
)
def retried_post(api):
    """POST twice with one `Idempotency-Key` is done once, with the same response both times."""
    key, body = {"Idempotency-Key": secrets.token_hex(12)}, film(imdb_id=None)
    first = api.send("POST", V2, headers=key, json=body).must_be(201)
    again = api.send("POST", V2, headers=key, json=body).must_be(201)
    again.must(again.object == first.object, f"the first answer again: {first.object}")
    location = first.headers.get("Location")
    again.must(again.headers.get("Location") == location, f"Location: {location}")
    other = api.send("POST", V2, headers={"Idempotency-Key": secrets.token_hex(12)}, json=body)
    other.must_be(201).must(other.object["id"] != first.object["id"], "another movie")


@book.promise(
    "POST that may be sent again",
    "draft-ietf-httpapi-idempotency-key-header, 2.7",
    "A key is for one request: what if it comes with another body?",
    "Keep a fingerprint of the request, and compare: 422.",
    after=("retried_post",),
)
def key_with_another_body(api):
    """The same key with another body is 422, and nothing is created."""
    key = {"Idempotency-Key": secrets.token_hex(12)}
    api.send("POST", MOVIES, headers=key, json=film()).must_be(201)
    body = film()
    api.send("POST", MOVIES, headers=key, json=body).must_be_problem(422)
    api.send("POST", MOVIES, json=body).must_be(201)


@book.promise(
    "Rate limits",
    "draft-ietf-httpapi-ratelimit-headers; RFC 6585, 4",
    "Clients should know how much is left before they are refused.",
    'RateLimit: "requests";r=9998;t=59',
    "Flask-Limiter counts; the toolkit's http/rate_limits.py writes the field.",
)
def rate_limit(api):
    """Every answer says in `RateLimit` how many requests are left, and it is one less each time."""
    left = []
    for target in (MOVIES, f"{MOVIES}/987654321"):
        answer = api.get(target)
        told = answer.must_have("RateLimit", LEFT.pattern, 'RateLimit: "…";r=<how many are left>')
        left.append(int(LEFT.search(told)[1]))
    begun_anew = left[1] > left[0] + 1
    answer.must(left[1] < left[0] or begun_anew, "fewer left than before", "(?i)^ratelimit:")


@book.promise(
    "The contract",
    "OpenAPI 3.1; RFC 9512",
    "What the API does is written down, for programs: which paths, which methods.",
    "GET /openapi.yaml answers the file, GET /docs a page that shows it.",
)
def contract(api):
    """/openapi.yaml describes the API: OpenAPI 3, with the paths of movies and watchlists."""
    answer = api.get("/openapi.yaml", headers={"Accept": "*/*"}).must_be(200)
    for word in ("openapi:", "paths:", "/v1/movies", "/v2/movies", "/v1/watchlists"):
        answer.must(word in answer.text.replace('"', "").replace("'", ""), f"{word} in it")
    page = api.get("/docs", headers={"Accept": "text/html"}).must_be(200, 301, 302, 308)
    if page.status != 200:
        page = api.get(page.leads_to(page.must_have("Location"))).must_be(200)
    page.must_have("Content-Type", "^text/html")


@book.promise(
    "Your turn, 4d.1",
    "RFC 9110, 3.1",
    "A third version differs in its list only: what is `sort` if nobody asks?",
    "make_version takes the lists as its second argument.",
    tier=YOUR_TURN,
    after=("two_versions",),
)
def third_version(api):
    """/v3/movies is sorted by title unless the client asks for another order."""
    director = f"Director {secrets.token_hex(5)}"
    for title in ("Metropolis", "Casablanca", "Rebecca", "Amour"):
        create(api, director=director, title=title)
    answer = api.get(f"/v3/movies?director={director}").must_be(200)
    titles = [movie["title"] for movie in answer.object["movies"]]
    answer.must(titles == ["Amour", "Casablanca", "Metropolis", "Rebecca"], f"by title: {titles}")
    answer = api.get(f"/v3/movies?director={director}&sort=-title").must_be(200)
    answer.must(answer.object["movies"][0]["title"] == "Rebecca", "sort=-title is obeyed")


# -- for hostile clients -------------------------------------------------------------------------


@book.promise(
    "For hostile clients",
    "RFC 9110, 15.5.1",
    "A cursor comes from the client: what if it is not one of yours?",
    tier=HARDENED,
    after=("cursor_pages",),
)
def cursor_of_nobody(api):
    """A cursor that the API did not make is 400, with `cursor` named, and never 500."""
    for cursor in ("!", "abc", "e30", "W10", "bnVsbA", "%C3%A9", "W1tbW1tb", "WyJpZCIsIm4iLDFd"):
        api.get(f"{V2}?cursor={cursor}").must_be_problem(*BAD).must_name("cursor")


@book.promise(
    "For hostile clients",
    "RFC 9110, 15.5.5",
    "A change, too, must not reveal that there is a private watchlist.",
    tier=HARDENED,
    after=("private_list",),
)
def private_list_is_not_written(api):
    """A change to somebody's private watchlist is 404, as if it were not there; nothing happens."""
    url, made = list_of_bob(api, private=True)
    for method, body in (("PATCH", {"title": "Alice's"}), ("DELETE", None)):
        options = {} if body is None else {"json": body}
        api.send(method, url, headers=by_basic(api), **options).must_be_problem(404)
    api.send("PUT", url, headers=by_basic(api), json={"title": "A"}).must_be_problem(404, 403, 409)
    answer = api.get(url, headers=by_basic(api, "member")).must_be(200)
    answer.must(answer.object == made, f"nothing changed: {made}")


@book.promise(
    "For hostile clients",
    "OWASP, Mass Assignment Cheat Sheet",
    "The owner is the user who asks, whatever the body says.",
    tier=HARDENED,
    after=("owner_only",),
)
def owner_is_not_given(api):
    """A body cannot give a watchlist to somebody else: 400, or the owner stays the same."""
    url, body = list_to_make()
    answer = api.send("PUT", url, headers=by_basic(api), json=body | {"owner": "bob"})
    answer.must_be(*DONE, *BAD)
    if answer.status in DONE:
        api.get(url).must_be(200).must_have_members({"owner": credentials(api, "editor")[0]})
    else:
        api.get(url).must_be(404)


@book.promise(
    "For hostile clients",
    "draft-ietf-httpapi-idempotency-key-header, 2.6",
    "Note the key before the work begins: a request that comes meanwhile finds it.",
    tier=HARDENED,
    after=("retried_post",),
)
def retried_at_once(api):
    """Of several POSTs at once with one key, one creates; the others get the same, or 409."""
    key, body = {"Idempotency-Key": secrets.token_hex(12)}, film(imdb_id=None)
    sent = [lambda: api.send("POST", MOVIES, headers=key, json=body)] * 4
    answers = at_once(sent)
    for answer in answers:
        answer.must_be(201, 409, 503)
    made = {str(answer.object["id"]) for answer in answers if answer.status == 201}
    answer.must(len(made) == 1, f"one movie; here are {len(made)}")


@book.promise(
    "For hostile clients",
    "draft-ietf-httpapi-idempotency-key-header, 2.7",
    "What was refused has done nothing: the key may be used again.",
    tier=HARDENED,
    after=("retried_post",),
)
def refused_post_frees_its_key(api):
    """A POST that was refused frees its key; a malformed key is 400."""
    key = {"Idempotency-Key": secrets.token_hex(12)}
    api.send("POST", MOVIES, headers=key, json=film(year="x")).must_be_problem(*BAD)
    api.send("POST", MOVIES, headers=key, json=film()).must_be(201)
    for odd in ("", "k" * 300, "\x80"):
        answer = api.send("POST", MOVIES, headers={"Idempotency-Key": odd}, json=film())
        answer.must_be_problem(*BAD)

"""3.a Update."""

import json

from course.building.promise import HARDENED, YOUR_TURN, Book
from promises.films import (
    BAD,
    BAD_BODIES,
    MOVIES,
    at_once,
    create,
    film,
    is_free,
    known,
    must_show,
)
from promises.watchlists import LISTS, all_watchlists, name, put_watchlist

book = Book("3a")
NOBODYS = f"{MOVIES}/987654321"
MERGE = {"Content-Type": "application/merge-patch+json"}
DONE = 200, 204  # with the entity, or without: both say that it worked


def patch(api, url, values, **options):
    body = json.dumps(values).encode()
    return api.send("PATCH", url, headers=MERGE | options.pop("headers", {}), body=body, **options)


@book.promise(
    "PUT replaces a movie",
    "RFC 9110, 9.3.4",
    "PUT /v1/movies/<id> is a view of its own: find the movie, fill it, commit.",
    "Is every member set, even those that the body leaves out?",
    after=("creates",),
)
def put_replaces(api):
    """PUT replaces a movie with the body: 200, and GET shows exactly what was sent."""
    movie, url = create(api)
    body = film(title="Replaced", year=1999)
    api.send("PUT", url, json=body).must_be(*DONE)
    answer = api.get(url).must_be(200)
    answer.must_have_members(body | {"id": movie["id"]})


@book.promise(
    "PUT replaces a movie",
    "RFC 9110, 9.3.4",
    "A member that is left out takes its default; one without a default is required.",
    after=("put_replaces",),
)
def put_is_whole(api):
    """What PUT leaves out is gone: imdb_id becomes null. Without a title: 400, and no change."""
    _, url = create(api)
    body = film()
    del body["imdb_id"]
    api.send("PUT", url, json=body).must_be(*DONE)
    answer = api.get(url).must_be(200).must_have_members({"imdb_id": None})
    before = answer.object
    wrong = {"director": "Nobody", "year": 1999, "runtime": 7}
    api.send("PUT", url, json=wrong).must_be_problem(*BAD).must_name("title")
    answer = api.get(url)
    answer.must(answer.object == before, f"no change: {before}")


@book.promise(
    "PUT to what is not there",
    "RFC 9110, 15.5.5",
    "Who gives movies their numbers: the client, or the cinema?",
    "find_movie raises MovieNotFound, which is a 404 already.",
    after=("put_replaces",),
)
def put_creates_no_movie(api):
    """PUT to a movie that does not exist is 404 and creates none: the cinema numbers movies."""
    body = film()
    answer = api.send("PUT", NOBODYS, json=body).must_be_problem(404)
    answer.must(is_free(api, body["imdb_id"]), "no movie created by PUT")


@book.promise(
    "Send back what you read",
    "RFC 9110, 9.2.2",
    "A body may repeat what the URL says; it may not contradict it.",
    after=("put_replaces",),
)
def put_back(api):
    """A movie can be put back as it was read, with id and url; another id or url in it is 400."""
    movie, url = create(api)
    api.send("PUT", url, json=movie).must_be(*DONE)
    must_show(api.get(url).must_be(200), movie)
    for member, other in (("id", 987654321), ("url", NOBODYS)):
        values = movie | {"title": "Contradicted", member: other}
        api.send("PUT", url, json=values).must_be_problem(*BAD).must_name(member)
    must_show(api.get(url).must_be(200), movie)


@book.promise(
    "PUT creates a watchlist",
    "RFC 9110, 15.3.2",
    "A watchlist is named by its client: what does PUT do where there is nothing yet?",
    "db.session.get(Watchlist, name) or Watchlist()",
    "201 and Location if it is new, 200 if it was there.",
)
def put_creates_watchlist(api):
    """PUT to a new name creates a watchlist: 201. PUT again replaces it: 200."""
    url = f"{LISTS}/{name()}"
    answer = api.send("PUT", url, json={"title": "Friday"}).must_be(201)
    location = answer.leads_to(answer.headers.get("Location", url))  # without it, it is this URL
    answer.must(location == answer.leads_to(url), f"Location: {url}", "(?i)^location:")
    api.get(url).must_be(200).must_have_members({"title": "Friday"})
    api.send("PUT", url, json={"title": "Saturday"}).must_be(*DONE)
    api.get(url).must_be(200).must_have_members({"title": "Saturday"})


@book.promise(
    "PATCH of a watchlist",
    "RFC 9110, 15.5.2",
    "The decorator of the movies' views belongs above those of watchlists, too.",
    after=("put_creates_watchlist",),
)
def watchlist_needs_credentials(api):
    """PUT and PATCH of a watchlist without credentials are 401, and change nothing."""
    url, new = put_watchlist(api, "Friday"), f"{LISTS}/{name()}"
    for each in (url, new):
        api.send("PUT", each, who="nobody", json={"title": "Stranger"}).must_be_problem(401)
    patch(api, url, {"title": "Stranger"}, who="nobody").must_be_problem(401)
    api.get(url).must_be(200).must_have_members({"title": "Friday"})
    api.get(new).must_be_problem(404)


@book.promise(
    "Ids in, ids out",
    "SQLAlchemy, Basic Relationship Patterns",
    "Each place on a list is a row of its own: which movie, and where.",
    "A property with a setter turns ids into items, and items into ids.",
    after=("put_creates_watchlist",),
)
def watchlist_has_movies(api):
    """A watchlist holds movies by their ids, in the order in which they were sent."""
    first, second = create(api)[0]["id"], create(api)[0]["id"]
    url = put_watchlist(api, movies=[second, first])
    api.get(url).must_be(200).must_have_members({"movies": [second, first]})


@book.promise(
    "What happens to the items of before",
    "SQLAlchemy, Cascades",
    "What happens to an item of the list that is not sent again?",
    'relationship(cascade="all, delete-orphan", ...)',
    after=("watchlist_has_movies",),
)
def watchlist_movies_are_replaced(api):
    """A second PUT replaces the old movies with the new ones; without movies, the list is empty."""
    first, second = create(api)[0]["id"], create(api)[0]["id"]
    url = put_watchlist(api, movies=[second, first])
    for body, wanted in (({"movies": [first]}, [first]), ({}, [])):
        api.send("PUT", url, json={"title": "Saturday"} | body).must_be(*DONE)
        api.get(url).must_be(200).must_have_members({"movies": wanted})


@book.promise(
    "Which lists are valid",
    "RFC 9110, 15.5.1",
    "What may be a name, and which movies may be on the list?",
    "Collect the reasons, as for a movie: name, title, movies.",
    after=("put_creates_watchlist",),
)
def watchlist_rules(api):
    """A wrong name, no title, a movie twice or an unknown movie is 400; nothing is stored."""
    movie = create(api)[0]["id"]
    called = name()
    url = f"{LISTS}/{called}"
    for body, wrong in (
        ({"movies": []}, "title"),
        ({"title": "F", "movies": [movie, movie]}, "movies"),
        ({"title": "F", "movies": [987654321]}, "movies"),
        ({"title": "F", "movies": "3"}, "movies"),
        ({"title": 7}, "title"),
    ):
        api.send("PUT", url, json=body).must_be_problem(*BAD).must_name(wrong)
        api.get(url).must_be_problem(404)
    for odd in ("Friday", "a--b", "a-", "a_b", "%C3%A9", "x" * 65):
        api.send("PUT", f"{LISTS}/{odd}", json={"title": "F"}).must_be_problem(*BAD, 404)
    known = put_watchlist(api, "Friday", [movie], called=f"{called}-".ljust(64, "x"))
    wrong = {"title": "Half", "movies": [987654321]}
    api.send("PUT", known, json=wrong).must_be_problem(*BAD)
    api.get(known).must_be(200).must_have_members({"title": "Friday", "movies": [movie]})


@book.promise(
    "The list of watchlists",
    "RFC 8288",
    "A list of watchlists, like that of the movies.",
    "select(Watchlist).order_by(Watchlist.name)",
    after=("put_creates_watchlist",),
)
def lists_watchlists(api):
    """GET /v1/watchlists lists them page by page, sorted by name."""
    begin = name()
    wanted = [f"{begin}-{letter}" for letter in "abcd"]
    titles = dict(zip(wanted, "ZYXW", strict=True))  # by title, they come in another order
    for i in (1, 3, 0, 2):  # and so they do by age
        put_watchlist(api, titles[wanted[i]], called=wanted[i])
    names = [each.get("name") for each in all_watchlists(api)]
    missing = ", ".join(set(wanted) - set(names))
    api.last.must(not missing, f"{missing} in the list")
    names = [each for each in names if each in wanted]
    api.last.must(names == wanted, f"{', '.join(wanted)} in this order, not {', '.join(names)}")


@book.promise(
    "PATCH changes a part",
    "RFC 7396",
    "Read the movie, merge the patch into it, fill it with the whole.",
    "Python's dict | dict is not enough: null removes a member.",
    after=("creates",),
)
def patch_changes(api):
    """PATCH changes the members that it names, and keeps the rest."""
    movie, url = create(api)
    patch(api, url, {"runtime": 99, "title": "Patched"}).must_be(*DONE)
    must_show(api.get(url).must_be(200), movie | {"runtime": 99, "title": "Patched"})


@book.promise(
    "PATCH changes a part",
    "RFC 7396, section 1",
    "In a merge patch, null means: remove this member.",
    after=("patch_changes",),
)
def patch_null(api):
    """In a patch, null removes: imdb_id becomes null. A title cannot be removed: 400, no change."""
    movie, url = create(api)
    patch(api, url, {"imdb_id": None}).must_be(*DONE)
    api.get(url).must_be(200).must_have_members({"imdb_id": None, "title": movie["title"]})
    patch(api, url, {"title": None, "year": 1950}).must_be_problem(*BAD).must_name("title")
    patch(api, url, {"title": "Half", "year": "1950"}).must_be_problem(*BAD).must_name("year")
    api.get(url).must_be(200).must_have_members({"title": movie["title"], "year": movie["year"]})


@book.promise(
    "PATCH changes a part",
    "RFC 5789, section 2.2",
    "A patch has a media type of its own: application/merge-patch+json.",
    "Accept-Patch says which patches are accepted.",
    after=("patch_changes",),
)
def other_patch(api):
    """A patch of another media type is 415, and `Accept-Patch` names those that are accepted."""
    _, url = create(api)
    headers = {"Content-Type": "text/plain"}
    answer = api.send("PATCH", url, headers=headers, body=b"runtime=99").must_be_problem(415)
    answer.must_have("Accept-Patch", r"application/merge-patch\+json")


@book.promise(
    "PATCH changes a part",
    "RFC 9110, 15.5.5",
    "PATCH finds the movie as GET does.",
    after=("patch_changes",),
)
def patch_missing(api):
    """PATCH of a movie or a watchlist that does not exist is 404."""
    patch(api, NOBODYS, {"year": 1950}).must_be_problem(404)
    patch(api, f"{LISTS}/{name()}", {"title": "T"}).must_be_problem(404)


@book.promise(
    "PATCH of a watchlist",
    "RFC 7396, section 1",
    "A merge patch does not look into a list: the new list replaces the old one.",
    "null removes a member, and what is removed takes its default: for movies, [].",
    after=("watchlist_has_movies", "patch_changes"),
)
def patch_replaces_a_list(api):
    """PATCH replaces a watchlist's `movies` as a whole; null empties it; the title stays."""
    first, second, third = (create(api)[0]["id"] for _ in range(3))
    url = put_watchlist(api, "Friday", movies=[first, second])
    patch(api, url, {"title": "Saturday"}).must_be(*DONE)
    wanted = {"title": "Saturday", "movies": [first, second]}
    api.get(url).must_be(200).must_have_members(wanted)
    for movies in ([third], [second, third], None):
        patch(api, url, {"movies": movies}).must_be(*DONE)
        api.get(url).must_be(200).must_have_members(wanted | {"movies": movies or []})


@book.promise(
    "PUT replaces a movie",
    "RFC 9110, 15.5.2",
    "The decorator of POST belongs above these views, too.",
    after=("put_replaces",),
)
def changes_need_credentials(api):
    """PUT and PATCH without credentials are 401, and change nothing."""
    movie, url = create(api)
    api.send("PUT", url, who="nobody", json=film()).must_be_problem(401)
    patch(api, url, {"year": 1950}, who="nobody").must_be_problem(401)
    for method in ("PUT", "PATCH"):
        for kind, body in BAD_BODIES:  # nobody looks at it
            headers = {"Content-Type": kind}
            answer = api.send(method, url, who="nobody", headers=headers, body=body)
            answer.must_be_problem(401)
    answer = api.get(url)
    answer.must(answer.object == movie, f"no change: {movie}")


@book.promise(
    "409: already taken",
    "RFC 9110, 15.5.10",
    "The database knows that an imdb_id is unique; its error has a handler already.",
    after=("put_replaces", "second_imdb_id"),
)
def taken_imdb_id(api):
    """PUT or PATCH with the imdb_id of another movie is 409, and changes nothing."""
    other, _ = create(api)
    movie, url = create(api)
    taken = {"imdb_id": other["imdb_id"]}
    api.send("PUT", url, json=film(**taken)).must_be_problem(409)
    patch(api, url, taken | {"year": 1950}).must_be_problem(409)
    answer = api.get(url)
    answer.must(answer.object == movie, f"no change: {movie}")


@book.promise(
    "200 or 204: the client chooses",
    "RFC 7240, 4.2",
    "The header Prefer says what a client would like: return=minimal or return=representation.",
    "answer_as_preferred(body) of the toolkit does it.",
    after=("put_replaces",),
)
def prefer(api):
    """Prefer: return=minimal is answered with 204, return=representation with 200 and the movie."""
    _, url = create(api)
    minimal, whole = {"Prefer": "return=minimal"}, {"Prefer": "return=representation"}
    body = film()
    for method in ("PUT", "PATCH"):
        answer = api.send(method, url, headers=minimal, json=body).must_be(204)
        answer.must(not answer.content, "no body")
        answer = api.send(method, url, headers=whole, json=body).must_be(200)
        answer.must_have_members(body)


@book.promise(
    "For hostile clients",
    "RFC 9110, 9.3.4",
    "A patch that is not an object replaces the whole: with what?",
    tier=HARDENED,
    after=("patch_changes",),
)
def patch_is_an_object(api):
    """A patch that is not an object is 400, an unknown member too, and {} changes nothing."""
    movie, url = create(api)
    for values in ([], None, "text", 1, {"rating": 5}):
        patch(api, url, values).must_be_problem(*BAD)
    patch(api, url, {}).must_be(*DONE)
    must_show(api.get(url).must_be(200), movie)


@book.promise(
    "For hostile clients",
    "RFC 9110, 9.2.2",
    "What is read before a change must be read after BEGIN IMMEDIATE: within writing().",
    tier=HARDENED,
    after=("patch_changes",),
)
def patches_at_once(api):
    """Patches of different members that arrive at once are all kept."""
    for _ in range(3):
        _, url = create(api)
        changes = {"title": "At once", "director": "Many", "year": 1950, "runtime": 50}
        calls = [
            lambda name=name, value=value: patch(api, url, {name: value})  # noqa: B023
            for name, value in changes.items()
        ]
        for answer in at_once(calls):
            answer.must_be(*DONE)
        api.get(url).must_be(200).must_have_members(changes)


@book.promise(
    "For hostile clients",
    "RFC 9110, 9.3.4",
    "Two clients put the same new name: who was first?",
    tier=HARDENED,
    after=("put_creates_watchlist",),
)
def one_creates(api):
    """Of six clients that put the same new watchlist at once, exactly one gets 201."""
    url = f"{LISTS}/{name()}"
    body = {"title": "Same", "movies": []}
    answers = at_once([lambda: api.send("PUT", url, json=body)] * 6)
    for answer in answers:
        answer.must_be(201, *DONE)
    created = sum(answer.status == 201 for answer in answers)
    answers[0].must(created == 1, f"201 once, not {created} times")


@book.promise(
    "200 or 204: the client chooses",
    "RFC 7240, 3",
    "A client may wish; how does it learn that its wish was heard?",
    "Preference-Applied: return=minimal. And a 201 stays a 201, with its Location.",
    tier=HARDENED,
    after=("prefer", "put_creates_watchlist"),
)
def preference_applied(api):
    """`Preference-Applied` confirms what was preferred; without `Prefer`, PUT and PATCH are 200."""
    _, url = create(api)
    watchlist, body = put_watchlist(api), film()
    for wish, status in (("minimal", 204), ("representation", 200)):
        headers = {"Prefer": f"return={wish}"}
        for method, target, values in (
            ("PUT", url, body),
            ("PATCH", url, body),
            ("PUT", watchlist, {"title": "F"}),
            ("PATCH", watchlist, {"title": "F"}),
        ):
            answer = api.send(method, target, headers=headers, json=values).must_be(status)
            answer.must_have("Preference-Applied", f"return={wish}")
    for method in ("PUT", "PATCH"):
        api.send(method, url, json=body).must_be(200).must_have_members(body)
    headers = {"Prefer": "return=minimal"}
    answer = api.send("POST", MOVIES, headers=headers, json=film()).must_be(201)
    answer.must_have("Location")


@book.promise(
    "PATCH changes a part",
    "RFC 5789, section 3.1",
    "The toolkit adds it: methods.init_app(app).",
    tier=HARDENED,
    after=("other_patch",),
)
def options_names_patches(api):
    """OPTIONS names in `Accept-Patch` what PATCH reads. PUT does not read it: 415, no change."""
    movie, url = create(api)
    for target in (url, put_watchlist(api)):
        answer = api.send("OPTIONS", target).must_be(200, 204)
        answer.must_have("Accept-Patch", r"application/merge-patch\+json")
    body = json.dumps(film()).encode()
    api.send("PUT", url, headers=MERGE, body=body).must_be_problem(415)
    must_show(api.get(url).must_be(200), movie)


@book.promise(
    "Send back what you read",
    "RFC 7396",
    "A patch may repeat what the URL says, too; it may not contradict it.",
    tier=HARDENED,
    after=("put_back", "patch_changes", "put_creates_watchlist"),
)
def contradicts_its_url(api):
    """PATCH with another id, or a watchlist's body with another name, is 400, and no change."""
    movie, url = create(api)
    watchlist, other = f"{LISTS}/{name()}", name()
    api.send("PUT", watchlist, json={"title": "F", "name": other}).must_be_problem(*BAD)
    for each in (watchlist, f"{LISTS}/{other}"):
        api.get(each).must_be_problem(404)
    patch(api, url, {"id": movie["id"]}).must_be(*DONE)
    for other in (987654321, f"{movie['id']}", True):
        patch(api, url, {"id": other, "year": 1950}).must_be_problem(*BAD).must_name("id")
    must_show(api.get(url).must_be(200), movie)


@book.promise(
    "Which lists are valid",
    "RFC 8259",
    "true is 1 for Python, and SQLite counts to 2**63 - 1 only.",
    "Is the list counted before the database is asked?",
    tier=HARDENED,
    after=("watchlist_rules",),
)
def ids_of_movies(api):
    """In `movies`, true, a text, a list or 2**64 is 400; so are more than 100 movies."""
    url = f"{LISTS}/{name()}"
    movie = create(api)[0]["id"]
    some = [each["id"] for page in (1, 2) for each in page_of_movies(api, page)]
    while len(some) < 101:
        some.append(create(api)[0]["id"])
    for movies in ([True], [f"{movie}"], [2**64], [0], [None], [[movie]], some[:101]):
        body = {"title": "F", "movies": movies}
        api.send("PUT", url, json=body).must_be_problem(*BAD).must_name("movies")
        api.get(url).must_be_problem(404)
    api.send("PUT", url, json={"title": "F", "movies": some[:100]}).must_be(201)
    api.get(url).must_be(200).must_have_members({"movies": some[:100]})


def page_of_movies(api, number):
    return api.get(f"{MOVIES}?per_page=100&page={number}").must_be(200).object["movies"]


@book.promise(
    "The list of watchlists",
    "RFC 8288",
    "PageQuery, link_header and total: the list of movies has them already.",
    after=("lists_watchlists",),
    tier=HARDENED,
)
def pages_of_watchlists(api):
    """The list of watchlists has pages: `page`, `per_page`, `total`, and `Link`; junk is 400."""
    for _ in range(3):
        put_watchlist(api)
    answer = api.get(f"{LISTS}?per_page=2&page=2").must_be(200)
    answer.must_have_members({"page": 2, "per_page": 2})
    shown, total = answer.object.get("watchlists"), answer.object.get("total")
    answer.must(0 < len(shown) <= 2, "two watchlists at most")
    answer.must(total == len(all_watchlists(api)), '"total": how many there are in all')
    answer.must(answer.link("first") and answer.link("last"), "links first and last", "(?i)^link:")
    answer.must(answer.link("prev"), 'a link with rel="prev"', "(?i)^link:")
    refusal = api.get(f"{LISTS}?page=two&per_page=0").must_be_problem(*BAD)
    refusal.must_name("page", "per_page")


@book.promise(
    "Your turn, 3a.1",
    "RFC 6902",
    "A JSON Patch is a list of operations: test, add, remove, replace.",
    tier=YOUR_TURN,
    after=("patch_changes",),
)
def json_patch(api):
    """PATCH accepts application/json-patch+json, too: all of its operations are done, or none."""
    movie, url = create(api)
    kind = {"Content-Type": "application/json-patch+json"}
    good = [{"op": "test", "path": "/year", "value": movie["year"]}]
    good += [{"op": "replace", "path": "/runtime", "value": 88}]
    api.send("PATCH", url, headers=kind, body=json.dumps(good).encode()).must_be(*DONE)
    bad = [{"op": "replace", "path": "/runtime", "value": 77}]
    bad += [{"op": "test", "path": "/year", "value": 1}]
    answer = api.send("PATCH", url, headers=kind, body=json.dumps(bad).encode())
    answer.must(400 <= answer.status < 500, "4xx: the test at the end fails", r"^HTTP/1\.1 ")
    found = known(api, url)
    api.last.must(found["runtime"] == 88, '"runtime": 88', r'^\s*"runtime"')

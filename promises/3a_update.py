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
    """A movie can be put back as it was read, with its id and url; another id in it is 400."""
    movie, url = create(api)
    api.send("PUT", url, json=movie).must_be(*DONE)
    must_show(api.get(url).must_be(200), movie)
    api.send("PUT", url, json=movie | {"id": 987654321}).must_be_problem(*BAD).must_name("id")


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
    api.send("PUT", url, json={"title": "Friday"}).must_be(201)
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
    url = f"{LISTS}/{name()}"
    for body, wrong in (
        ({"movies": []}, "title"),
        ({"title": "F", "movies": [movie, movie]}, "movies"),
        ({"title": "F", "movies": [987654321]}, "movies"),
        ({"title": "F", "movies": "3"}, "movies"),
    ):
        api.send("PUT", url, json=body).must_be_problem(*BAD).must_name(wrong)
        api.get(url).must_be_problem(404)
    for odd in ("Friday", "a--b", "x" * 65):
        api.send("PUT", f"{LISTS}/{odd}", json={"title": "F"}).must_be_problem(*BAD, 404)


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
    answer = api.send("PUT", url, headers=minimal, json=film()).must_be(204)
    answer.must(not answer.content, "no body")
    body = film()
    answer = api.send("PUT", url, headers=whole, json=body).must_be(200)
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

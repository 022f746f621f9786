"""4.b HTTP caching."""

import re

from course.building.promise import HARDENED, Book, needs
from promises.films import BAD, MOVIES, at_once, create, film, known
from promises.users import by_basic, has_sessions, list_to_make
from promises.watchlists import LISTS, put_watchlist

book = Book("4b")
CHANGED, MOVED = (200, 204), 412
LD = {"Accept": "application/ld+json"}
STRONG = r'^"[^"]*"$'


@needs("etag")
def etag_of(api, url, headers=None):
    """Return the ETag of what is at a URL now."""
    return api.get(url, headers=headers).must_be(200).must_have("ETag")


def etag_of_writer(api, url):
    """Return the ETag with which somebody changes it: as they see it, where that is another."""
    answer = api.get(url, who="editor").must_be(200)
    return answer.headers.get("ETag") or etag_of(api, url)


def change(api, url, runtime, **headers):
    """Change a movie, on conditions."""
    return api.send("PATCH", url, headers=headers, json={"runtime": runtime})


def if_match(tag):
    return {"If-Match": tag}


@book.promise(
    "ETag: which version is this?",
    "RFC 9110, 8.8.3",
    "Each change gives the thing a new version: count them.",
    'ETag: "1-json", in quotation marks: the number, and in which form it is shown.',
    "response.headers['ETag'] = f'\"{movie.version}-json\"'",
)
def etag(api):
    """GET of a movie has a strong `ETag`, which stays the same while nothing changes."""
    _, url = create(api)
    first = api.get(url).must_be(200)
    tag = first.must_have("ETag", STRONG, 'a strong ETag, in quotation marks: ETag: "1-json"')
    create(api)
    again = api.get(url)
    again.must(again.headers.get("ETag") == tag, f"the same ETag as before: {tag}", "(?i)^etag:")


@book.promise(
    "ETag: which version is this?",
    "RFC 9110, 13.1.2 and 15.4.5",
    "A client that has this version already gets 304, and nothing else.",
    "Read If-None-Match; Flask has request.if_none_match.contains_weak(tag).",
    "A 304 has no body, but ETag, Cache-Control and Vary as the 200 would.",
)
def not_modified(api):
    """With `If-None-Match` and that ETag the answer is 304: no body, but the `ETag` again."""
    _, url = create(api)
    tag = etag_of(api, url)
    answer = api.get(url, headers={"If-None-Match": tag}).must_be(304)
    answer.must(not answer.content, "no body")
    answer.must(answer.headers.get("ETag") == tag, f"ETag: {tag}", "(?i)^etag:")
    api.get(url, headers={"If-None-Match": '"another"'}).must_be(200)


@book.promise(
    "ETag: which version is this?",
    "RFC 9110, 8.8.1",
    "Every change of a movie, by PUT or PATCH, gives it a new version.",
    "Count the changes in the row. A time is too coarse: two may fall into the same second.",
    after=("etag",),
)
def etag_changes(api):
    """After each change the ETag is different, and a client with the old one gets the new body."""
    _, url = create(api)
    seen = [etag_of(api, url)]
    for runtime in (101, 102):
        change(api, url, runtime).must_be(*CHANGED)
        answer = api.get(url, headers={"If-None-Match": ", ".join(seen)}).must_be(200)
        answer.must_have_members({"runtime": runtime})
        seen.append(answer.must_have("ETag"))
    api.send("PUT", url, json=film()).must_be(*CHANGED)
    api.get(url, headers={"If-None-Match": ", ".join(seen)}).must_be(200)


@book.promise(
    "A list has a version too",
    "RFC 9110, 8.8.3",
    "The version of a list is the number of the last change to any movie.",
    after=("etag",),
)
def list_etag(api):
    """A list has an ETag too: 304 while nothing changes, a new ETag when a movie changes."""
    director = film()["title"]
    url = f"{MOVIES}?director={director}"
    _, movie = create(api, director=director)
    tag = etag_of(api, url)
    api.get(url, headers={"If-None-Match": tag}).must_be(304)
    api.get(f"{url}&per_page=0", headers={"If-None-Match": tag}).must_be_problem(*BAD)
    change(api, movie, 99).must_be(*CHANGED)
    answer = api.get(url, headers={"If-None-Match": tag}).must_be(200)
    tag = answer.must_have("ETag")
    api.send("DELETE", movie).must_be(204, 200)
    api.get(url, headers={"If-None-Match": tag}).must_be(200)


@book.promise(
    "Two representations, two tags",
    "RFC 9110, 8.8.3.3",
    "JSON and JSON-LD are two representations of one movie: may they have one ETag?",
    'Put the form into it: "1-json", "1-ld". Vary: Accept.',
    after=("etag",),
)
def etag_of_each_form(api):
    """JSON and JSON-LD of one movie have different ETags, and `Vary` names Accept."""
    _, url = create(api)
    tag = etag_of(api, url)
    answer = api.get(url, headers=LD).must_be(200)
    answer.must(answer.must_have("ETag") != tag, "another ETag than that of JSON", "(?i)^etag:")
    answer.must_have("Vary", r"accept|\*", "a header Vary: Accept")
    api.get(url, headers=LD | {"If-None-Match": tag}).must_be(200)
    seen = api.get(url, headers=LD | by_basic(api)).must_be(200).headers.get("ETag")
    same = seen == answer.headers.get("ETag")
    api.last.must(not same, "another ETag than for a stranger: Alice sees operations", "(?i)^etag:")


@book.promise(
    "Lost updates",
    "RFC 9110, 13.1.1 and 15.5.13",
    "Two have read version 1, and both write. Who tells the second?",
    "If-Match names a version that is no longer there: 412, before anything is done.",
    "if request.if_match and not request.if_match.contains(tag): raise PreconditionFailed",
)
def lost_update(api):
    """A change with `If-Match` and the current ETag works; with an old one: 412, and no change."""
    _, url = create(api)
    old = etag_of_writer(api, url)
    change(api, url, 101, **if_match(old)).must_be(*CHANGED)
    for method, body in (("PATCH", {"runtime": 1}), ("PUT", film()), ("DELETE", None)):
        options = {} if body is None else {"json": body}
        answer = api.send(method, url, headers=if_match(old), **options)
        answer.must_be_problem(MOVED)
        api.get(url).must_be(200).must_have_members({"runtime": 101})
    tag = etag_of_writer(api, url)
    api.send("DELETE", url, headers=if_match(tag)).must_be(204, 200)


@book.promise(
    "Lost updates",
    "RFC 9110, 13.1.2",
    "If-None-Match: * means: only if nothing is there.",
    after=("basic_member",),
)
def create_only(api):
    """PUT with `If-None-Match: *` creates a watchlist; one that exists stays, and it is 412."""
    url, body = list_to_make()
    only_new = {"If-None-Match": "*"}
    api.send("PUT", url, headers=only_new, json=body).must_be(201)
    other = body | {"title": "Saturday night"}
    api.send("PUT", url, headers=only_new, json=other).must_be_problem(MOVED)
    api.get(url, who="editor").must_be(200).must_have_members(body)


@book.promise(
    "Cache-Control: who may keep it?",
    "RFC 9111, 5.2.2",
    "Anyone may have what a stranger gets: for how long is it good enough?",
    "Cache-Control: public, max-age=5",
)
def public_answers(api):
    """What a stranger reads may be kept by anyone, for a few seconds: `public, max-age=…`."""
    _, url = create(api)
    for target in (url, MOVIES):
        answer = api.get(target).must_be(200)
        value = answer.must_have("Cache-Control", "public")
        answer.must_have("Cache-Control", r"max-age=[1-9]", "a header Cache-Control: max-age=60")
        answer.must(not re.search("no-store|private", value), "only public", "(?i)^cache-control:")


@book.promise(
    "Cache-Control: who may keep it?",
    "RFC 9111, 5.2.2.7 and 3.5",
    "A response to a known user is for that user alone.",
    "Cache-Control: private, no-cache",
    after=("basic_editor",),
)
def private_answers(api):
    """What a user reads is for that user alone: `private` and `no-cache`, or `no-store`."""
    _, url = create(api)
    for target in (url, MOVIES):
        answer = api.get(target, headers=by_basic(api)).must_be(200)
        value = answer.must_have(
            "Cache-Control", r"private|no-store", "a header Cache-Control: private"
        )
        told = value.lower()
        right = "no-store" in told or ("private" in told and re.search("no-cache|max-age=0", told))
        answer.must(right and "public" not in told, "private, no-cache", "(?i)^cache-control:")


@book.promise(
    "Cache-Control: who may keep it?",
    "RFC 9111, 5.2.2.5",
    "The response to a change, or an error, was true only at that moment.",
    "One after_request for all answers that have no Cache-Control of their own.",
)
def nothing_to_keep(api):
    """Responses to changes, and errors, are `no-store`."""
    body = film()
    made = api.send("POST", MOVIES, json=body).must_be(201, 200)
    for answer in (
        made,
        api.send("POST", MOVIES, json={}),
        api.get(f"{MOVIES}/987654321"),
        api.send("POST", MOVIES, who="nobody", json=body),
        change(api, made.leads_to(made.headers.get("Location") or made.object["url"]), 100),
    ):
        answer.must_have("Cache-Control", "no-store")


@book.promise(
    "A list has a version too",
    "RFC 9110, 8.8.1",
    "A watchlist has a version as a movie has. What changes it, besides PUT and PATCH?",
    "A movie that is deleted leaves its watchlists: these look different from then on.",
    tier=HARDENED,
    after=("etag", "leaves_watchlists"),
)
def watchlist_etag(api):
    """A watchlist and their list have ETags too; both change when a movie on it is deleted."""
    movie, movie_url = create(api)
    url = put_watchlist(api, movies=[movie["id"]])
    tags = {each: etag_of(api, each) for each in (url, LISTS)}
    for each, tag in tags.items():
        api.get(each, headers={"If-None-Match": tag}).must_be(304)
    api.send("DELETE", movie_url).must_be(204, 200)
    for each, tag in tags.items():
        api.get(each, headers={"If-None-Match": tag}).must_be(200)
    api.get(url).must_have_members({"movies": []})


@book.promise(
    "Lost updates",
    "RFC 9110, 13.1.1",
    "check_preconditions(watchlist), within writing(), in each of its views.",
    tier=HARDENED,
    after=("lost_update", "put_creates_watchlist"),
)
def lost_update_of_a_list(api):
    """A change of a watchlist with an old ETag in `If-Match` is 412, and undone, too."""
    url = put_watchlist(api)
    old = etag_of_writer(api, url)
    body = {"title": "Saturday"}
    api.send("PATCH", url, headers=if_match(old), json=body).must_be(*CHANGED)
    for method, sent in (("PATCH", {"title": "X"}), ("PUT", {"title": "X"}), ("DELETE", None)):
        options = {} if sent is None else {"json": sent}
        api.send(method, url, headers=if_match(old), **options).must_be_problem(MOVED)
        api.get(url).must_be(200).must_have_members(body)


@book.promise(
    "Lost updates",
    "RFC 9110, 8.8.3 and 9.3.4",
    "A client that has changed something need not read it again.",
    'return body, 201, {"ETag": quoted_etag(movie)}',
    tier=HARDENED,
    after=("lost_update",),
)
def new_etag(api):
    """`ETag` in an answer to POST or PATCH is the new one, for the next change; PUT has none."""
    made = api.send("POST", MOVIES, json=film()).must_be(201, 200)
    url = made.leads_to(made.headers.get("Location") or made.object["url"])
    tag = made.headers.get("ETag") or etag_of_writer(api, url)  # it may be left out
    for runtime in (101, 102):
        answer = change(api, url, runtime, **if_match(tag)).must_be(*CHANGED)
        tag = answer.headers.get("ETag") or etag_of_writer(api, url)
    change(api, url, 103, **if_match(tag)).must_be(*CHANGED)
    api.send("PUT", url, json=film()).must_be(*CHANGED).must_not_have("ETag")


# -- for hostile clients -------------------------------------------------------------------------


@book.promise(
    "For hostile clients",
    "RFC 9110, 13.1.1, 13.1.2 and 8.8.3.2",
    "If-None-Match compares weakly, If-Match strongly; both may be a list, or *.",
    tier=HARDENED,
    after=("not_modified", "lost_update"),
)
def lists_of_tags(api):
    """`If-None-Match` takes a list, W/ and *; `If-Match` takes a list and *, and never W/."""
    _, url = create(api)
    tag = etag_of(api, url)
    for value in (f'"a", {tag}, "b"', f"W/{tag}", "*"):
        api.get(url, headers={"If-None-Match": value}).must_be(304)
    api.send("HEAD", url, headers={"If-None-Match": tag}).must_be(304)
    tag = etag_of_writer(api, url)
    change(api, url, 7, **if_match(f"W/{tag}")).must_be_problem(MOVED)
    change(api, url, 100, **if_match(f'"a", {tag}')).must_be(*CHANGED)
    change(api, url, 101, **if_match("*")).must_be(*CHANGED)


@book.promise(
    "For hostile clients",
    "RFC 9110, 13.1.1",
    "Nonsense matches nothing.",
    tier=HARDENED,
    after=("lost_update",),
)
def nonsense_as_condition(api):
    """Nonsense in `If-Match` matches nothing: 412 (or 400), no change, and never 500."""
    _, url = create(api)
    for value in ('"', "W/", "\x80", "1-json", '"a', ""):
        answer = change(api, url, 7, **if_match(value))
        answer.must_be_problem(MOVED, 400)
    api.get(url).must_be(200).must_have_members({"runtime": 153})
    for value in ('"', "W/", "\x80", "1-json"):
        api.get(url, headers={"If-None-Match": value}).must_be(200, 400)


@book.promise(
    "For hostile clients",
    "RFC 9110, 13.1.1",
    "If-Match: * means: only if something is there.",
    tier=HARDENED,
    after=("create_only",),
)
def change_only(api):
    """PUT with `If-Match: *` where there is no watchlist creates none: 412."""
    url, body = list_to_make()
    api.send("PUT", url, headers=if_match("*"), json=body).must_be_problem(MOVED)
    api.get(url).must_be(404)


@book.promise(
    "For hostile clients",
    "RFC 9110, 13.2.1",
    "Check the condition where nobody else can write between it and the change.",
    "with writing(): find, check_preconditions, fill.",
    tier=HARDENED,
    after=("lost_update",),
)
def racing_writers(api):
    """Of two that change the same version at once, one succeeds, and the other gets 412."""
    for _ in range(3):
        answers = changed_at_once(api, 3)
        done = [answer for answer in answers if answer.status in CHANGED]
        answers[-1].must(len(done) == 1, f"one success of three; here there were {len(done)}")
        for answer in answers:
            answer.must_be(*CHANGED, MOVED)


def changed_at_once(api, times):
    """Change a new movie several times at once, each on condition that it is as it was."""
    _, url = create(api)
    condition = if_match(etag_of_writer(api, url))
    return at_once([lambda n=n: change(api, url, n, **condition) for n in range(201, 201 + times)])


@book.promise(
    "For hostile clients",
    "RFC 9110, 12.5.5",
    "Which parts of a request can change the answer? Who is asking can, too.",
    "Vary: Accept, Authorization. If you have sessions (4.a2): Cookie, too.",
    tier=HARDENED,
    after=("private_answers",),
)
def vary(api):
    """`Vary` names Accept, Authorization and, if there are sessions, Cookie: in a 304, too."""
    fields = ("accept", "authorization", *(["cookie"] if has_sessions(api) else []))
    _, url = create(api)
    tag = etag_of(api, url)
    for answer in (api.get(url), api.get(url, headers={"If-None-Match": tag})):
        answer.must_have("Vary")
        told = {name.strip().lower() for name in ",".join(answer.fields("Vary")).split(",")}
        for field in fields:
            answer.must(told & {field, "*"}, f"Vary: {field}", "(?i)^vary:")
        answer.must_have("Cache-Control")


@book.promise(
    "The application's own cache",
    "RFC 9111, 4.4",
    "An answer is named by its URL and its ETag: after a change nobody asks for that name.",
    tier=HARDENED,
    after=("etag_changes",),
)
def never_an_old_answer(api):
    """What you read just after a change is up to date, in the movie and in lists, every time."""
    director = film()["title"]
    _, url = create(api, director=director)
    for runtime in (11, 12, 13):
        change(api, url, runtime).must_be(*CHANGED)
        for _ in range(2):
            known(api, url)
            api.get(url).must_have_members({"runtime": runtime})
            answer = api.get(f"{MOVIES}?director={director}").must_be(200)
            found = [movie["runtime"] for movie in answer.object["movies"]]
            answer.must(found == [runtime], f'"runtime": {runtime}')

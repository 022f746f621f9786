"""3.c Hypermedia: HATEOAS with JSON-LD."""

import re

from course.building.promise import HARDENED, Book
from promises.films import MOVIES, create
from promises.json_ld import HYDRA, LD, SCHEMA, must_mean, several
from promises.watchlists import put_watchlist

book = Book("3c")
MEMBER = ("member", "hydra:member", "itemListElement", "schema:itemListElement")


def kinds_of(value):
    """Return the last words of the types: Movie, of "schema:Movie" or of a whole URL."""
    return {re.split("[/#:]", str(kind))[-1] for kind in several(value.get("@type"))}


def members_of(collection):
    """Return the members of a Collection or ItemList, whose elements may be ListItems."""
    found = next((collection[name] for name in MEMBER if collection.get(name)), [])
    return [each.get("item", each) for each in several(found)]


@book.promise(
    "JSON-LD",
    "JSON-LD 1.1, 3.3",
    "The client asks by Accept; plain JSON stays plain.",
    "@id is the URL of the thing, @type its kind, @context says what the other words mean.",
    after=("creates",),
)
def json_ld(api):
    """Accept: application/ld+json gets a movie with @context, @id and @type: Movie."""
    movie, url = create(api)
    answer = api.get(url, LD).must_be(200)
    answer.must_have("Content-Type", r"^application/ld\+json")
    answer.must(answer.object.get("@context"), 'a member "@context"', r'^  "@context"')
    where = answer.leads_to(str(answer.object.get("@id")))
    answer.must(where == answer.leads_to(url), f'"@id": {url}', r'^  "@id"')
    answer.must("Movie" in kinds_of(answer.object), '"@type": "Movie"', r'^  "@type"')
    answer.must(movie["title"] in answer.text, "the title of the movie")


@book.promise(
    "The client asks for it",
    "RFC 9110, 12.5.1",
    "Without Accept, or with */*, a client gets what it got before.",
    after=("json_ld",),
)
def plain_stays_plain(api):
    """Without Accept, with */* or with application/json the answer is plain JSON."""
    movie, url = create(api)
    for headers in ({}, {"Accept": "*/*"}, {"Accept": "application/json"}):
        answer = api.get(url, headers).must_be(200)
        answer.must_have("Content-Type", "^application/json")
        answer.must(answer.object == movie, f"{movie}")


@book.promise(
    "The client asks for it",
    "RFC 9110, 15.5.7",
    "What if the client accepts nothing that you have?",
    "offer(blueprint, JSON, JSON_LD) of the toolkit refuses it with 406.",
)
def not_acceptable(api):
    """What cannot be had is 406; a change whose answer could not be sent is not done."""
    movie, url = create(api)
    image = {"Accept": "image/png"}
    api.get(url, image).must_be_problem(406)
    api.send("DELETE", url, headers=image).must_be_problem(406)
    answer = api.get(url)
    answer.must_be(200).must(answer.object == movie, "the movie, as it was")


@book.promise(
    "The client asks for it",
    "RFC 9110, 12.5.5",
    "A cache must learn on which fields of the request an answer depends.",
    'response.vary.add("Accept")',
    after=("json_ld",),
)
def varies(api):
    """An answer that depends on Accept says so: Vary: Accept."""
    _, url = create(api)
    for headers in ({}, LD):
        api.get(url, headers).must_be(200).must_have("Vary", r"accept(?!-)|\*", "Vary: Accept")


@book.promise(
    "The context",
    "JSON-LD 1.1, 3.1",
    "Every word that you use needs a meaning: that of schema.org.",
    '"@context": {"title": "https://schema.org/name", ...}',
    after=("json_ld",),
)
def context(api):
    """The context is served, or stands in the answer; it says what our words mean in schema.org."""
    _, url = create(api)
    answer = api.get(url, LD).must_be(200)
    told = [str(answer.object["@context"])]
    for each in several(answer.object["@context"]):
        if isinstance(each, str) and answer.is_ours(each):
            told.append(api.get(answer.leads_to(each), LD).must_be(200).text)
    api.last.must("schema.org" in "".join(told), "https://schema.org, which explains our words")


@book.promise(
    "What can be done",
    "Hydra Core Vocabulary",
    "What may this client do with this movie now? The routes know.",
    'An operation says at least its "method".',
    'The context leads "operation" to Hydra: "http://www.w3.org/ns/hydra/core#operation".',
    after=("json_ld",),
)
def operations(api):
    """With the key a movie offers its operations: PUT, PATCH and DELETE. Without it, none."""
    _, url = create(api)
    answer = api.get(url, LD, who="editor").must_be(200)
    for method in ("PUT", "PATCH", "DELETE"):
        answer.must(f'"{method}"' in answer.text, f'an operation with "method": "{method}"')
    must_mean(api, answer, answer.object, f"{HYDRA}operation", f"{SCHEMA}potentialAction")
    answer = api.get(url, LD).must_be(200)
    answer.must('"DELETE"' not in answer.text, "no operation: this client may change nothing")


@book.promise(
    "A list",
    "Hydra Core Vocabulary, 5.4",
    "A list is a collection, with members and a total.",
    after=("json_ld",),
)
def collection(api):
    """A list in JSON-LD is a Collection: its members are movies, each with its @id."""
    create(api)
    answer = api.get(f"{MOVIES}?per_page=2", LD).must_be(200)
    kinds = kinds_of(answer.object)
    answer.must(kinds & {"Collection", "ItemList"}, '"@type": "Collection"', r'^  "@type"')
    types = several(answer.object["@type"])
    must_mean(api, answer, types, f"{HYDRA}Collection", f"{SCHEMA}ItemList")
    members = members_of(answer.object)
    answer.must(members, 'a "member" that is a list', r'^  "member"')
    must_mean(api, answer, answer.object, f"{HYDRA}member", f"{SCHEMA}itemListElement")
    for each in members:
        answer.must(each.get("@id"), 'an "@id" for each member')
    found = api.get(answer.leads_to(members[0]["@id"]), LD).must_be(200)
    found.must("title" in found.object, "a movie, where the @id of a member leads")


@book.promise(
    "From the front door",
    "HATEOAS",
    "A client that knows nothing but / finds all by links.",
    after=("put_creates_watchlist",),
)
def door_leads_to_watchlists(api):
    """GET / leads to the watchlists, and each of them to its own URL."""
    put_watchlist(api)
    answer = api.get("/").must_be(200)
    url = answer.object.get("watchlists")
    answer.must(isinstance(url, str), 'a member "watchlists" that is a URL')
    lists = api.get(answer.leads_to(url)).must_be(200)
    first = lists.object["watchlists"][0]
    api.get(lists.leads_to(first["url"])).must_be(200).must_have_members({"title": first["title"]})


@book.promise(
    "For hostile clients",
    "RFC 9110, 12.4.2",
    "q=0 means: not this one. And the greatest q wins.",
    tier=HARDENED,
    after=("json_ld",),
)
def weights(api):
    """Accept is read with its weights: the greatest q wins, and q=0 is a refusal."""
    _, url = create(api)
    for accept, kind in (
        ("application/json;q=0.5, application/ld+json", "application/ld+json"),
        ("application/ld+json;q=0.1, application/json;q=0.9", "application/json"),
        ("application/ld+json;q=0, */*", "application/json"),
    ):
        answer = api.get(url, {"Accept": accept}).must_be(200)
        answer.must(answer.media_type == kind, f"Content-Type: {kind}", "(?i)^Content-Type")


@book.promise(
    "JSON-LD",
    "JSON-LD 1.1, 4.1",
    "In JSON-LD, null means that a member is not there.",
    tier=HARDENED,
    after=("json_ld",),
)
def no_null(api):
    """A member without a value is left out of JSON-LD."""
    _, url = create(api, imdb_id=None)
    answer = api.get(url, LD).must_be(200)
    answer.must(None not in answer.object.values(), "no member that is null", ": null")

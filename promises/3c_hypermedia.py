"""3.c Hypermedia: HATEOAS with JSON-LD."""

from course.building.promise import HARDENED, Book
from promises.films import BAD, MOVIES, create, film, is_free
from promises.json_ld import (
    HYDRA,
    LD,
    SCHEMA,
    contexts_of,
    faults_in,
    kinds_of,
    must_mean,
    several,
    value_of,
)
from promises.linked_data import (
    links_of,
    members_of,
    minutes_in,
    must_be_a_list_of_links,
    offered,
    pages_of_a_director,
    same_question,
)
from promises.watchlists import LISTS, put_watchlist

book = Book("3c")


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
    """If the client accepts nothing that you offer, it is 406, and a change is not made."""
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
    "A 406 depends on Accept, too. And what depends on the key? Authorization brings it.",
    after=("json_ld", "not_acceptable"),
)
def varies(api):
    """`Vary` names Accept, in a 406 as well; in JSON-LD it also names Authorization."""
    _, url = create(api)
    for headers, status in (({}, 200), (LD, 200), ({"Accept": "image/png"}, 406)):
        answer = api.get(url, headers).must_be(status)
        answer.must_have("Vary", r"accept(?!-)|\*", "Vary: Accept")
    for address in (url, MOVIES):
        for who in ("nobody", "editor"):  # who sees different operations
            answer = api.get(address, LD, who=who).must_be(200)
            answer.must_have("Vary", r"\bauthorization\b|\*", "Vary: Accept, Authorization")


@book.promise(
    "The context",
    "JSON-LD 1.1, 3.1",
    "Every word that you use needs a meaning: that of schema.org.",
    '"@context": {"title": "https://schema.org/name", ...}',
    after=("json_ld",),
)
def context(api):
    """The context is served, or is in the answer; it says what our words mean in schema.org."""
    _, url = create(api)
    answer = api.get(url, LD).must_be(200)
    told = [str(answer.object["@context"])]
    for each in several(answer.object["@context"]):
        if isinstance(each, str) and answer.is_ours(each):
            told.append(api.get(answer.leads_to(each), LD).must_be(200).text)
    api.last.must("schema.org" in "".join(told), "https://schema.org, which explains our words")
    faults = list(faults_in(contexts_of(api, answer) or []))
    api.last.must(not faults, f"a context that JSON-LD allows: {'; '.join(faults)}")


@book.promise(
    "JSON-LD",
    "ISO 8601; schema.org, duration",
    "schema.org has no runtime in minutes: its duration is a text, such as PT126M.",
    'f"PT{runtime}M": M after the T is minutes, H is hours.',
    after=("json_ld",),
)
def duration(api):
    """A movie in JSON-LD has a `duration`, written as in ISO 8601: PT126M is 126 minutes."""
    for runtime in (126, 45):
        _, url = create(api, runtime=runtime)
        answer = api.get(url, LD).must_be(200)
        found = value_of(answer.object, contexts_of(api, answer), f"{SCHEMA}duration")
        promised = f'"duration": "PT{runtime}M", of {runtime} minutes; it means {SCHEMA}duration'
        answer.must(minutes_in(found) == runtime, promised, '"(.*:)?duration"')


@book.promise(
    "The context",
    "JSON-LD 1.1, 4.3",
    "In JSON-LD the values of an array have no order, unless the context says so.",
    '"movies": {"@id": "schema:itemListElement", "@container": "@list", "@type": "@id"}',
    "@set says that there is no order. A list of texts is not a list of links.",
    after=("json_ld", "watchlist_has_movies"),
)
def watchlist_in_order(api):
    """A watchlist in JSON-LD is an ItemList: its movies are links, and a @list: in order."""
    movies = [create(api) for _ in range(3)][::-1]
    url = put_watchlist(api, movies=[movie["id"] for movie, _ in movies])
    answer = api.get(url, LD).must_be(200)
    answer.must_have("Content-Type", r"^application/ld\+json")
    answer.must("ItemList" in kinds_of(answer.object), '"@type": "ItemList"', r'^  "@type"')
    must_be_a_list_of_links(answer, contexts_of(api, answer), [each for _, each in movies])


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
    answer = api.get(url, LD | {"Authorization": "Bearer guessed"}).must_be(200, 401)
    answer.must('"DELETE"' not in answer.text, "no operation: that is not the key")


@book.promise(
    "What can be done",
    "Hydra Core Vocabulary, 5.3",
    "An operation is an offer: the client may take it. Which methods does this URL have?",
    "allowed_methods(path) of a URL adapter asks the routes, so every offer works.",
    after=("operations",),
)
def offers_what_works(api):
    """Every offer works: a URL supports the method of each of its operations."""
    _, movie = create(api)
    for url in (movie, MOVIES, put_watchlist(api), LISTS, "/"):
        answer = api.get(url, LD, who="editor")
        if answer.media_type == "application/ld+json":
            methods = offered(answer, contexts_of(api, answer))
            allowed = api.send("OPTIONS", url).allowed or methods
            vain = ", ".join(sorted(methods - allowed))
            has = ", ".join(sorted(allowed))
            promised = f"no operation {vain}: this URL has {has}"
            answer.must(not vain, promised, rf'"{vain.partition(",")[0]}"')


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
    "A list",
    "Hydra Core Vocabulary, 5.4",
    "How many are there in all, and not on this page only? The plain list knows: total.",
    after=("collection", "pages"),
)
def total_items(api):
    """`totalItems` counts the whole collection, on each of its pages."""
    for answer, _, films in pages_of_a_director(api):
        contexts = contexts_of(api, answer)
        found = value_of(answer.object, contexts, f"{HYDRA}totalItems", f"{SCHEMA}numberOfItems")
        promised = f'"totalItems": {len(films)}'
        answer.must(found == len(films), promised, '"(.*:)?(totalItems|numberOfItems)"')


@book.promise(
    "A list",
    "Hydra Core Vocabulary, 5.5",
    "A page is not the collection: whose URL is the @id, and whose is that of the view?",
    "The collection's URL is that of the question without page and per_page.",
    after=("total_items", "links_ask_the_same"),
)
def collection_has_one_id(api):
    """All pages name the same collection: its `@id` has its filters, and leads to it."""
    pages = pages_of_a_director(api)
    urls = [answer.leads_to(str(answer.object.get("@id"))) for answer, *_ in pages]
    first, films = urls[0], pages[0][2]
    for (answer, *_), url in zip(pages, urls, strict=True):
        promised = f'the "@id" of the collection, the same on every page; the first has {first}'
        answer.must(url == first, promised, r'^  "@id"')
    found = api.get(first, LD).must_be(200)
    found.must(
        found.leads_to(str(found.object.get("@id"))) == first, f'"@id": {first}', r'^  "@id"'
    )
    wanted = {film["url"].rpartition("/")[2] for film in films}
    there = {str(each.get("@id")).rpartition("/")[2] for each in members_of(found.object)}
    leads = "where its @id leads, a URL without page and per_page"
    found.must(there == wanted, f"the {len(films)} movies of the collection, {leads}")


@book.promise(
    "A list",
    "Hydra Core Vocabulary, 5.5",
    "The header Link of the plain list has these URLs; Hydra calls prev `previous`.",
    "The @id of the view is the URL of this page.",
    after=("total_items", "links_ask_the_same"),
)
def view_leads_on(api):
    """A Collection has a `view` of the page; it leads to `first`, `previous`, `next` and `last`."""
    for answer, plain, _ in pages_of_a_director(api):
        view = value_of(answer.object, contexts_of(api, answer), f"{HYDRA}view")
        if "Collection" not in kinds_of(answer.object) and view is None:
            return  # an ItemList of schema.org knows no pages: Link has them
        answer.must(isinstance(view, dict), 'a "view" of this page', r'^  "view"')
        here = api.get(answer.leads_to(str(view.get("@id"))), LD).must_be(200)
        same = [each.get("@id") for each in members_of(here.object)]
        shown = [each.get("@id") for each in members_of(answer.object)]
        here.must(same == shown, f"the page whose view it is, with {', '.join(map(str, shown))}")
        for rel, url in links_of(answer, view, contexts_of(api, answer)).items():
            wanted = plain.link(rel) or (plain.link("prev") if rel == "previous" else None)
            there = f'"{rel}": {wanted} in the view, as the header Link of this page says'
            none = f'no "{rel}" in the view: the header Link of this page has none'
            answer.must(same_question(url, wanted), there if wanted else none, f'"(.*:)?{rel}"')


@book.promise(
    "From the front door",
    "HATEOAS",
    "A client that knows nothing except / finds everything by links.",
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
    "q=0 means: not this one. And the highest q wins.",
    tier=HARDENED,
    after=("json_ld",),
)
def weights(api):
    """Accept is read with its weights: the highest q wins, and q=0 is a refusal."""
    _, url = create(api)
    for accept, kind in (
        ("application/json;q=0.5, application/ld+json", "application/ld+json"),
        ("application/ld+json;q=0.1, application/json;q=0.9", "application/json"),
        ("application/ld+json;q=0, */*", "application/json"),
    ):
        answer = api.get(url, {"Accept": accept}).must_be(200)
        answer.must(answer.media_type == kind, f"Content-Type: {kind}", "(?i)^Content-Type")


@book.promise(
    "What can be done",
    "Hydra Core Vocabulary, 5.3",
    "document() adds the operations to each thing: a list, a watchlist and a movie.",
    "A new movie is created by a POST to the list.",
    tier=HARDENED,
    after=("operations", "collection", "put_creates_watchlist"),
)
def operations_elsewhere(api):
    """A list offers POST, and a watchlist PUT, PATCH and DELETE; without the key, nothing."""
    for url, methods in ((MOVIES, {"POST"}), (put_watchlist(api), {"PUT", "PATCH", "DELETE"})):
        answer = api.get(url, LD, who="editor").must_be(200)
        missing = ", ".join(sorted(methods - offered(answer, contexts_of(api, answer))))
        answer.must(not missing, f"an operation with each method of these: {missing}")
        answer = api.get(url, LD).must_be(200)
        found = offered(answer, contexts_of(api, answer))
        answer.must(not found, "no operation: this client may change nothing")


@book.promise(
    "From the front door",
    "Hydra Core Vocabulary, 5",
    "offer(blueprint, JSON, JSON_LD) belongs to this blueprint, too, and to that of watchlists.",
    tier=HARDENED,
    after=("json_ld", "collection", "door_leads_to_watchlists"),
)
def door_in_json_ld(api):
    """In JSON-LD, too, GET / leads to both lists, and the watchlists are a list of ItemLists."""
    put_watchlist(api)
    answer = api.get("/", LD).must_be(200)
    answer.must_have("Content-Type", r"^application/ld\+json")
    for list_name in ("movies", "watchlists"):
        url = answer.object.get(list_name)
        answer.must(isinstance(url, str), f'a member "{list_name}" that is a URL')
        found = api.get(answer.leads_to(url), LD).must_be(200)
        found.must_have("Content-Type", r"^application/ld\+json")
    members = members_of(found.object)
    good = members and all(each.get("@id") and "ItemList" in kinds_of(each) for each in members)
    found.must(good, 'each "member" with an "@id", and "@type": "ItemList"')


@book.promise(
    "The client asks for it",
    "RFC 9110, 12.5.1",
    "What if the URL wants text, and Accept does not? Nobody gets what they cannot read.",
    "offer(..., to_readers=(TEXT,), in_url=text_in_url)",
    tier=HARDENED,
    after=("not_acceptable", "as_text"),
)
def text_as_well(api):
    """Accept: text/plain gets text; ?serialize=false with Accept: application/json is 406."""
    _, url = create(api)
    for target in (url, f"{MOVIES}?per_page=1"):
        answer = api.get(target, {"Accept": "text/plain"}).must_be(200)
        answer.must_have("Content-Type", "^text/plain")
        answer.must(not answer.text.startswith("{"), "lines of text, not JSON")
        mark = "&" if "?" in target else "?"
        wanted = f"{target}{mark}serialize=false"
        api.get(wanted, {"Accept": "application/json"}).must_be_problem(406)


@book.promise(
    "The client asks for it",
    "RFC 9110, 15.5.7",
    "Is Accept read before the view runs, whatever the method?",
    tier=HARDENED,
    after=("not_acceptable",),
)
def not_done(api):
    """POST, PUT and PATCH are 406, too, if the answer could not be sent, and nothing is done."""
    movie, url = create(api)
    for accept in ("image/png", "text/plain"):  # text is for those who read
        body, headers = film(), {"Accept": accept}
        for method, target in (("POST", MOVIES), ("PUT", url), ("PATCH", url)):
            api.send(method, target, headers=headers, json=body).must_be_problem(406)
        answer = api.get(url)
        answer.must(answer.object == movie, "the movie, as it was")
        answer.must(is_free(api, body["imdb_id"]), "nothing created by a POST that was 406")


@book.promise(
    "Try to break it",
    "RFC 9110, 8.3",
    "JSON-LD is for reading: what is sent stays plain JSON, and @id is no member of it.",
    tier=HARDENED,
    after=("json_ld", "put_back"),
)
def sent_stays_plain(api):
    """A PUT with the members of JSON-LD is 400, and names the unknown ones: @id, @type."""
    movie, url = create(api)
    seen = api.get(url, LD).must_be(200).object
    values = {name: value for name, value in seen.items() if name in movie or name[0] == "@"}
    api.send("PUT", url, json=values).must_be_problem(*BAD).must_name("@id", "@type")
    answer = api.get(url)
    answer.must(answer.object == movie, f"no change: {movie}")


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

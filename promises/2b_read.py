"""2.b Read."""

from urllib.parse import quote

from course.building.promise import HARDENED, YOUR_TURN, Book
from course.building.wire import member_line, words_of
from promises.films import BAD, MOVIES, a_director, create, film

book = Book("2b")
SORTS = ("id", "title", "director", "year", "runtime")
LINK = "(?i)^Link:"


def listed(api, name, query=""):
    return api.get(f"{MOVIES}?director={name.replace(' ', '%20')}{query}").must_be(200)


def ids(answer):
    return [movie["id"] for movie in answer.object["movies"]]


def must_list(answer, films, expected):
    """Demand just these films, in any order; an id may be a number or a text."""
    wanted = {str(each["id"]) for each in films}
    answer.must({str(each) for each in ids(answer)} == wanted, expected)


@book.promise(
    "Filters",
    "RFC 3986, 3.4",
    "Everything after the ? is in request.args.",
    "select(Movie).where(Movie.director == name)",
)
def by_director(api):
    """?director= lists only the movies of that director; the whole name must match."""
    name, films = a_director(api)
    answer = listed(api, name)
    answer.must(sorted(map(str, ids(answer))) == sorted(str(f["id"]) for f in films), "five movies")
    part = listed(api, name[:-2])
    part.must(not ids(part), "no movie: that is only a part of a director's name")


@book.promise("Filters", "RFC 3986, 3.4", "One more where(...).", after=("by_director",))
def by_year(api):
    """?year= lists the movies of that year, together with the other filters."""
    name, films = a_director(api)
    answer = listed(api, name, "&year=1930")
    must_list(answer, [each for each in films if each["year"] == 1930], "the two movies of 1930")


@book.promise(
    "Filters",
    "SQLAlchemy, icontains",
    "Movie.title.icontains(part, autoescape=True)",
    after=("by_director",),
)
def by_title(api):
    """?q= finds a part of the title, in small letters or capitals."""
    name, films = a_director(api)
    answer = listed(api, name, "&q=LPH")
    must_list(
        answer, [each for each in films if "lph" in each["title"]], "the two movies called alpha"
    )
    part = listed(api, name, "&q=Director")
    part.must(not ids(part), "no movie: that is a part of the director's name, and of no title")


@book.promise(
    "Filters",
    "SQLAlchemy, icontains",
    "In LIKE, % and _ stand for anything. autoescape=True makes them ordinary characters.",
    after=("by_title",),
    tier=HARDENED,
)
def percent_is_a_letter(api):
    """In ?q=, % and _ are characters like any other."""
    name, _ = a_director(api)
    for part, title in (("%25", "Delta 50%"), ("_", "Bravo_x")):
        answer = listed(api, name, f"&q={part}")
        titles = [movie["title"] for movie in answer.object["movies"]]
        answer.must(titles == [title], f"{title} alone")


@book.promise(
    "Order",
    "SQL, ORDER BY",
    "order_by(Movie.year); for -year, Movie.year.desc().",
    "Movies of equal value need an order, too, or pages repeat them: add the id.",
    after=("by_director",),
)
def sorts(api):
    """?sort= orders by id, title, director, year or runtime; a - before it sorts downwards."""
    name, films = a_director(api)
    for sort in ("year", "runtime"):
        values = sorted(each[sort] for each in films)
        for minus in ("", "-"):
            answer = listed(api, name, f"&sort={minus}{sort}")
            got = [movie[sort] for movie in answer.object["movies"]]
            wanted = values[::-1] if minus else values
            answer.must(got == wanted, f"{sort}: {wanted}, in this order")
    for sort in SORTS:
        answer = listed(api, name, f"&sort={sort}")
        answer.must(len(ids(answer)) == len(films), "all five movies, whatever the order")
    numbers = ids(listed(api, name, "&sort=id"))
    for query, wanted in (("", numbers), ("&sort=-id", numbers[::-1])):
        answer = listed(api, name, query)
        answer.must(ids(answer) == wanted, f"by id: {wanted}")
    wanted = [titles_in_order(films, key) for key in (str, str.lower)]  # capitals first, or mixed
    for minus in ("", "-"):
        answer = listed(api, name, f"&sort={minus}title")
        got = [movie["title"] for movie in answer.object["movies"]][:: -1 if minus else 1]
        answer.must(got in wanted, f"{minus}title: {wanted[1]}, {'down' if minus else 'up'}wards")
    must_sort_directors(api)


def titles_in_order(films, key):
    return sorted((each["title"] for each in films), key=key)


def must_sort_directors(api):
    """Demand the order of directors, of movies that have a word of their title in common."""
    word = film()["title"].partition(" ")[2]
    names = [f"Director {letter}" for letter in "BAC"]
    for name in names:
        create(api, title=f"Check {word}", director=name)
    for minus, wanted in (("", sorted(names)), ("-", sorted(names)[::-1])):
        answer = api.get(f"{MOVIES}?q={word}&sort={minus}director").must_be(200)
        got = [movie["director"] for movie in answer.object["movies"] if movie["director"] in names]
        answer.must(got == wanted, f"director: {wanted}, in this order")


@book.promise(
    "Pages",
    "RFC 8288",
    "offset = (page - 1) * per_page",
    "select(...).limit(per_page).offset(offset)",
    after=("by_director",),
)
def pages(api):
    """?page= and ?per_page= choose a page; the body has page, per_page and total."""
    name, films = a_director(api)
    answer = listed(api, name, "&per_page=2&page=2")
    answer.must(len(ids(answer)) == 2, "two movies")
    answer.must_have_members({"page": 2, "per_page": 2, "total": len(films)})
    answer = api.get(MOVIES).must_be(200).must_have_members({"page": 1, "per_page": 20})
    answer.must(len(ids(answer)) <= 20, "20 movies, as nobody has asked for more")


@book.promise(
    "Pages",
    "RFC 9110, 9.3.3",
    "Is the new movie committed, and does the list ask the database?",
    after=("pages",),
)
def in_the_list(api):
    """The new movie is in the list."""
    movie, _ = create(api)
    number, found = 1, [None]
    while found and movie["id"] not in found:
        answer = api.get(f"{MOVIES}?per_page=100&page={number}").must_be(200)
        number, found = number + 1, ids(answer)
    answer.must(movie["id"] in found, f"movie {movie['id']} in the list, or on a page of it")


@book.promise(
    "Links to the other pages",
    "RFC 8288, section 3",
    'The header Link has the form <URL>; rel="next".',
    "The URL of another page is the URL of this one, with another page number.",
    after=("pages",),
)
def walk_along_next(api):
    """The header `Link` leads from page to page: along `next`, each movie comes once."""
    name, films = a_director(api)
    for sort in ("title", "-year"):
        answer, seen = listed(api, name, f"&per_page=2&sort={sort}"), []
        for _ in range(len(films)):
            seen += [str(each) for each in ids(answer)]
            following = answer.link("next")
            if not following:
                break
            answer = api.get(following).must_be(200)
        wanted = sorted(str(each["id"]) for each in films)
        answer.must(
            sorted(seen) == wanted, f"each of the movies {wanted} once, not {seen}", "^Link"
        )
        answer.must(answer.link("prev") or answer.link("previous"), "a link prev on the last page")


@book.promise(
    "Links to the other pages",
    "RFC 8288, section 3",
    "How many pages are there? total and per_page tell you.",
    "Five movies on pages of five are one page, not two: round up, total / per_page.",
    after=("walk_along_next",),
)
def first_and_last(api):
    """`Link` has `first` and `last`; the first page has no `prev`, the last no `next`."""
    name, films = a_director(api)
    for size, left in ((2, 1), (1, 1), (len(films), len(films))):  # some divide evenly, some not
        answer = listed(api, name, f"&per_page={size}")
        answer.must(not answer.link("prev"), "no prev on the first page", LINK)
        last, first = answer.link("last"), answer.link("first")
        answer.must(last and first, 'links with rel="first" and rel="last"', LINK)
        at_the_end = api.get(last).must_be(200)
        wanted = f"{left} of the {len(films)} movies on the last page, of {size} each"
        at_the_end.must(len(ids(at_the_end)) == left, wanted)
        at_the_end.must(not at_the_end.link("next"), "no next on the last page", LINK)


@book.promise(
    "Links to the other pages",
    "RFC 8288, section 3",
    "Which arguments did the client send? A link repeats them all, with another page.",
    'urlencode(request.args.to_dict() | {"page": number})',
    "A value may have a & in it, or an é: in a URL they are %26 and %C3%A9. urlencode knows.",
    after=("first_and_last", "by_year", "by_title", "sorts"),
)
def links_ask_the_same(api):
    """Each link asks for another page of the same list: it keeps filters, `sort`, `per_page`."""
    name, films = a_director(api)
    films = sorted(films, key=lambda each: -each["runtime"])
    for query, found in (
        ("&q=L", [each for each in films if "l" in each["title"].lower()]),
        ("&year=1930", [each for each in films if each["year"] == 1930]),
    ):
        answer = listed(api, name, f"{query}&sort=-runtime&per_page=1&page=2")
        around = {"first": 0, "prev": 0, "last": -1} | ({"next": 2} if len(found) > 2 else {})
        for rel, at in around.items():
            must_ask_the_same(api, answer, rel, len(found), found[at])
    title = f"Ham & éggs + {film()['title']}"
    movie, _ = create(api, title=title)
    create(api, title="Ham and Eggs")  # for a link that ends in q=Ham
    answer = api.get(f"{MOVIES}?q={quote(title, safe='')}&per_page=1").must_be(200)
    for rel in ("first", "last"):
        must_ask_the_same(api, answer, rel, 1, movie)


def must_ask_the_same(api, answer, rel, total, movie):
    """Follow a link to a page of one movie, and demand it, and the total and size as before."""
    url = answer.link(rel) or (answer.link("previous") if rel == "prev" else None)
    answer.must(url, f'a link with rel="{rel}"', LINK)
    there = api.get(url).must_be(200)
    same = f"the same question, where {rel} leads"
    for name, value in (("total", total), ("per_page", 1)):
        there.must(there.object.get(name) == value, f'"{name}": {value}; {same}', member_line(name))
    there.must(ids(there) == [movie["id"]], f"movie {movie['id']}; {same}")


@book.promise(
    "Pages",
    "RFC 9110, 15.3.1",
    "An empty list is a list.",
    after=("pages",),
)
def past_the_end(api):
    """A page past the end is an empty list, not an error."""
    name, films = a_director(api)
    answer = listed(api, name, "&per_page=2&page=9")
    answer.must(answer.object["movies"] == [], "an empty list of movies")
    answer.must_have_members({"total": len(films)})


@book.promise(
    "Pages",
    "RFC 9110, 15.5.1",
    "At most 100 movies a page: min(per_page, 100).",
    after=("pages",),
)
def at_most_a_hundred(api):
    """A page has at most 100 movies, however many are asked for."""
    answer = api.get(f"{MOVIES}?per_page=1000")
    if answer.status not in BAD:
        answer.must_be(200)
        answer.must(len(ids(answer)) <= 100, "100 movies at most")
        answer.must(answer.object.get("per_page", 100) == 100, "per_page: 100", r'^\s*"per_page"')
    api.get(f"{MOVIES}?per_page=100").must_be(200).must_have_members({"per_page": 100})


@book.promise(
    "Junk is refused",
    "RFC 9110, 15.5.1",
    "Each argument has a rule; what breaks it is an error, not a default.",
    "Collect the reasons, as for a body.",
    after=("by_director",),
)
def junk_is_refused(api):
    """Arguments that cannot be understood are 400, and all of them are named at once."""
    answer = api.get(f"{MOVIES}?page=two&per_page=0&year=MCMXL&sort=price").must_be_problem(*BAD)
    answer.must_name("page", "per_page", "year", "sort")
    api.get(f"{MOVIES}?page=0").must_be_problem(*BAD).must_name("page")


@book.promise(
    "Junk is refused",
    "RFC 9110, 15.5.1",
    "request.args.getlist(name) sees all that was given.",
    after=("junk_is_refused",),
    tier=HARDENED,
)
def given_twice(api):
    """An argument that is given twice is 400; one that the list does not know is ignored."""
    for name, one, two in (("page", 1, 2), ("year", 1930, 1940), ("director", "A", "B")):
        answer = api.get(f"{MOVIES}?{name}={one}&{name}={two}").must_be_problem(*BAD)
        answer.must_name(name)
    api.get(f"{MOVIES}?colour=blue").must_be(200)


@book.promise(
    "Junk is refused",
    "RFC 9110, 15.5.1",
    "int() accepts a year of 5,000 digits, but SQLite counts to 2**63 - 1 only.",
    after=("pages",),
    tier=HARDENED,
)
def huge_numbers(api):
    """A page of thirty digits is empty, or refused, and no 500; 1_000 and ٣ are always 400."""
    for number in ("9" * 30, "9223372036854775807", "-1", "1e3", "%D9%A3"):
        answer = api.get(f"{MOVIES}?page={number}")
        answer.must(answer.status in (200, *BAD), "200 with an empty list, or 400", r"^HTTP/1\.1 ")
    for name, written in (
        ("page", "%D9%A3"),
        ("page", "1_000"),
        ("year", "1_930"),
        ("page", "%2B1"),
    ):
        api.get(f"{MOVIES}?{name}={written}").must_be_problem(*BAD).must_name(name)


@book.promise(
    "`serialize=True` or `False`",
    "RFC 9110, 8.3",
    "str(movie) turns an instance into a line of text.",
    'return str(movie), 200, {"Content-Type": "text/plain; charset=utf-8"}',
    after=("creates",),
)
def as_text(api):
    """?serialize=false answers with lines of text that contain the titles."""
    name, films = a_director(api)
    answer = listed(api, name, "&serialize=false")
    answer.must(answer.media_type == "text/plain", "Content-Type: text/plain", "(?i)^Content-Type")
    lines = answer.text.strip().splitlines()
    good = len(lines) == len(films) and all(any(f["title"] in x for x in lines) for f in films)
    answer.must(good, "five lines, each with the title of one movie")


@book.promise(
    "`serialize=True` or `False`",
    "RFC 9110, 8.3",
    "Both views ask for it: the list, and the movie alone.",
    "One of true and false; any other word is an error, not a default.",
    after=("as_text", "junk_is_refused"),
    tier=HARDENED,
)
def serialize_is_a_flag(api):
    """?serialize=false shows one movie as text, too; what is neither true nor false is 400."""
    movie, url = create(api)
    answer = api.get(f"{url}?serialize=false").must_be(200)
    answer.must(answer.media_type == "text/plain", "Content-Type: text/plain", "(?i)^Content-Type")
    answer.must(movie["title"] in answer.text, f"a line with {movie['title']}")
    for target in (MOVIES, url):
        refusal = api.get(f"{target}?serialize=perhaps").must_be_problem(*BAD)
        refusal.must_name("serialize")


@book.promise(
    "Your turn, 2.1",
    "RFC 3986, 3.4",
    "The rule for it goes next to those of the other arguments.",
    tier=YOUR_TURN,
    after=("by_director",),
)
def runtime_max(api):
    """?runtime_max=90 lists the movies of at most 90 minutes; a bad value is refused by name."""
    name, films = a_director(api)
    answer = listed(api, name, "&runtime_max=90")
    must_list(
        answer,
        [each for each in films if each["runtime"] <= 90],
        "the movies of at most 90 minutes",
    )
    refusal = api.get(f"{MOVIES}?runtime_max=long").must_be_problem(*BAD)
    refusal.must("runtime_max" in words_of(refusal.object), "an error for runtime_max")
    huge = api.get(f"{MOVIES}?runtime_max={'9' * 31}")
    huge.must(
        huge.status in (200, *BAD),
        "400, 422 or 200 for a number of 31 digits, and no 500",
        r"^HTTP/1\.1 ",
    )

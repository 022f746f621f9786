"""2.a Create."""

import gzip
import json

from course.building.promise import HARDENED, Book
from promises.films import (
    BAD,
    BAD_BODIES,
    MEMBERS,
    MOVIES,
    at_once,
    create,
    film,
    is_free,
    known,
    refused,
)

book = Book("2a")
WRONG_ALONE = (  # each member has a type of its own, and a rule
    ("title", 7),
    ("title", None),
    ("director", "  "),
    ("director", 7),
    ("runtime", "153"),
    ("year", None),
    ("imdb_id", 1234567),
)


@book.promise(
    "201, and where to find it",
    "RFC 9110, 15.3.2",
    "Which status says that something new exists? And does your API accept the check's key?",
    "The key that the check sends is in the variable API_KEY; without it, nobody may write.",
    "return represent_movie(movie.serialize()), 201",
)
def creates(api):
    """POST /v1/movies with the key answers 201 with everything that was sent, an id and a url."""
    sent = film()
    answer = api.send("POST", MOVIES, json=sent).must_be(201)
    answer.must_have_members(sent)
    missing = ", ".join(sorted(set(MEMBERS) - answer.object.keys()))
    answer.must(not missing, f"a member {missing}")


@book.promise(
    "201, and where to find it",
    "RFC 9110, 10.2.2",
    "Where will a client find what it has just created? One header says so.",
    'return movie, 201, {"Location": url}',
)
def location(api):
    """`Location` and `url` lead to the new movie; GET returns the same body there."""
    answer = api.send("POST", MOVIES, json=film()).must_be(201)
    for url in (answer.must_have("Location"), answer.object["url"]):
        found = api.get(answer.leads_to(url)).must_be(200)
        found.must(found.object == answer.object, f"what POST answered: {answer.object}")


@book.promise(
    "Only with the key",
    "RFC 9110, 11.6.1",
    "What must a client send to be let in, and what must a 401 tell it?",
    "In which order are the two decorators? Flask registers what is below its own.",
    "A 401 carries the header WWW-Authenticate: Bearer.",
    "compare_digest(sent, key) says whether they are equal; raise Unauthorized if not.",
    after=("creates",),
)
def no_key(api):
    """Without the right key the answer is 401 with WWW-Authenticate, and nothing happens."""
    body = film()
    key = api.credentials.get("key") or "guessed"
    for sent in (None, "guessed", key[0], f"{key}x"):  # a part of the key is not the key
        headers = {"Authorization": f"Bearer {sent}"} if sent else {}
        answer = api.send("POST", MOVIES, who="nobody", headers=headers, json=body)
        answer.must_be_problem(401).must_have("WWW-Authenticate")
    answer.must(is_free(api, body["imdb_id"]), "nothing created by a request that was refused")


@book.promise(
    "Only with the key",
    "RFC 9110, 15.5.2",
    "Who you are comes before what you want: is the key checked before the body is read?",
    "The decorator stands above the view, so it comes first.",
    "The media type belongs to the body: if 415 comes before 401, you have looked at it.",
    after=("no_key",),
)
def key_before_body(api):
    """Without the key, a bad body is 401, too: neither the body nor its media type is read."""
    for sent in (None, "guessed"):
        key = {"Authorization": f"Bearer {sent}"} if sent else {}
        for kind, body in BAD_BODIES:
            headers = key | {"Content-Type": kind}
            answer = api.send("POST", MOVIES, who="nobody", headers=headers, body=body)
            answer.must_be_problem(401)


@book.promise(
    "400: all reasons at once",
    "RFC 9110, 15.5.1",
    "Is each value checked before the movie is stored?",
    "Collect the reasons by their names, and raise one error at the end.",
    "To Python, true is a number: type(value) is not int tells them apart.",
    after=("creates",),
)
def all_at_once(api):
    """All errors are reported at once with 400, a reason for each member; nothing is stored."""
    body = film(title=" ", year="1927", runtime=True, rating=5)
    del body["director"]
    answer = refused(api, body, "title", "year", "runtime", "director", "rating")
    answer.must(is_free(api, body["imdb_id"]), "nothing kept of a movie that was refused")
    for name in ("title", "year", "runtime", "rating"):
        refused(api, film(**{name: body[name]}), name)
    for name, value in WRONG_ALONE:
        refused(api, film(**{name: value}), name)


@book.promise(
    "400: all reasons at once",
    "RFC 9110, 15.5.1",
    "Is there a minimum and a maximum for each number?",
    "A year is from 1888 to 2100, a runtime from 1 to 100000 minutes.",
    "A title and a director have 300 characters at most.",
    after=("creates",),
)
def ranges(api):
    """Year: 1888 to 2100. Runtime: 1 to 100000. Texts: up to 300 characters. imdb_id: tt1234567."""
    for name, value in (
        ("title", "x" * 301),
        ("director", "x" * 301),
        ("year", 1887),
        ("year", 2101),
        ("runtime", 0),
        ("runtime", 100_001),
        ("imdb_id", "0032976"),
        ("imdb_id", "tt123"),
        ("imdb_id", "tt123456789"),
        ("imdb_id", "tt1234567x"),
        ("imdb_id", "TT1234567"),
    ):
        refused(api, film(**{name: value}), name)
    least, most = {"year": 1888, "runtime": 1}, {"year": 2100, "runtime": 100_000}
    for members in (least, most | {"title": "x" * 300}):
        api.send("POST", MOVIES, json=film(**members)).must_be(201)


@book.promise(
    "400: all reasons at once",
    "RFC 9110, 15.5.1",
    "Which members may a client set? An id is not among them.",
    after=("creates",),
)
def server_sets_ids(api):
    """A client that sends an id is refused: the cinema gives movies their numbers."""
    refused(api, film(id=4711), "id")


@book.promise(
    "Optional members",
    "RFC 8259",
    "What is imdb_id when nobody sends it?",
    "null. And several movies may have none: UNIQUE allows NULL many times.",
    after=("creates",),
)
def optional_imdb_id(api):
    """An imdb_id may be left out; then it is null, and two movies may both have none."""
    for _ in range(2):
        body = film()
        del body["imdb_id"]
        answer = api.send("POST", MOVIES, json=body).must_be(201)
        answer.must_have_members({"imdb_id": None})


@book.promise(
    "409: already taken",
    "RFC 9110, 15.5.10",
    "An imdb_id is unique: who makes sure of that?",
    "The database: mapped_column(unique=True). Its error is IntegrityError.",
    "A handler for IntegrityError turns it into a 409, after a rollback.",
    after=("creates",),
)
def second_imdb_id(api):
    """A second movie with the same imdb_id is 409, and the first stays as it is."""
    movie, url = create(api)
    api.send("POST", MOVIES, json=film(imdb_id=movie["imdb_id"])).must_be_problem(409)
    answer = api.get(url)
    answer.must(answer.object == movie, f"the first movie: {movie}")


@book.promise(
    "415: only JSON",
    "RFC 9110, 15.5.16",
    "Does the media type of the body say that it is JSON?",
    "Content-Type: application/json, and nothing else, is read.",
    "request.is_json is true for all that ends in +json: compare request.mimetype.",
    after=("creates",),
)
def only_json(api):
    """A body whose media type is not JSON is 415, even if it is another that ends in +json."""
    body = json.dumps(film()).encode()
    for kind in ("text/plain", "text/csv", "application/merge-patch+json"):
        headers = {"Content-Type": kind}
        api.send("POST", MOVIES, headers=headers, body=body).must_be_problem(415)


@book.promise(
    "400: all reasons at once",
    "RFC 8259",
    "What if the body is not JSON at all, or JSON that is not an object?",
    after=("creates",),
)
def no_object(api):
    """A body that is not JSON, or not a JSON object, is 400."""
    headers = {"Content-Type": "application/json"}
    for body in (b"", b"{", b"[]", b"null", b'"text"', b"1"):
        api.send("POST", MOVIES, headers=headers, body=body).must_be_problem(*BAD)


@book.promise(
    "Accept a movie",
    "RFC 8259, section 8.1",
    "JSON is UTF-8, from the client to the database and back.",
    after=("creates",),
)
def any_title(api):
    """A title comes back as it was sent, whatever its script."""
    for title in ("Hôtel du Nord", "東京物語", 'A "quoted" \\ title', "👩‍🚀 <b>&amp;"):
        answer = api.send("POST", MOVIES, json=film(title=title)).must_be(201)
        answer.must_have_members({"title": title})
        found = known(api, answer.leads_to(answer.object["url"]))
        api.last.must(found["title"] == title, f"the title {title}", r'^\s*"title"')


def post_text(api, text):
    headers = {"Content-Type": "application/json"}
    return api.send("POST", MOVIES, headers=headers, body=text.encode())


@book.promise(
    "For hostile clients",
    "RFC 8259, section 6",
    "json.loads() accepts NaN and Infinity, which are not JSON. An argument refuses them.",
    tier=HARDENED,
    after=("creates",),
)
def no_nan(api):
    """NaN, Infinity and numbers that are far too large are 400."""
    for number in ("NaN", "Infinity", "1e999", "9" * 5000):
        body = film(year=4711)
        text = json.dumps(body).replace("4711", number)
        post_text(api, text).must_be_problem(*BAD)


@book.promise(
    "For hostile clients",
    "RFC 8259, section 4",
    "If a name comes twice, json.loads() keeps the last value. object_pairs_hook sees both.",
    tier=HARDENED,
    after=("creates",),
)
def name_twice(api):
    """A member that is given twice is 400: two readers could understand it in two ways."""
    text = json.dumps(film())[:-1] + ', "title": "Another"}'
    post_text(api, text).must_be_problem(*BAD)


@book.promise(
    "For hostile clients",
    "RFC 8259, section 9",
    "How deep may a body be nested before Python gives up?",
    tier=HARDENED,
    after=("creates",),
)
def deep_nest(api):
    """A body of ten thousand brackets is refused, and not with a 500."""
    post_text(api, '{"title": ' + "[" * 10_000 + "]" * 10_000 + "}").must_be_problem(*BAD, 413)


@book.promise(
    "For hostile clients",
    "RFC 8259, section 8.1",
    "Not every byte is UTF-8, and not every text can be written as UTF-8.",
    tier=HARDENED,
    after=("creates",),
)
def no_unicode(api):
    """Bytes that are not UTF-8, half a surrogate pair and U+0000 in a title are 400."""
    for title in (b'"\xff"', b'"\\ud800"', b'"a\\u0000b"'):
        text = json.dumps(film(title="?")).encode().replace(b'"?"', title)
        headers = {"Content-Type": "application/json"}
        api.send("POST", MOVIES, headers=headers, body=text).must_be_problem(*BAD)


@book.promise(
    "For hostile clients",
    "RFC 9110, 15.5.14",
    'app.config["MAX_CONTENT_LENGTH"] is the setting.',
    tier=HARDENED,
    after=("creates",),
)
def too_large(api):
    """A body of more than 64 KiB is 413, also one in chunks, which does not tell its length."""
    api.send("POST", MOVIES, json=film(title="x" * 70_000)).must_be_problem(413)
    chunks = iter([json.dumps(film()).encode(), *[b" " * 7_000] * 10])  # its beginning is a movie
    headers = {"Content-Type": "application/json"}
    api.send("POST", MOVIES, headers=headers, body=chunks).must_be_problem(413)


@book.promise(
    "For hostile clients",
    "RFC 9110, 8.4 and 14.5",
    "Which fields say that these bytes are not the whole body as it is?",
    "json_object of the toolkit reads Content-Encoding and Content-Range.",
    tier=HARDENED,
    after=("creates",),
)
def whole_and_plain(api):
    """A compressed body is 415, with `Accept-Encoding`; a part of a body, `Content-Range`, 400."""
    body = json.dumps(film()).encode()
    headers = {"Content-Type": "application/json"}
    for packed in (gzip.compress(body), body):
        packing = headers | {"Content-Encoding": "gzip"}
        answer = api.send("POST", MOVIES, headers=packing, body=packed).must_be_problem(415)
        answer.must_have("Accept-Encoding")
    part = headers | {"Content-Range": f"bytes 0-{len(body) - 1}/{len(body)}"}
    api.send("POST", MOVIES, headers=part, body=body).must_be_problem(*BAD)


@book.promise(
    "Only with the key",
    "RFC 9110, 11.4",
    "compare_digest() takes texts of ASCII, and bytes of any kind.",
    "hmac.compare_digest(sent.encode(), key.encode()), if there is something after Bearer.",
    tier=HARDENED,
    after=("no_key",),
)
def odd_key(api):
    """A key that is not ASCII, and none at all after `Bearer`, are 401 and never 500."""
    for sent in ("Bearer", "Bearer ", "Bearer \xe9", "Bearer a b", "Bearer ="):
        answer = api.send("POST", MOVIES, headers={"Authorization": sent}, json=film())
        answer.must_be_problem(401).must_have("WWW-Authenticate")


@book.promise(
    "For hostile clients",
    "RFC 9110, 9.2.2",
    "Between a question and the write that follows, another request may write.",
    "Let the database decide who was first: UNIQUE, and no SELECT before it.",
    tier=HARDENED,
    after=("second_imdb_id",),
)
def one_of_many(api):
    """Of eight clients that create the same imdb_id at once, one gets 201 and the others 409."""
    body = film()
    answers = at_once([lambda: api.send("POST", MOVIES, json=body)] * 8)
    statuses = sorted(answer.status for answer in answers)
    odd = [answer for answer in answers if answer.status not in (201, 409)] or answers
    odd[0].must(statuses == [201] + [409] * 7, f"one 201 and seven 409, not {statuses}")


@book.promise(
    "Try to break it",
    "SQLite, Atomic Commit",
    "Is the movie committed before the answer is sent?",
    tier=HARDENED,
    control=True,
    after=("creates",),
)
def survives_a_kill(api):
    """A movie that was answered with 201 is still there after the server was killed."""
    movie, url = create(api)
    api.control.restart()
    answer = api.get(url).must_be(200)
    answer.must(answer.object == movie, f"what was there before: {movie}")


@book.promise(
    "For hostile clients",
    "RFC 8259, section 6",
    "In JSON, 1927.0 is a whole number. In Python, it is a float.",
    tier=HARDENED,
    after=("creates",),
)
def whole_float(api):
    """A year of 1927.0 or 1.927e3 is a whole number, and comes back as 1927. 1927.5 is not."""
    for written in ("1927.0", "1.927e3"):
        text = json.dumps(film(year=4711)).replace("4711", written)
        answer = post_text(api, text).must_be(201).must_have_members({"year": 1927})
        answer.must(isinstance(answer.object["year"], int), '"year": 1927', r'^\s*"year"')
    for name, value in (("year", 1927.5), ("runtime", 153.5)):
        refused(api, film(**{name: value}), name)

"""4.a1 Who is asking."""

import base64
import json
import secrets

from course.building.promise import HARDENED, Book
from promises.films import MOVIES, create, film, known
from promises.users import (
    by_basic,
    by_wrong_password,
    challenges,
    credentials,
    list_of_bob,
    list_to_make,
)
from promises.watchlists import LISTS

book = Book("4a1")
MOST_GUESSES = 60
SAID = {"type", "status", "title", "detail", "WWW-Authenticate"}  # no id of a request, no time


@book.promise(
    "Basic",
    "RFC 7617, 2",
    "The header is Authorization: Basic, and then Base64 of name:password.",
    "The password that the check sends for alice and bob is in the variable CINEMA_PASSWORD.",
    "Decode it, part it at the first colon, find the user, and compare the password's hash.",
    "check_password_hash(user.password_hash, password)",
)
def basic_editor(api):
    """Alice, an editor, creates a movie with her name and password: 201."""
    api.send("POST", MOVIES, headers=by_basic(api), json=film()).must_be(201)


@book.promise(
    "Who is asking?",
    "RFC 9110, 11.6.1; RFC 7617, 2",
    "One decorator for all routes that change something, and no view without it.",
    "A 401 names in WWW-Authenticate what would be accepted: Basic, and the realm.",
    """WWW-Authenticate: Basic realm="cinema", charset="UTF-8" """.strip(),
    after=("basic_editor",),
)
def basic_challenge(api):
    """Each change without credentials is 401, and `WWW-Authenticate` names Basic and a realm."""
    movie, url = create(api)
    watchlist, body = list_to_make()
    for method, target, sent in (
        ("POST", MOVIES, film()),
        ("PUT", url, film()),
        ("PATCH", url, {"title": "Stolen"}),
        ("DELETE", url, None),
        ("PUT", watchlist, body),
    ):
        options = {} if sent is None else {"json": sent}
        answer = api.send(method, target, who="nobody", **options).must_be_problem(401)
        told = challenges(answer).lower()
        answer.must(
            "basic" in told and "realm=" in told,
            'WWW-Authenticate: Basic realm="…"',
            mark="(?i)^www-authenticate:",
        )
    answer = api.get(url).must_be(200)
    answer.must(answer.object == movie, f"nothing changed: {movie}")
    api.get(watchlist).must_be(404)


@book.promise(
    "A wrong proof is refused",
    "RFC 9110, 15.5.2",
    "A client that sends a wrong proof believes that it is logged in: tell it that it is not.",
    "Look at the credentials before each request to these routes, not only in the decorator.",
    "blueprint.before_request(check_credentials)",
    after=("basic_editor",),
)
def wrong_password(api):
    """A wrong password is 401, even where nobody needs one: GET, also of / and /v1/nothing."""
    _, url = create(api)
    reads = [("GET", each) for each in (url, MOVIES, LISTS, "/", "/v1/nothing")]
    for method, target in (*reads, ("DELETE", url)):
        answer = api.send(method, target, headers=by_wrong_password()).must_be_problem(401)
        answer.must_have("WWW-Authenticate", "basic")
    known(api, url)


@book.promise(
    "What could go wrong",
    "OWASP, Authentication Cheat Sheet",
    "What does a stranger learn from 'There is no user carol'?",
    "One exception for both cases, raised in one place.",
    "A name that nobody has is compared too: with a hash that no password matches.",
    after=("basic_editor",),
)
def same_refusal(api):
    """A wrong password and a name that nobody has get the same answer."""
    unknown, another = (refusal(api, f"nobody-{secrets.token_hex(4)}") for _ in range(2))
    alice = refusal(api, "alice")
    new_each_time = {name for name in unknown if unknown[name] != another.get(name)} - SAID
    known, unknown = (
        {name: name in new_each_time or value for name, value in told.items()}
        for told in (alice, unknown)
    )
    api.last.must(known == unknown, f"the same as for a name that nobody has: {unknown}")


def refusal(api, name):
    """Return what an answer says to a wrong password: its members, and its challenges."""
    answer = api.send("POST", MOVIES, headers=by_wrong_password(name), json=film())
    answer.must_be_problem(401)
    told = {key: value for key, value in answer.object.items() if key != "instance"}
    told["WWW-Authenticate"] = challenges(answer)
    return {key: json.dumps(value).replace(name, "NAME") for key, value in told.items()}


@book.promise(
    "401 and 403",
    "RFC 9110, 15.5.4",
    "401: we do not know you. 403: we know you, and you may not.",
    "What a role permits is a table: a dictionary of sets.",
    '@permission_required("movies:write") stands under @login_required.',
    after=("basic_member",),
)
def member_is_refused(api):
    """Bob is a member: writing movies is 403 for him, and nothing happens."""
    movie, url = create(api)
    for method, target, sent in (
        ("POST", MOVIES, film()),
        ("PUT", url, film()),
        ("PATCH", url, {"title": "Bob's"}),
        ("DELETE", url, None),
    ):
        options = {} if sent is None else {"json": sent}
        answer = api.send(method, target, headers=by_basic(api, "member"), **options)
        answer.must_be_problem(403)
    answer = api.get(url).must_be(200)
    answer.must(answer.object == movie, f"nothing changed: {movie}")


@book.promise(
    "Roles",
    "OWASP, Authorization Cheat Sheet",
    "Members may keep watchlists, and editors may do that as well.",
    'Both roles have the permission "watchlists:write" in the table.',
)
def basic_member(api):
    """Bob, a member, creates a watchlist with his name and password, and everybody can read it."""
    url, body = list_to_make()
    api.send("PUT", url, headers=by_basic(api, "member"), json=body).must_be(201)
    api.get(url).must_be(200).must_have_members(body)


@book.promise(
    "Roles",
    "RFC 9110, 9.3.5",
    "The user who created a watchlist may delete it; a stranger may not.",
    after=("basic_member",),
)
def member_deletes_own(api):
    """Bob can delete his watchlist; a stranger cannot."""
    url, _ = list_of_bob(api)
    api.send("DELETE", url, who="nobody").must_be_problem(401)
    api.get(url).must_be(200)
    api.send("DELETE", url, headers=by_basic(api, "member")).must_be(204, 200)
    api.get(url).must_be(404)


@book.promise(
    "Basic",
    "RFC 9110, 11.1; RFC 7617, 2",
    "The scheme may be written in any case: basic, BASIC.",
    "scheme.lower() == 'basic'",
    tier=HARDENED,
    after=("basic_editor",),
)
def scheme_in_any_case(api):
    """`basic` and `BASIC` are names of the same scheme."""
    encoded = by_basic(api)["Authorization"].partition(" ")[2]
    for scheme in ("basic", "BASIC"):
        headers = {"Authorization": f"{scheme} {encoded}"}
        api.send("POST", MOVIES, headers=headers, json=film()).must_be(201)


@book.promise(
    "For hostile clients",
    "RFC 7617, 2",
    "What if it is not Base64, has no colon, or is not UTF-8?",
    "b64decode(encoded, validate=True) raises binascii.Error; decode() raises UnicodeDecodeError.",
    tier=HARDENED,
    after=("wrong_password",),
)
def malformed_basic(api):
    """Malformed credentials, such as bad Base64 or no colon, are 401 and never 500."""
    for pair in (b"", b":", b"alice", b"\xff\xfe:\xff", b"alice\0:x", b"a" * 3000 + b":x"):
        headers = {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
        api.get(MOVIES, headers=headers).must_be_problem(401)
    for text in ("Basic", "Basic ", "Basic !!!", "Basic YWxpY2U6", "Basic YWxp Y2U6eA=="):
        api.get(MOVIES, headers={"Authorization": text}).must_be_problem(401)


@book.promise(
    "For hostile clients",
    "RFC 9110, 15.5.2",
    "The decorators are above the view: a client that may not even ask is told so first.",
    tier=HARDENED,
    after=("member_is_refused",),
)
def who_before_what(api):
    """A client that may not write is told so before the body is read: 401, and 403 for Bob."""
    for body in (b"{", b"[]", b""):
        headers = {"Content-Type": "application/json"}
        api.send("POST", MOVIES, who="nobody", headers=headers, body=body).must_be_problem(401)
        headers |= by_basic(api, "member")
        api.send("POST", MOVIES, headers=headers, body=body).must_be_problem(403)


@book.promise(
    "For hostile clients",
    "OWASP, Authentication Cheat Sheet; RFC 6585, 4",
    "Count the failures, by name and address.",
    "429 Too Many Requests, with Retry-After in seconds.",
    "Flask-Limiter's storage can count: limiter.hit(limit, 'failed logins', name, address)",
    tier=HARDENED,
    after=("wrong_password",),
)
def guesses_are_limited(api):
    """A client that guesses too often must wait: 429 with `Retry-After`. Others need not."""
    name = f"guessed-{secrets.token_hex(4)}"
    for _ in range(MOST_GUESSES):
        answer = api.get(MOVIES, headers=by_wrong_password(name))
        if answer.status != 401:
            break
    answer.must_be_problem(429).must_have("Retry-After", r"\d|GMT", "a header Retry-After: 60")
    api.send("POST", MOVIES, headers=by_basic(api), json=film()).must_be(201)


@book.promise(
    "For hostile clients",
    "RFC 9110, 11.1",
    "Nobody can check credentials of an unknown scheme, so they prove nothing.",
    "For a GET you may ignore them, or answer 401. A change without a proof is always 401.",
    tier=HARDENED,
    after=("basic_challenge",),
)
def unknown_scheme(api):
    """Credentials of an unknown scheme prove nothing: a change is 401, and GET is 200 or 401."""
    _, password = credentials(api, "editor")
    headers = {"Authorization": f"Magic {password}"}
    answer = api.get(MOVIES, headers=headers)
    if answer.status != 200:
        answer.must_be_problem(200, 401)
    api.send("POST", MOVIES, headers=headers, json=film()).must_be_problem(401)

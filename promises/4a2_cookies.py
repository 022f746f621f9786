"""4.a2 Cookies."""

import secrets
from urllib.parse import urlsplit

from course.building.promise import HARDENED, YOUR_TURN, Book
from promises.films import BAD, MOVIES, film
from promises.users import (
    DONE,
    SESSION,
    cookies_of,
    credentials,
    list_of_bob,
    list_to_make,
    log_in,
    session,
    who_is,
)

book = Book("4a2")
NO_SESSION = 404, 401
EVIL = "https://evil.example"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}  # what another site's form sends


@book.promise(
    "A session is a resource",
    "RFC 9110, 15.3.2; RFC 6265, 4.1",
    "POST creates a session, as it creates a movie: where is it then, and what is in it?",
    "The body names the user, and has a csrf_token. The cookie holds a random number.",
    'session["token"] = secrets.token_urlsafe(32); the database keeps a hash of it.',
)
def logs_in(api):
    """POST /v1/session with name and password is 201: the user, a csrf_token, and a cookie."""
    answer = log_in(api).must_be(201)
    answer.must_have_members({"user": "bob"})
    token = answer.object.get("csrf_token")
    answer.must(isinstance(token, str) and len(token) >= 16, 'a "csrf_token" that nobody guesses')
    answer.must_have("Set-Cookie")


@book.promise(
    "A session is a resource",
    "RFC 9110, 15.5.2",
    "The password is checked as for Basic.",
    "No Set-Cookie with a session in it, unless the password was right.",
    after=("logs_in",),
)
def wrong_login(api):
    """A wrong password is 401, and opens no session."""
    body = {"name": "bob-of-nowhere", "password": secrets.token_hex(8)}
    answer = api.send("POST", SESSION, who="nobody", json=body).must_be_problem(401)
    for each in cookies_of(answer).values():
        who_is(api, {"Cookie": f"{each.key}={each.coded_value}"}).must_be(*NO_SESSION)


@book.promise(
    "What the browser may do with it",
    "RFC 6265, 4.1.2",
    "Neither scripts nor other sites have any business with it.",
    "Set-Cookie: …; HttpOnly; Path=/; SameSite=Lax",
    'SESSION_COOKIE_SAMESITE = "Lax"; Flask adds HttpOnly and Path itself.',
)
def cookie_flags(api):
    """The cookie is `HttpOnly`, `SameSite=Lax` or `Strict`, and for the whole site: `Path=/`."""
    found = session(api)
    flags = found.morsel
    mark = "(?i)^set-cookie:"
    found.answer.must(flags["httponly"], "HttpOnly", mark)
    found.answer.must(flags["samesite"].lower() in ("lax", "strict"), "SameSite=Lax", mark)
    found.answer.must(flags["path"] == "/", "Path=/", mark)


@book.promise(
    "A session is a resource",
    "RFC 6265, 5.4",
    "Find the session by the hash of what is in the cookie.",
    "A cookie proves who is asking: it is one more mechanism behind login_required.",
    after=("logs_in",),
)
def cookie_says_who(api):
    """With the cookie, GET /v1/session says whose it is; without it, there is none: 404."""
    found = session(api)
    who_is(api, found.reads).must_be(200).must_have_members({"user": "bob"})
    who_is(api, {}).must_be_problem(*NO_SESSION)
    api.get(MOVIES, headers=found.reads).must_be(200)


@book.promise(
    "A change needs the csrf_token",
    "OWASP, Cross-Site Request Forgery Prevention Cheat Sheet",
    "The browser adds the cookie by itself. What can only your own page add?",
    "Compare X-CSRF-Token with the session's csrf_token, in constant time.",
    "hmac.compare_digest(sent.encode(), csrf_token(token).encode())",
)
def cookie_writes(api):
    """With the cookie and its `X-CSRF-Token`, Bob creates a watchlist: 201; a movie is 403."""
    found = session(api)
    url, body = list_to_make()
    api.send("PUT", url, who="nobody", headers=found.writes, json=body).must_be(201)
    api.send("POST", MOVIES, who="nobody", headers=found.writes, json=film()).must_be_problem(403)


@book.promise(
    "A change needs the csrf_token",
    "OWASP, Cross-Site Request Forgery Prevention Cheat Sheet",
    "A form of another site brings the cookie, and no X-CSRF-Token.",
    "403: we know who it is, and do not believe that they want it.",
    after=("cookie_writes", "basic_member"),
)
def cookie_alone(api):
    """With the cookie alone, or a guessed `X-CSRF-Token`, a change is 403; nothing happens."""
    found = session(api)
    url, body = list_to_make()
    guesses = "", secrets.token_hex(32), found.csrf_token[:8]
    for guess in ({}, FORM, *({"X-CSRF-Token": each} for each in guesses)):
        answer = api.send("PUT", url, who="nobody", headers=found.reads | guess, json=body)
        answer.must_be_problem(403)
    api.get(url).must_be(404)
    made, before = list_of_bob(api)
    for method, options in (("PUT", {"json": body}), ("PATCH", {"json": body}), ("DELETE", {})):
        answer = api.send(method, made, who="nobody", headers=found.reads, **options)
        answer.must_be_problem(403)
    after = api.get(made).must_be(200)
    after.must(after.object == before, f"nothing changed: {before}")


@book.promise(
    "Logout",
    "OWASP, Session Management Cheat Sheet",
    "A thief may have copied the cookie: deleting it in the browser is not enough.",
    "DELETE /v1/session deletes the row as well. It is a change by cookie.",
    "delete(LoginSession).where(LoginSession.token_hash == hash_of(token))",
    after=("cookie_writes",),
)
def logout(api):
    """DELETE /v1/session, with the csrf_token, ends it: then a copy of the cookie is worthless."""
    found = session(api)
    api.send("DELETE", SESSION, who="nobody", headers=found.reads).must_be_problem(403)
    who_is(api, found.reads).must_be(200)
    api.send("DELETE", SESSION, who="nobody", headers=found.writes).must_be(204, 200)
    who_is(api, found.reads).must_be_problem(*NO_SESSION)
    url, body = list_to_make()
    api.send("PUT", url, who="nobody", headers=found.writes, json=body).must_be_problem(401)


@book.promise(
    "What could go wrong",
    "OWASP, Session Management Cheat Sheet",
    "Anybody can write a cookie: who signs it, and what is in it?",
    "A random number for each login; the name of the user stays on your side.",
    after=("cookie_says_who",),
)
def made_up_cookie(api):
    """A cookie that somebody has made up or changed belongs to nobody: 404, and never 500."""
    found = session(api)
    name, _, value = found.cookie.partition("=")
    answer = log_in(api).must_be(201, 200)
    answer.must(found.cookie not in str(answer.headers), "another cookie for each login")
    middle = len(value) // 3
    swapped = "A" if value[middle] != "A" else "B"
    for made_up in (
        "bob",
        "1",
        value[: len(value) // 2],
        value[:middle] + swapped + value[middle + 1 :],
    ):
        for cookie in (f"{name}={made_up}", f"user=bob; {name}={made_up}"):
            who_is(api, {"Cookie": cookie}).must_be_problem(*NO_SESSION)
    api.get(MOVIES, headers={"Cookie": f"{name}=bob"}).must_be(200)


@book.promise(
    "Your turn, 4a2.1",
    "OWASP, Session Management Cheat Sheet",
    "Each login has a row of its own.",
    tier=YOUR_TURN,
    after=("logout",),
)
def logout_ends_one(api):
    """Bob logs in twice, and logs out of one session: the other keeps working."""
    first, second = session(api), session(api)
    api.send("DELETE", SESSION, who="nobody", headers=first.writes).must_be(204, 200)
    who_is(api, second.reads).must_be(200)
    url, body = list_to_make()
    api.send("PUT", url, who="nobody", headers=second.writes, json=body).must_be(*DONE)


@book.promise(
    "Your turn, 4a2.2",
    "OWASP, Cross-Site Request Forgery Prevention Cheat Sheet; Fetch Metadata",
    "Browsers say where a request comes from: Origin, Sec-Fetch-Site.",
    "Refuse a change by cookie whose Origin is not your own, whatever its token.",
    tier=YOUR_TURN,
    after=("cookie_writes",),
)
def other_origin(api):
    """A change with the right csrf_token, but from the Origin of another site, is 403."""
    refuse_from(api, {"Origin": EVIL})


@book.promise(
    "For hostile clients",
    "Fetch Metadata Request Headers",
    "Sec-Fetch-Site may be same-origin or none; a program does not send the field at all.",
    'if request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none")',
    tier=HARDENED,
    after=("cookie_writes",),
)
def other_sites(api):
    """If the browser says that a change comes from another site: 403. From your own pages: 201."""
    for site in ("cross-site", "same-site"):
        refuse_from(api, {"Sec-Fetch-Site": site})
    refuse_from(api, {"Origin": "null"})
    found = session(api)
    url, body = list_to_make()
    parts = urlsplit(api.url)
    own = {"Origin": f"{parts.scheme}://{parts.netloc}", "Sec-Fetch-Site": "same-origin"}
    api.send("PUT", url, who="nobody", headers=found.writes | own, json=body).must_be(201)


def refuse_from(api, headers):
    found = session(api)
    url, body = list_to_make()
    answer = api.send("PUT", url, who="nobody", headers=found.writes | headers, json=body)
    answer.must_be_problem(403)
    api.get(url).must_be(404)


@book.promise(
    "What could go wrong",
    "OWASP, Session Management Cheat Sheet",
    "An attacker who plants a session in your browser before you log in has yours afterwards.",
    "Clear what was there before, end it, and make a new number.",
    tier=HARDENED,
    after=("logout",),
)
def login_ends_the_one_before(api):
    """A login makes a new session, and ends the one that came with it."""
    planted = session(api)
    fresh = session(api, headers=planted.reads)
    fresh.answer.must(fresh.cookie != planted.cookie, "another cookie than before the login")
    who_is(api, planted.reads).must_be_problem(*NO_SESSION)
    who_is(api, fresh.reads).must_be(200)


@book.promise(
    "For hostile clients",
    "OWASP, Cross-Site Request Forgery Prevention Cheat Sheet",
    "The csrf_token belongs to one session.",
    "hmac.new(key, f'csrf {token}'.encode(), hashlib.sha256)",
    tier=HARDENED,
    after=("cookie_alone",),
)
def csrf_token_of_another(api):
    """The csrf_token of another session is 403; so is one that is not ASCII, and never 500."""
    mine, other = session(api, "member"), session(api, "editor")
    url, body = list_to_make()
    for sent in (other.csrf_token, "\xe9"):
        headers = mine.reads | {"X-CSRF-Token": sent}
        api.send("PUT", url, who="nobody", headers=headers, json=body).must_be_problem(403)
    api.get(url).must_be(404)


@book.promise(
    "For hostile clients",
    "OWASP, Cross-Site Request Forgery Prevention Cheat Sheet",
    "Another site could log its visitors in as somebody else, and read what they write.",
    tier=HARDENED,
    after=("logs_in",),
)
def login_from_another_site(api):
    """A login that another site has caused is 403, and sets no session."""
    for headers in ({"Origin": EVIL}, {"Sec-Fetch-Site": "cross-site"}):
        log_in(api, headers=headers).must_be_problem(403)


@book.promise(
    "A session is a resource",
    "RFC 9110, 15.5.1",
    "These members, all of them text, and no others.",
    "texts(json_object(), 'name', 'password') raises one error with all reasons.",
    tier=HARDENED,
    after=("logs_in",),
)
def login_of_two_texts(api):
    """A login is a name and a password, both text, and nothing else: 400, and all is named."""
    name, password = credentials(api, "member")
    for body, wrong in (
        ({}, ("name", "password")),
        ({"name": name}, ("password",)),
        ({"name": name, "password": 7}, ("password",)),
        ({"name": [name], "password": None}, ("name", "password")),
        ({"name": name, "password": password, "role": "editor"}, ("role",)),
    ):
        answer = api.send("POST", SESSION, who="nobody", json=body).must_be_problem(*BAD)
        answer.must_name(*wrong)
    api.send("POST", SESSION, who="nobody", json=[name, password]).must_be_problem(*BAD)

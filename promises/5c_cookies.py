"""5.c Cookies."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from course.building.promise import HARDENED, Book
from promises.films import BAD, MOVIES
from promises.users import (
    SESSION,
    cookies_of,
    list_to_make,
    log_in,
    session,
    who_is,
)

book = Book("5c")
MARK = "(?i)^set-cookie:"
DAY = 24 * 3600  # seconds
LONGEST = 400 * DAY  # RFC 6265bis, 5.5


def seconds_of(morsel):
    """Return how long a browser keeps a cookie; None: until it is closed."""
    if morsel["max-age"] != "":
        return int(morsel["max-age"])
    if morsel["expires"]:
        return (parsedate_to_datetime(morsel["expires"]) - datetime.now(UTC)).total_seconds()
    return None


@book.promise(
    "What the browser must not do",
    "RFC 6265bis, 4.1.2.5",
    'One <img src="http://…"> on another site, and the cookie is sent unencrypted.',
    "SESSION_COOKIE_SECURE = True",
)
def secure_cookie(api):
    """The session's cookie is `Secure`, besides `HttpOnly` and `SameSite`, and has no `Domain`."""
    found = session(api)
    for flag in ("secure", "httponly", "samesite"):
        found.answer.must(found.morsel[flag], flag.capitalize(), MARK)
    found.answer.must(not found.morsel["domain"], "no Domain: not for subdomains", MARK)


@book.promise(
    "What the browser must not do",
    "RFC 6265bis, 4.1.3.2",
    "The shop next door can give your visitors a cookie of your name. One prefix prevents it.",
    'SESSION_COOKIE_NAME = "__Host-session", with Secure, Path=/ and no Domain',
)
def host_cookie(api):
    """The cookie's name begins with `__Host-`, and it has what browsers require for that."""
    found = session(api)
    found.answer.must(found.morsel.key.startswith("__Host-"), "a name with __Host-", MARK)
    right = found.morsel["secure"] and found.morsel["path"] == "/" and not found.morsel["domain"]
    found.answer.must(right, "Secure, Path=/ and no Domain: else no browser takes it", MARK)


@book.promise(
    "For this visit, or for a month",
    "RFC 6265bis, 5.5",
    'A user who wants to be remembered says so at the login: "remember": true.',
    "session.permanent = True; PERMANENT_SESSION_LIFETIME = 30 days",
)
def remembered(api):
    """With "remember": true the cookie outlives the browser: for 1 to 400 days."""
    found = session(api, remember=True)
    lasts = seconds_of(found.morsel)
    right = lasts is not None and DAY <= lasts <= LONGEST
    found.answer.must(right, "Expires or Max-Age, of a day to 400 days", MARK)
    who_is(api, found.reads).must_be(200).must_have_members({"user": "bob"})


@book.promise(
    "For this visit, or for a month",
    "RFC 6265bis, 4.1.2",
    "The next person at that computer may be somebody else.",
    after=("remembered",),
)
def not_remembered(api):
    """Without it, or with false, the cookie ends with the browser: no Expires, no Max-Age."""
    for members in ({}, {"remember": False}):
        found = session(api, **members)
        lasts = seconds_of(found.morsel)
        found.answer.must(lasts is None, "no Expires and no Max-Age", MARK)


@book.promise(
    "Two cookies of one name",
    "RFC 6265bis, 8.6",
    "The server sees names and values. Which of two with one name is yours?",
    "Nobody can tell: treat two as none.",
    "request.cookies.getlist(name), in open_session of your own session interface",
)
def two_cookies(api):
    """Two cookies with the session's name count as none: 404, whichever comes first."""
    mine, planted = session(api), session(api, "editor")
    name = mine.morsel.key
    who_is(api, mine.reads).must_be(200)
    for pair in (
        f"{mine.cookie}; {planted.cookie}",
        f"{planted.cookie}; {mine.cookie}",
        f"{mine.cookie}; {name}=planted",
        f"{name}=planted; {mine.cookie}",
    ):
        who_is(api, {"Cookie": pair}).must_be_problem(404, 401)


@book.promise(
    "A logout that the browser ignores",
    "RFC 6265bis, 5.7",
    "To delete a cookie, you need the same name, path and flags.",
    "Set-Cookie: __Host-session=; Max-Age=0; Secure; HttpOnly; Path=/; SameSite=Lax",
    after=("secure_cookie",),
)
def logout_takes_the_cookie(api):
    """The logout deletes the cookie: the same name and flags, and an expiry in the past."""
    found = session(api)
    answer = api.send("DELETE", SESSION, who="nobody", headers=found.writes).must_be(204, 200)
    taken = cookies_of(answer).get(found.morsel.key)
    answer.must(taken is not None, f"Set-Cookie: {found.morsel.key}=; Max-Age=0 …", MARK)
    lasts = seconds_of(taken)
    answer.must(lasts is not None and lasts <= 0, "an end that is over: Max-Age=0", MARK)
    same = all(bool(taken[flag]) == bool(found.morsel[flag]) for flag in ("secure", "path"))
    answer.must(same, "Secure and Path as at the login, else a browser does not take it", MARK)
    who_is(api, found.reads).must_be_problem(404, 401)


@book.promise(
    "Lax or Strict?",
    "RFC 6454, 4",
    "The scheme is a part of the origin: a page sent over plain HTTP can be from anybody.",
    'ours = f"{request.scheme}://{request.host}", and compare the whole Origin.',
    after=("cookie_writes",),
)
def other_scheme(api):
    """A change from our own host, but from a page of the other scheme, is 403."""
    found = session(api)
    url, body = list_to_make()
    headers = found.writes | {"Origin": other_origin_of(api)}
    api.send("PUT", url, who="nobody", headers=headers, json=body).must_be_problem(403)
    api.get(url).must_be(404)
    parts = urlsplit(api.url)
    headers = found.writes | {"Origin": f"{parts.scheme}://{parts.netloc}"}
    api.send("PUT", url, who="nobody", headers=headers, json=body).must_be(201)


def other_origin_of(api):
    parts = urlsplit(api.url)
    return f"{'http' if parts.scheme == 'https' else 'https'}://{parts.netloc}"


# -- for hostile clients -------------------------------------------------------------------------


@book.promise(
    "Lax or Strict?",
    "OWASP, Cross-Site Request Forgery Prevention Cheat Sheet",
    "A login from a page sent over plain HTTP can plant a session.",
    tier=HARDENED,
    after=("other_scheme",),
)
def login_from_other_scheme(api):
    """A login from a page of the other scheme is 403."""
    log_in(api, headers={"Origin": other_origin_of(api)}).must_be_problem(403)


@book.promise(
    "For hostile clients",
    "RFC 9110, 15.5.1",
    "`remember` is true or false.",
    tier=HARDENED,
    after=("remembered",),
)
def remember_what(api):
    """A `remember` that is neither true nor false is 400, and opens no session."""
    for value in ("yes", 1, None, []):
        answer = log_in(api, remember=value).must_be_problem(*BAD).must_name("remember")
        answer.must_not_have("Set-Cookie", r"=\w")


@book.promise(
    "Renewal",
    "RFC 9111, 3",
    "Somebody may store other responses: a cookie must not be in them.",
    "SESSION_REFRESH_EACH_REQUEST = False",
    tier=HARDENED,
    after=("remembered",),
)
def no_cookie_elsewhere(api):
    """No other response sets the cookie again, even if the session is remembered."""
    found = session(api, remember=True)
    url, body = list_to_make()
    for answer in (
        api.get(MOVIES, headers=found.reads),
        api.get("/v1/nowhere", headers=found.reads),
        api.send("PUT", url, who="nobody", headers=found.writes, json=body).must_be(201),
    ):
        answer.must_not_have("Set-Cookie")

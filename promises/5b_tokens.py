"""5.b Token authentication."""

import re
import secrets
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from course.building.promise import HARDENED, YOUR_TURN, Book
from promises.films import BAD, MOVIES
from promises.users import (
    TOKENS,
    bearer,
    by_basic,
    list_to_make,
    must_be_unauthorized,
    must_lack_scope,
    new_film,
    own_token,
)

book = Book("5b")
SECRET = 20  # letters of a token that are certainly random, whatever it begins with
WANTED = {"name": "Nightly import", "scopes": ["movies:write"], "days": 7}


def ask_for(api, who="editor", **members):
    """Ask for a token, whatever the answer is."""
    return api.send("POST", TOKENS, headers=by_basic(api, who), json=WANTED | members)


def age(text):
    """Return how far from now a moment is, as RFC 3339 writes it."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)


@book.promise(
    "A token for a program",
    "RFC 6750, 5.3; RFC 3339",
    "A token is a random number that stands for a user: made once, and shown once.",
    "secrets.token_urlsafe(32), with a prefix by which people recognise it.",
    "Keep hash_of(token), and the day on which it expires.",
)
def makes_token(api):
    """POST /v1/tokens makes a token: 201, a `Location`, the token, and when it expires."""
    answer = ask_for(api).must_be(201)
    answer.must_have("Location")
    answer.must_have("Cache-Control", "no-store")
    answer.must_have_members({"name": WANTED["name"], "scopes": WANTED["scopes"]})
    token = answer.object.get("token")
    long = isinstance(token, str) and len(token) >= SECRET + 2
    answer.must(long, 'a "token" of 128 bits or more', '^ *"token"')
    days = age(answer.object["expires"])
    right = timedelta(days=6, hours=23) < days < timedelta(days=7, hours=1)
    answer.must(right, '"expires" in 7 days', '^ *"expires"')


@book.promise(
    "A token for a program",
    "RFC 6750, 2.1",
    "One more mechanism: look for the row by the hash of what comes after Bearer.",
    "select(ApiToken).where(ApiToken.expires > now()).filter_by(token_hash=hash_of(token))",
)
def token_writes(api):
    """With `Authorization: Bearer` and the token, Alice's program creates a movie: 201."""
    token, _ = own_token(api)
    new_film(api, bearer(token)).must_be(201)


@book.promise(
    "A token can only narrow",
    "RFC 6750, 3.1",
    "A scope narrows: the token may do what both it and its user may.",
    "Login(user.name, frozenset(scopes) & PERMISSIONS[user.role])",
    after=("token_writes",),
)
def token_is_narrow(api):
    """A token for movies:write cannot write a watchlist: 403, insufficient_scope."""
    token, _ = own_token(api)
    url, body = list_to_make()
    answer = api.send("PUT", url, who="nobody", headers=bearer(token), json=body)
    must_lack_scope(answer, "watchlists:write")


@book.promise(
    "A token can only narrow",
    "RFC 6749, 3.3",
    "Nobody can give away a permission that they do not have.",
    "A scope that the user lacks is a wrong value: 400, errors, scopes.",
    after=("makes_token",),
)
def token_widens_nothing(api):
    """Bob, a member, gets a token for watchlists. For movies:write it is 400: `scopes`."""
    ask_for(api, "member").must_be_problem(*BAD).must_name("scopes")
    ask_for(api, "member", scopes=["watchlists:write"]).must_be(201)


@book.promise(
    "A token can only narrow",
    "OWASP ASVS 5, 7.4",
    "A token that expires in a week could make one that expires in a year.",
    "own_login() refuses a client that came with a token: 403.",
    after=("token_writes",),
)
def token_makes_no_token(api):
    """A token cannot make, show or revoke tokens: 403."""
    token, url = own_token(api)
    for method, target in (("POST", TOKENS), ("GET", TOKENS), ("DELETE", TOKENS), ("DELETE", url)):
        options = {"json": WANTED} if method == "POST" else {}
        answer = api.send(method, target, who="nobody", headers=bearer(token), **options)
        answer.must_be_problem(403)
    new_film(api, bearer(token)).must_be(201)


@book.promise(
    "A token for a program",
    "OWASP ASVS 5, 7.2",
    "You store a hash and the last four letters: so what can a list show?",
    after=("makes_token",),
)
def token_is_shown_once(api):
    """The list and `url` show a token's name, scopes and expiry, and never the token itself."""
    token, url = own_token(api)
    one = api.get(url, headers=by_basic(api)).must_be(200)
    every = api.get(TOKENS, headers=by_basic(api)).must_be(200)
    name = one.object["name"]
    every.must(name in [each["name"] for each in every.object["tokens"]], f"{name} in the list")
    for answer in (one, every):
        answer.must(token[-SECRET:] not in answer.text, "no token in it", '"token"')


@book.promise(
    "Revoke a token",
    "RFC 6750, 3.1; RFC 9110, 9.3.5",
    "The row is gone: the next request with the token finds none.",
    "Unknown, revoked or expired: one answer, 401 with invalid_token.",
    after=("token_writes",),
)
def revoked_token(api):
    """A token that is revoked is 401 at once, for GET too; the others keep working."""
    (token, url), (other, _) = own_token(api), own_token(api)
    api.send("DELETE", url, headers=by_basic(api)).must_be(204, 200)
    must_be_unauthorized(new_film(api, bearer(token)))
    must_be_unauthorized(api.get(MOVIES, headers=bearer(token)))
    new_film(api, bearer(other)).must_be(201)
    api.get(url, headers=by_basic(api)).must_be_problem(404)


@book.promise(
    "Revoke a token",
    "RFC 9110, 15.5.5",
    "For Alice, Bob's tokens do not exist.",
    "Look for a token by its number and its user.",
    after=("revoked_token",),
)
def token_of_another(api):
    """Alice can neither see nor revoke Bob's token: 404, and it keeps working."""
    token, url = own_token(api, "member", scopes=["watchlists:write"])
    for method in ("GET", "DELETE"):
        api.send(method, url, headers=by_basic(api)).must_be_problem(404)
    path, body = list_to_make()
    api.send("PUT", path, who="nobody", headers=bearer(token), json=body).must_be(201)


@book.promise(
    "Revoke a token",
    "OWASP ASVS 5, 7.4",
    "DELETE of the list revokes all of the user's own tokens.",
    after=("revoked_token",),
)
def all_tokens_revoked(api):
    """DELETE /v1/tokens revokes all of Bob's tokens, and none of Alice's."""
    mine = [own_token(api, "member", scopes=["watchlists:write"])[0] for _ in range(2)]
    alices, _ = own_token(api)
    api.send("DELETE", TOKENS, headers=by_basic(api, "member")).must_be(204, 200)
    for token in mine:
        must_be_unauthorized(api.get(MOVIES, headers=bearer(token)))
    new_film(api, bearer(alices)).must_be(201)


@book.promise(
    "Your turn, 5b.1",
    "RFC 3339",
    "The list knows when a token expires.",
    "(known.expires - now()).days",
    tier=YOUR_TURN,
    after=("token_is_shown_once",),
)
def days_left(api):
    """In the list, each token has `days_left`: how many days it is still valid."""
    _, url = own_token(api, days=7)
    every = api.get(TOKENS, headers=by_basic(api)).must_be(200)
    found = [each for each in every.object["tokens"] if each["url"] in url]
    every.must(found and found[0].get("days_left") in (6, 7), '"days_left": 6 or 7', '"days_left"')


# -- for hostile clients -------------------------------------------------------------------------


@book.promise(
    "Try to break it",
    "RFC 6750, 2.3 and 5.3",
    "A token in a URL is in every log on the way.",
    tier=HARDENED,
    after=("token_writes",),
)
def own_token_elsewhere(api):
    """A token in the URL, in a cookie, or as a Basic password proves nothing: 401."""
    token, _ = own_token(api)
    url = f"{MOVIES}?{urlencode({'access_token': token})}"
    api.send("POST", url, who="nobody", json={}).must_be_problem(401)
    for cookie in ("access_token", "token", "session"):
        headers = {"Cookie": f"{cookie}={token}"}
        new_film(api, headers).must_be_problem(401)


@book.promise(
    "For hostile clients",
    "RFC 9110, 15.5.1",
    "What if `days` is 0, 366, or text?",
    tier=HARDENED,
    after=("makes_token",),
)
def token_rules(api):
    """A token without a name, with odd scopes, or for less than 1 or more than 365 days is 400."""
    for members, wrong in (
        ({"days": 0}, "days"),
        ({"days": 366}, "days"),
        ({"days": "7"}, "days"),
        ({"days": True}, "days"),
        ({"name": " "}, "name"),
        ({"name": None}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": "movies:write"}, "scopes"),
        ({"scopes": ["everything"]}, "scopes"),
        ({"scopes": [["movies:write"]]}, "scopes"),
    ):
        ask_for(api, **members).must_be_problem(*BAD).must_name(wrong)


@book.promise(
    "What a token is made of",
    "OWASP ASVS 5, 7.2",
    "A thief of the database gets no token: a hash is enough to find the row.",
    tier=HARDENED,
    control=True,
    after=("makes_token",),
)
def token_is_not_kept(api):
    """No file of the database holds the token, only a hash of it; no two tokens are alike."""
    tokens = [own_token(api)[0] for _ in range(3)]
    parts = {token[-SECRET : -SECRET // 2] for token in tokens}
    api.last.must(len(parts) == 3, "tokens that are random, and not only at their end")
    kept = api.control.kept()
    for token in tokens:
        secret = token[-SECRET:].encode()
        api.last.must(secret not in kept, "a database in which the token is not found")


@book.promise(
    "Revoke a token",
    "RFC 6750, 3.1",
    "Unknown, revoked or expired: nobody is told which.",
    tier=HARDENED,
    after=("revoked_token",),
)
def guessed_token(api):
    """A guessed token gets the answer of a revoked one; `bearer` may be in small letters."""
    token, url = own_token(api)
    new_film(api, {"Authorization": f"bearer {token}"}).must_be(201)
    api.send("DELETE", url, headers=by_basic(api)).must_be(204, 200)
    guessed = token[:-SECRET] + secrets.token_urlsafe(SECRET)[:SECRET]
    told = [words(new_film(api, bearer(each))) for each in (token, guessed)]
    api.last.must(told[0] == told[1], f"the answer of a revoked token: {told[0]}")


def words(answer):
    must_be_unauthorized(answer)
    return re.sub(r'"instance": ?"[^"]*"', "", answer.text)

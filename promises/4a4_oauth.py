"""4.a4 OAuth 2."""

import re
import secrets
import time
from urllib.parse import urlencode, urlsplit

from course.building.promise import HARDENED, YOUR_TURN, Book
from promises.films import MOVIES
from promises.oauth import (
    CALLBACK,
    FORM,
    PROVIDER,
    as_robot,
    authorize_url,
    code_of_bob,
    give_token,
    refresh,
    tokens_of_bob,
    trade,
)
from promises.users import (
    METADATA,
    bearer,
    challenges,
    list_to_make,
    must_be_unauthorized,
    must_lack_scope,
    new_film,
    oauth_token,
)

book = Book("4a4")


@book.beforehand
def begin(control):
    """Begin to start the provider, which `robot_asks_for_more` asks."""
    control.begin_companion(PROVIDER)


@book.promise(
    "Where tokens come from",
    "RFC 9728, 2",
    "A client that knows only your API asks it who issues tokens for it.",
    'One route without a version: return {"resource": …, "authorization_servers": […]}',
)
def tells_the_issuer(api):
    """GET /.well-known/oauth-protected-resource says who issues tokens, and for which resource."""
    answer = api.get(METADATA).must_be(200)
    told = answer.object
    answer.must(isinstance(told.get("resource"), str), 'a "resource"', '"resource"')
    servers = told.get("authorization_servers")
    right = isinstance(servers, list) and servers
    if api.control:
        right = right and api.control.issuer.url in [str(each).rstrip("/") for each in servers]
    answer.must(right, '"authorization_servers": [AUTHORIZATION_SERVER_URL]', '"authorization')


@book.promise(
    "Where tokens come from",
    "RFC 6750, 3; RFC 9728, 5.1",
    "A 401 names each scheme that would be accepted: Basic, and now Bearer.",
    'WWW-Authenticate: Bearer realm="cinema", resource_metadata="<absolute URL>"',
)
def names_bearer(api):
    """A 401 names Bearer too, and its `resource_metadata` leads to that page. It has no error."""
    answer = new_film(api, {}).must_be_problem(401)
    told = challenges(answer)
    found = re.search(r'(?i)bearer\b.*resource_metadata="?([^",\s]+)', told)
    promised = 'WWW-Authenticate: Bearer …, resource_metadata="…"'
    answer.must(found and "error=" not in told, promised, "(?i)^www-authenticate: bearer")
    api.get(answer.leads_to(found[1])).must_be(200)


@book.promise(
    "A token says who, and for what",
    "RFC 6750, 2.1; RFC 9068, 2.2",
    "A Bearer token is one more mechanism: `sub` says who, `scope` says what they allow.",
    "Get the keys of AUTHORIZATION_SERVER_URL by its jwks_uri, once, and check the signature.",
    "jwt.decode(text, issuer_keys().find, algorithms=['ES256'])",
    control=True,
)
def token_of_bob(api):
    """A program with a token of Bob's, for watchlists:write, creates a watchlist in his name."""
    token = oauth_token(api, sub="bob", scope="watchlists:read watchlists:write")
    url, body = list_to_make()
    api.send("PUT", url, who="nobody", headers=bearer(token), json=body).must_be(201)
    api.get(url).must_be(200).must_have_members(body)


@book.promise(
    "A token says who, and for what",
    "RFC 6749, 4.4; RFC 9068, 2.2",
    "A program that acts for itself is its own subject: sub is its client_id.",
    control=True,
    after=("token_of_bob",),
)
def token_of_a_robot(api):
    """A program that acts for itself, with movies:write, creates a movie; it has no watchlists."""
    robot = {"sub": "cinema-robot", "client_id": "cinema-robot"}
    new_film(api, bearer(oauth_token(api, scope="movies:write", **robot))).must_be(201)
    url, body = list_to_make()
    headers = bearer(oauth_token(api, scope="movies:write watchlists:write", **robot))
    api.send("PUT", url, who="nobody", headers=headers, json=body).must_be_problem(403)


@book.promise(
    "A scope narrows",
    "RFC 6750, 3.1",
    "What may be done is what the scope and the user have in common.",
    "403, and WWW-Authenticate tells which scope is missing: insufficient_scope.",
    "scope & PERMISSIONS[user.role]",
    control=True,
    after=("token_of_bob",),
)
def scope_narrows(api):
    """Alice's token for watchlists cannot write a movie: 403, insufficient_scope, movies:write."""
    token = oauth_token(api, scope="watchlists:write")
    must_lack_scope(new_film(api, bearer(token)), "movies:write")
    new_film(api, bearer(oauth_token(api, scope="movies:write"))).must_be(201)


@book.promise(
    "A scope narrows",
    "RFC 6749, 3.3",
    "Bob may not write movies: nor may a program that acts for him.",
    control=True,
    after=("token_of_bob",),
)
def scope_widens_nothing(api):
    """Bob's token with the scope movies:write cannot write a movie: 403."""
    new_film(api, bearer(oauth_token(api, sub="bob"))).must_be_problem(403)


@book.promise(
    "Every line was once left out",
    "RFC 9068, 4; RFC 6750, 3.1",
    "Whom is a token for? Its `aud` says so.",
    'aud={"essential": True, "value": AUDIENCE}; 401 with error="invalid_token"',
    control=True,
    after=("token_of_bob",),
)
def token_for_another(api):
    """A genuine token that Bob gave to another API is 401: invalid_token."""
    for audience in ("urn:another:api", None, []):
        answer = new_film(api, bearer(oauth_token(api, aud=audience)))
        must_be_unauthorized(answer)


@book.promise(
    "Every line was once left out",
    "RFC 9068, 4",
    "Until when is a token valid?",
    "A token without exp would be valid for ever: exp must be there.",
    control=True,
    after=("token_of_bob",),
)
def token_that_expired(api):
    """A token that has expired, or never would, is 401: invalid_token."""
    for end in (int(time.time()) - 3600, None):
        must_be_unauthorized(new_film(api, bearer(oauth_token(api, exp=end))))


@book.promise(
    "Every line was once left out",
    "RFC 8725, 3.1",
    "The token must not choose how it is checked.",
    'algorithms=["ES256"], named by you.',
    control=True,
    after=("token_of_bob",),
)
def token_that_nobody_signed(api):
    """A token with `alg` none, or that somebody else has signed, is 401."""
    unsigned = oauth_token(api, header={"alg": "none"}, sign=lambda _: b"")
    good = oauth_token(api)
    other = f"{good.rpartition('.')[0]}.{oauth_token(api).rpartition('.')[2]}"
    for token in (unsigned, other):
        must_be_unauthorized(new_film(api, bearer(token)))


@book.promise(
    "Every line was once left out",
    "RFC 6750, 3.1",
    "A wrong token is refused on every route, even where nobody needs one.",
    control=True,
    after=("token_of_bob",),
)
def wrong_token_on_get(api):
    """A bad token is 401 for GET too, with invalid_token; a good one is 200."""
    must_be_unauthorized(api.get(MOVIES, headers=bearer("cinema.is.fun")))
    api.get(MOVIES, headers=bearer(oauth_token(api))).must_be(200)


# -- for hostile clients -------------------------------------------------------------------------


@book.promise(
    "For hostile clients",
    "RFC 8725, 3.1 and 2.1",
    "The public key is public: an HMAC with it proves nothing.",
    tier=HARDENED,
    control=True,
    after=("token_that_nobody_signed",),
)
def key_confusion(api):
    """A token signed by HS256 with the issuer's public key as the secret is 401."""
    sign = api.control.issuer.hs256
    token = oauth_token(api, header={"alg": "HS256"}, sign=sign)
    must_be_unauthorized(new_film(api, bearer(token)))


@book.promise(
    "For hostile clients",
    "RFC 9068, 4",
    "Which claims must be there, and what must they be?",
    tier=HARDENED,
    control=True,
    after=("token_for_another",),
)
def incomplete_token(api):
    """A token of another issuer or type, without a claim, or of a user who is gone, is 401."""
    for changes in (
        {"iss": "http://127.0.0.1:1"},
        {"iss": None},
        {"sub": None},
        {"scope": None},
        {"scope": 5},
        {"client_id": None},
        {"sub": "nobody-of-this-name"},
        {"header": {"typ": "JWT"}},
    ):
        must_be_unauthorized(new_film(api, bearer(oauth_token(api, **changes))))


@book.promise(
    "For hostile clients",
    "RFC 6750, 2.3",
    "URLs are kept in logs: no token is looked for there.",
    tier=HARDENED,
    control=True,
    after=("token_of_bob",),
)
def token_in_url(api):
    """A good token in the URL, or in a form, proves nothing: 401."""
    token = oauth_token(api)
    url, body = list_to_make()
    answer = api.send("PUT", f"{url}?access_token={token}", who="nobody", json=body)
    answer.must_be_problem(401)
    form = urlencode({"access_token": token}).encode()
    api.send("POST", MOVIES, who="nobody", headers=FORM, body=form).must_be(401)


@book.promise(
    "For hostile clients",
    "RFC 6750, 3.1",
    "What if it is not a token at all?",
    tier=HARDENED,
    control=True,
    after=("wrong_token_on_get",),
)
def odd_token(api):
    """What is not a token at all is 401, and never 500; `bearer` in small letters is Bearer."""
    good = oauth_token(api)
    for text in ("", "a.b", "....", "e30.e30.", good[:-20], f"{good}.{good}", good[1:], "é"):
        headers = {"Authorization": f"Bearer {text}".encode().decode("latin-1")}
        api.get(MOVIES, headers=headers).must_be_problem(401)
    for header in ({"kid": "of nobody"}, {"kid": 5}, {"kid": None}, {"crit": 5}, {"typ": 5}):
        token = oauth_token(api, header=header)
        api.get(MOVIES, headers=bearer(token)).must_be_problem(401)
    new_film(api, {"Authorization": f"bearer {good}"}).must_be(201)


# -- the authorization server, which is given ----------------------------------------------------


@book.promise(
    "Your turn, 4a4.1",
    "RFC 6749, 4.4 and 5.2",
    "What may a client ask for? The command `seed` has registered it.",
    tier=YOUR_TURN,
    control=True,
    starts=1,
    after=("token_of_a_robot",),
)
def robot_asks_for_more(api):
    """The robot gets a token for movies:write, and none for watchlists:write: invalid_scope."""
    form = {"grant_type": "client_credentials"}
    answer = give_token(api, form, **as_robot(api)).must_be(200)
    answer.must_have_members({"scope": "movies:write"})
    answer = give_token(api, form | {"scope": "watchlists:write"}, **as_robot(api)).must_be(400)
    answer.must_have_members({"error": "invalid_scope"})


@book.promise(
    "Bob lets a program in",
    "RFC 6749, 4.1; RFC 7636",
    "The authorization server is given: does it start, and use your users and passwords?",
    tier=HARDENED,
    control=True,
    after=("token_of_bob",),
)
def whole_dance(api):
    """Bob logs in, allows watchlists:write, and the program trades the code for tokens, once."""
    verifier = secrets.token_urlsafe(48)
    code = code_of_bob(api, verifier)
    wrong = trade(api, code, secrets.token_urlsafe(48)).must_be(400)
    wrong.must_have_members({"error": "invalid_grant"})
    code = code_of_bob(api, verifier)
    answer = trade(api, code, verifier).must_be(200)
    answer.must_have("Cache-Control", "no-store")
    refresh_token = answer.object.get("refresh_token")
    answer.must(answer.object.get("access_token") and refresh_token, "two tokens")
    trade(api, code, verifier).must_be(400).must_have_members({"error": "invalid_grant"})


@book.promise(
    "Bob lets a program in",
    "RFC 9700, 2.1 and 2.1.1",
    "Exact addresses, and no request without a code_challenge.",
    tier=HARDENED,
    control=True,
    after=("whole_dance",),
)
def careful_provider(api):
    """No code without a code_challenge, and none for an address that is not registered."""
    for changes in (
        {"code_challenge": None},
        {"redirect_uri": f"{CALLBACK}/evil"},
        {"redirect_uri": "https://evil.example/"},
    ):
        answer = api.get(authorize_url(api, "v" * 50, **changes))
        leads = answer.headers.get("Location", "")
        answer.must(answer.status in (302, 303, 400), "a refusal: 400, or an error to the client")
        answer.must("evil" not in urlsplit(leads).netloc + urlsplit(leads).path, "no way to evil")
        answer.must("error" in leads or answer.status == 400, "an error", "(?i)^location:")


@book.promise(
    "Tokens end",
    "RFC 9700, 4.14.2",
    "A refresh token is valid once. A client that sends an old one has a copy.",
    tier=HARDENED,
    control=True,
    after=("whole_dance",),
)
def refreshed_once(api):
    """A refresh token gets new tokens once: if it is used again, it ends them all."""
    first = tokens_of_bob(api)["refresh_token"]
    second = refresh(api, first).must_be(200).object["refresh_token"]
    for token in (first, second):
        refresh(api, token).must_be(400).must_have_members({"error": "invalid_grant"})

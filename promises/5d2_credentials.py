"""5.d2 A database of their own, and a service."""

from course.building.promise import HARDENED, YOUR_TURN, Book, needs
from promises.films import MOVIES, film
from promises.oauth import PROVIDER, refresh, tokens_of_bob
from promises.users import (
    bearer,
    by_basic,
    credentials,
    new_film,
    new_password,
    own_token,
    passphrase,
    session,
    signing_key,
    who_is,
)

book = Book("5d2")
SERVICE = "auth_service"
ASKING = "an API that asks the service"
MAIN = "cinema.db*"
HASHES = b"$argon2", b"scrypt:", b"pbkdf2:", b"$2b$"
NOT_NOW = 503


def holds_hash(kept):
    return any(mark in kept for mark in HASHES)


@book.beforehand
def begin(control):
    """Begin to start the service, an API that asks it, and who grants what `grants_end` ends."""
    if control.begin_companion(SERVICE):
        control.begin_another(ASKING, AUTH_SERVICE_URL=control.url_of(SERVICE))
    control.begin_companion(PROVIDER)


@needs("api_asks_service")
def with_service(api):
    """Start the service, and beside it an API that asks it; return an Api for that."""
    url = api.control.companion(SERVICE)
    other = api.control.another(ASKING, AUTH_SERVICE_URL=url)
    other.scheme = api.scheme
    return other


@needs("service_verifies")
def verify(api, name, password, **headers):
    """Ask the service whether this is somebody's password."""
    url = f"{api.control.companion(SERVICE)}/verifications"
    body = {"name": name, "password": password}
    return api.send("POST", url, who="nobody", headers=headers, json=body)


def shared_secret(api):
    return {"Authorization": f"Bearer {api.control.service_secret}"}


@book.promise(
    "A database of their own",
    "OWASP ASVS 5, 6.1 and 11.4",
    "Why should a thief find the hashes where the movies are?",
    "A model may live in another database: __bind_key__.",
    "CREDENTIALS_DATABASE_URL says where; the main one is DATABASE_URL.",
    control=True,
    after=("argon2id",),
)
def hashes_live_apart(api):
    """The main database holds no password hash; the database of the credentials does."""
    api.get(MOVIES, headers=by_basic(api)).must_be(200)
    main = api.control.kept(MAIN)
    api.last.must(main, "a main database at DATABASE_URL")
    api.last.must(not holds_hash(main), "no hash of a password in the main database")


@book.promise(
    "A database of their own",
    "OWASP ASVS 5, 11.4",
    "A key to sign with proves who a user is, as a password does.",
    control=True,
    after=("signed_request", "hashes_live_apart"),
)
def keys_live_apart(api):
    """The main database holds no signing key."""
    _, secret = signing_key(api)
    api.last.must(secret not in api.control.kept(MAIN), "no signing key in the main database")


@book.promise(
    "A service of their own",
    "OWASP ASVS 5, 13.2",
    "With AUTH_SERVICE_URL set, the API opens no second database: it asks.",
    "credentials.verify is one function: it asks the database, or the service.",
    "auth_client if current_app.config['AUTH_SERVICE_URL'] else stored",
    control=True,
    starts=2,
)
def api_asks_service(api):
    """With AUTH_SERVICE_URL, the API has no hash at all: the service checks the password."""
    url = api.control.companion(SERVICE)
    other = api.control.another(ASKING, AUTH_SERVICE_URL=url)
    other.send("POST", MOVIES, headers=by_basic(other), json=film()).must_be(201)
    wrong = by_basic(other, "member") | {"Authorization": "Basic Ym9iOndyb25n"}
    other.get(MOVIES, headers=wrong).must_be_problem(401)
    other.last.must(not holds_hash(other.control.kept()), "no hash in a database of the API")
    other.last.must(holds_hash(api.control.kept("auth_service.db*")), "the hashes at the service")


@book.promise(
    "A service of their own",
    "RFC 9110, 9.3.3",
    "POST, because URLs are kept in logs.",
    'POST /verifications {"name": …, "password": …} answers {"right": true}',
    control=True,
    after=("api_asks_service",),
)
def service_verifies(api):
    """A client with the shared secret asks /verifications whether a password is right."""
    with_service(api)
    name, password = credentials(api, "editor")
    url = f"{api.control.companion(SERVICE)}/verifications"
    for sent, right in ((password, True), (f"{password}x", False)):
        body = {"name": name, "password": sent}
        answer = api.send("POST", url, who="nobody", headers=shared_secret(api), json=body)
        answer.must_be(200).must_have_members({"right": right})


@book.promise(
    "A service of their own",
    "RFC 6750, 3",
    "Anyone who gets into the machine finds a private port.",
    "hmac.compare_digest(sent, known), before each request.",
    control=True,
    after=("service_verifies",),
)
def service_refuses_strangers(api):
    """Without the secret, or with another, the service reveals nothing: 401."""
    name, password = credentials(api, "editor")
    for headers in ({}, {"Authorization": "Bearer guessed"}, by_basic(api)):
        answer = verify(api, name, password, **headers).must_be_problem(401)
        answer.must_have("WWW-Authenticate")
        answer.must("right" not in answer.object, "no word of what is right")


@book.promise(
    "A service of their own",
    "RFC 9110, 15.6.4",
    '"No answer" is not the same as "wrong": what is the client told?',
    "503 with Retry-After. Tokens and sessions need no password.",
    "except requests.RequestException: raise not_available()",
    control=True,
    starts=1,
    after=("api_asks_service",),
)
def service_is_down(api):
    """While the service is down, passwords are 503, `Retry-After`; tokens and sessions work."""
    other = with_service(api)
    token, _ = own_token(other)
    found = session(other)
    api.control.stop_companion(SERVICE)
    answer = other.get(MOVIES, headers=by_basic(other)).must_be_problem(NOT_NOW)
    answer.must_have("Retry-After", r"\d|GMT", "a header Retry-After: 60")
    new_film(other, bearer(token)).must_be(201)
    who_is(other, found.reads).must_be(200)
    with_service(api).get(MOVIES, headers=by_basic(other)).must_be(200)


@book.promise(
    "Your turn, 5d2.2",
    "RFC 9700, 4.14.2",
    "A consent belongs to the password by which Bob had logged in.",
    "Keep the user's stamp with the consent, and compare: invalid_grant.",
    tier=YOUR_TURN,
    control=True,
    starts=1,
    after=("changes_password", "whole_dance"),
)
def grants_end(api):
    """A new password ends what Bob has allowed by OAuth: the refresh token is invalid_grant."""
    token = tokens_of_bob(api)["refresh_token"]
    with new_password(api, passphrase()):
        refresh(api, token).must_be(400).must_have_members({"error": "invalid_grant"})


# -- for hostile clients -------------------------------------------------------------------------


@book.promise(
    "A database of their own",
    "OWASP ASVS 5, 7.4",
    "If a process remembers a user, it may not notice a change in another process.",
    tier=HARDENED,
    control=True,
    after=("changes_password",),
)
def in_each_process(api):
    """A new password counts in another process of the API at once, for passwords and sessions."""
    own = api.control.own
    urls = {
        "DATABASE_URL": f"sqlite:///{(own / 'cinema.db').as_posix()}",
        "CREDENTIALS_DATABASE_URL": f"sqlite:///{(own / 'credentials.db').as_posix()}",
    }
    other = api.control.another("in another process", **urls)
    other.scheme = api.scheme
    found = session(other)
    other.get(MOVIES, headers=by_basic(other, "member")).must_be(200)
    with new_password(api, passphrase()) as old:
        other.get(MOVIES, headers=old).must_be_problem(401)
        who_is(other, found.reads).must_be_problem(404, 401)
        other.get(MOVIES, headers=by_basic(api, "member")).must_be(200)


@book.promise(
    "A service of their own",
    "RFC 9110, 15.5.1",
    "The service, too, reads JSON that somebody else has written.",
    tier=HARDENED,
    control=True,
    after=("service_verifies",),
)
def service_reads_odd_bodies(api):
    """The service refuses a malformed question with 4xx, and never with 500 or `right`."""
    url = f"{api.control.companion(SERVICE)}/verifications"
    headers = shared_secret(api) | {"Content-Type": "application/json"}
    for body in (b"", b"{", b"[]", b'{"name": 1, "password": []}', b'{"name": "alice"}', b"\xff"):
        answer = api.send("POST", url, who="nobody", headers=headers, body=body)
        answer.must(400 <= answer.status < 500, "a refusal: 4xx", r"^HTTP/1\.1 ")


@book.promise(
    "A service of their own",
    "RFC 6750, 2.3",
    "A secret in a URL ends up in a log.",
    tier=HARDENED,
    control=True,
    after=("service_refuses_strangers",),
)
def service_and_its_log(api):
    """A secret in the URL does not count: 401; neither API nor service prints it or a password."""
    name, password = credentials(api, "editor")
    other = with_service(api)
    other.get(MOVIES, headers=by_basic(other)).must_be(200)
    url = f"{api.control.companion(SERVICE)}/verifications"
    secret = api.control.service_secret
    body = {"name": name, "password": password}
    printed = api.control.printed() + other.control.printed()
    for word in (password, secret):
        api.last.must(word.encode() not in printed, "no secret in what is printed")
    api.send("POST", f"{url}?secret={secret}", who="nobody", json=body).must_be_problem(401)

"""4.a3 Signed requests."""

import base64
import secrets
import time

from course.building.promise import HARDENED, YOUR_TURN, Book
from promises.films import MOVIES, create, film, is_free, known
from promises.users import COVERED, KEY, by_basic, send_signed, signed, signing_key

book = Book("4a3")
LONG = 400  # seconds: more than five minutes


@book.promise(
    "A key of your own",
    "RFC 2104, 3",
    "A key is random, at least as long as the hash, and shown only once: when it is made.",
    "secrets.token_bytes(32), in Base64, because JSON needs text.",
)
def gets_key(api):
    """POST /v1/signing-key gives the user a key: its `keyid`, and 32 random bytes in Base64."""
    api.send("POST", KEY, who="nobody").must_be_problem(401)
    answer = api.send("POST", KEY, who="nobody", headers=by_basic(api)).must_be(201, 200)
    keyid, key = answer.object.get("keyid"), answer.object.get("key")
    answer.must(isinstance(keyid, str) and keyid, 'a "keyid"')
    try:
        length = len(base64.b64decode(str(key), validate=True))
    except ValueError:
        length = 0
    answer.must(length >= 32, 'a "key" of 32 bytes or more, in Base64')


@book.promise(
    "The whole check",
    "RFC 9421, 2.5 and 3.2; RFC 9530, 2",
    "Build the same lines from what you have received, and compare the HMAC over them.",
    "One line for each component, then the line @signature-params with all parameters.",
    'hmac.compare_digest(hmac.digest(key, base, "sha256"), signature.value)',
)
def signed_request(api):
    """A signed POST creates a movie: 201, without a secret in it. Signed by Bob, it is 403."""
    key = signing_key(api)
    body = film()
    send_signed(api, signed(api, key, "POST", MOVIES, body), "POST", MOVIES, body).must_be(201)
    key = signing_key(api, "member")
    body = film()
    fields = signed(api, key, "POST", MOVIES, body)
    send_signed(api, fields, "POST", MOVIES, body).must_be_problem(403)


@book.promise(
    "The whole check",
    "RFC 9530, 2",
    "The signature covers Content-Digest. And what makes sure that this matches the body?",
    "Hash the body that came, and compare.",
    after=("signed_request",),
)
def altered_body(api):
    """A body that was changed on the way is 401, and nothing is created."""
    key = signing_key(api)
    body, other = film(), film(title="Altered")
    answer = send_signed(api, signed(api, key, "POST", MOVIES, body), "POST", MOVIES, other)
    answer.must_be_problem(401)
    answer.must(is_free(api, other["imdb_id"]), "nothing created by a request that was altered")


@book.promise(
    "The whole check",
    "RFC 9421, 2.2",
    "The method, the host, the path and the query are signed as well.",
    "@method, @authority, @path and @query are components that you compute from the request.",
    after=("signed_request",),
)
def altered_target(api):
    """A signature for another method, path or query is 401, and nothing happens."""
    key = signing_key(api)
    (_, url), (_, other) = create(api), create(api)
    path, other_path = url.removeprefix(api.url), other.removeprefix(api.url)
    for method, target in (("GET", path), ("DELETE", f"{other_path}"), ("DELETE", f"{path}?x=1")):
        fields = signed(api, key, method, target)
        send_signed(api, fields, "DELETE", path).must_be_problem(401)
        known(api, url)
    send_signed(api, signed(api, key, "DELETE", path), "DELETE", path).must_be(204, 200)


@book.promise(
    "Once, and soon",
    "RFC 9421, 7.2.2",
    "Somebody has copied the request, and sends it again: how do you know?",
    "Keep each nonce for as long as its signature is valid: then a second use is noticed.",
    "A primary key of keyid and nonce; IntegrityError is the second time.",
    after=("signed_request",),
)
def sent_again(api):
    """The same signed request, sent a second time, is 401: it is done only once."""
    key = signing_key(api)
    _, url = create(api)
    path = url.removeprefix(api.url)
    body = film(imdb_id=None)
    fields = signed(api, key, "PUT", path, body)
    send_signed(api, fields, "PUT", path, body).must_be(200, 204)
    api.send("PATCH", url, json={"title": "Since then"}).must_be(200, 204)
    send_signed(api, fields, "PUT", path, body).must_be_problem(401)
    api.get(url).must_be(200).must_have_members({"title": "Since then"})


@book.promise(
    "Once, and soon",
    "RFC 9421, 2.3",
    "Compare `created` with your clock.",
    "Five minutes are enough; a client's clock may be half a minute ahead of yours.",
    after=("signed_request",),
)
def old_signature(api):
    """A signature older than five minutes, or of the future, is 401, also for a GET of /."""
    key = signing_key(api)
    for created in (int(time.time()) - LONG, int(time.time()) + LONG):
        for method, target, body in (("POST", MOVIES, film()), ("GET", "/", None)):
            fields = signed(api, key, method, target, body, created=created)
            send_signed(api, fields, method, target, body).must_be_problem(401)


@book.promise(
    "A key of your own",
    "RFC 9110, 9.3.1",
    "GET shows everything about the key, except the key itself.",
    after=("gets_key",),
)
def key_is_shown_once(api):
    """GET /v1/signing-key says that there is a key, and does not show it again."""
    _, secret = signing_key(api)
    answer = api.get(KEY, headers=by_basic(api)).must_be(200)
    shown = base64.b64encode(secret).decode()
    answer.must("key" not in answer.object and shown not in answer.text, "no key in it", '"key"')


@book.promise(
    "A key of your own",
    "RFC 2104, 3",
    "A user has one key; the next one replaces it.",
    after=("signed_request",),
)
def next_key(api):
    """A new key replaces the one before: what the old one signs is 401 from then on."""
    old, new = signing_key(api), signing_key(api)
    for key, status in ((old, 401), (new, 201)):
        body = film()
        fields = signed(api, key, "POST", MOVIES, body)
        send_signed(api, fields, "POST", MOVIES, body).must_be(status)


@book.promise(
    "Your turn, 4a3.1",
    "RFC 9421, 7.2.2",
    "Two different requests, both correctly signed, with one nonce: the second is refused.",
    tier=YOUR_TURN,
    after=("signed_request",),
)
def nonce_again(api):
    """A new signature with the nonce of another request is 401."""
    key = signing_key(api)
    nonce, now = secrets.token_hex(8), int(time.time())
    for status, created in ((201, now - 2), (401, now)):
        body = film()
        fields = signed(api, key, "POST", MOVIES, body, nonce=nonce, created=created)
        send_signed(api, fields, "POST", MOVIES, body).must_be(status)


@book.promise(
    "Your turn, 4a3.2",
    "RFC 9421, 7.2.1",
    "What must be signed if it is sent is a list in http/signatures/message.py.",
    'COVERED_IF_SENT = (…, "prefer")',
    tier=YOUR_TURN,
    after=("signed_request",),
)
def prefer_is_signed(api):
    """A `Prefer` that the signature does not cover is 401."""
    key = signing_key(api)
    body = film()
    fields = signed(api, key, "POST", MOVIES, body) | {"Prefer": "return=minimal"}
    send_signed(api, fields, "POST", MOVIES, body).must_be_problem(401)


@book.promise(
    "For hostile clients",
    "RFC 9421, 7.2.1",
    "A signature over too little is genuine, and worth nothing.",
    "Refuse one that leaves out @method, @path, @query, @authority, or the digest of a body.",
    tier=HARDENED,
    after=("signed_request",),
)
def covers_too_little(api):
    """A genuine signature that leaves out the method, the target or the body's digest is 401."""
    key = signing_key(api)
    for left_out in COVERED:
        body = film()
        covered = [name for name in COVERED if name != left_out]
        fields = signed(api, key, "POST", MOVIES, body, covered=covered)
        answer = send_signed(api, fields, "POST", MOVIES, body).must_be_problem(401)
        answer.must(is_free(api, body["imdb_id"]), "nothing created")


@book.promise(
    "For hostile clients",
    "RFC 9421, 3.2",
    "What if it is half a signature, is not Base64, or has text for `created`?",
    tier=HARDENED,
    after=("altered_body",),
)
def malformed_signature(api):
    """Half a signature, or one that cannot be read, is 401 and never 500."""
    key = signing_key(api)
    good = signed(api, key, "GET", MOVIES)
    only_input = {"Signature-Input": good["Signature-Input"]}
    for fields in (
        only_input,
        {"Signature": good["Signature"]},
        good | {"Signature": "sig=:!:"},
        good | {"Signature": "sig"},
        good | {"Signature-Input": "sig=("},
        signed(api, key, "GET", MOVIES, created="now"),
        signed(api, key, "GET", MOVIES, keyid="nobody-of-this-name"),
        signed(api, key, "GET", MOVIES, nonce=""),
    ):
        send_signed(api, fields, "GET", MOVIES).must_be_problem(401)


@book.promise(
    "For hostile clients",
    "RFC 9421, 7.2.2",
    "Check the HMAC first, and then note the nonce.",
    tier=HARDENED,
    after=("sent_again",),
)
def forged_request_uses_no_nonce(api):
    """A forged request does not use up a nonce: the genuine request still works."""
    keyid, secret = key = signing_key(api)
    body, nonce = film(), secrets.token_hex(8)
    other = keyid, bytes(len(secret))
    fields = signed(api, other, "POST", MOVIES, body, nonce=nonce)
    send_signed(api, fields, "POST", MOVIES, body).must_be_problem(401)
    fields = signed(api, key, "POST", MOVIES, body, nonce=nonce)
    send_signed(api, fields, "POST", MOVIES, body).must_be(201)


@book.promise(
    "What is to be signed",
    "RFC 9421, 5.1",
    "A 401 says in Accept-Signature what a signature must cover.",
    tier=HARDENED,
)
def says_what_to_sign(api):
    """A 401 says in `Accept-Signature` what to cover, and asks for `created` and a `nonce`."""
    answer = api.send("POST", MOVIES, who="nobody", json=film()).must_be_problem(401)
    wish = answer.must_have("Accept-Signature")
    other = api.send("POST", MOVIES, who="nobody", json=film()).must_be_problem(401)
    anew = other.must_have("Accept-Signature") != wish
    other.must(anew, "another nonce for each request", "(?i)^accept-signature:")
    for part in ('"@method"', '"@path"', '"content-digest"', "created", "nonce"):
        answer.must(part in wish, f"{part} in Accept-Signature", "(?i)^accept-signature:")

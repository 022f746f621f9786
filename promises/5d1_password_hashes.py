"""5.d1 Password hashes."""

import hashlib
import re
import unicodedata

from course.building.promise import HARDENED, Book
from promises.films import BAD, MOVIES
from promises.users import (
    ask_for_password,
    bearer,
    by_basic,
    credentials,
    list_to_make,
    must_be_unauthorized,
    must_refuse_password,
    new_password,
    own_token,
    passphrase,
    send_signed,
    session,
    signed,
    signing_key,
    who_is,
)

book = Book("5d1")
ARGON2ID = re.compile(rb"\$argon2id\$v=\d+\$[mtp=,\d]+\$([\w+/]+)\$([\w+/]{16})")


@book.promise(
    "What a thief makes of it",
    "RFC 9106, 4; OWASP, Password Storage Cheat Sheet",
    "A slow hash with a salt: different for each user, even if the passwords are the same.",
    "argon2id needs much memory as well; a library computes it.",
    "argon2.PasswordHasher().hash(password)",
    control=True,
)
def argon2id(api):
    """Passwords are stored as argon2id hashes, each with its own salt, and nowhere as text."""
    answer = api.get(MOVIES, headers=by_basic(api)).must_be(200)
    kept = api.control.kept()
    found = set(ARGON2ID.findall(kept))  # pairs: a salt, and how the hash begins
    answer.must(found, "hashes that begin with $argon2id$")
    salts = {salt for salt, _ in found}
    answer.must(len(salts) == len(found) >= 2, "another salt for each user")
    password = credentials(api, "editor")[1].encode()
    quick = [getattr(hashlib, name)(password) for name in ("md5", "sha1", "sha256", "sha512")]
    for kind in (password, *(each.hexdigest().encode() for each in quick)):
        answer.must(kind not in kept, "no password in the database, and no fast hash of it")


@book.promise(
    "What may be a password",
    "NIST SP 800-63B, 3.1.1",
    "PUT /v1/password with the current password and the new one.",
    "No rule of composition: small letters and spaces will do, if it is long enough.",
    "credentials.set_password(name, new) after check_password(name, current)",
)
def changes_password(api):
    """Bob changes his password to one of small letters: it works at once, the old one is 401."""
    old, new = by_basic(api, "member"), passphrase()
    answer = ask_for_password(api, new).must_be(200, 204)
    before = api.credentials
    api.credentials = before | {"member": (before["member"][0], new)}
    try:
        api.get(MOVIES, headers=by_basic(api, "member")).must_be(200)
        api.get(MOVIES, headers=old).must_be_problem(401)
        answer = ask_for_password(api, before["member"][1]).must_be(200, 204)
        answer.must_have("Cache-Control", "no-store")
    finally:
        api.credentials = before
    api.get(MOVIES, headers=old).must_be(200)


@book.promise(
    "What may be a password",
    "OWASP, Authentication Cheat Sheet",
    "Somebody may have left a browser open: ask for the password again.",
    'errors: {"current": "is not your password"}',
    after=("changes_password",),
)
def wrong_current(api):
    """With a wrong current password, or none, nothing changes: 400, 401 or 403."""
    for current in ("not the current one", ""):
        must_refuse_password(api, passphrase(), *BAD, 401, 403, current=current)
    api.get(MOVIES, headers=by_basic(api, "member")).must_be(200)


@book.promise(
    "What may be a password",
    "NIST SP 800-63B, 3.1.1.2",
    "A slow hash buys time, and no more: the first guesses are always the same.",
    "At least 8 characters, and none of the 10,000 most commonly guessed.",
    "password.casefold() in common_passwords()",
    after=("changes_password",),
)
def weak_password(api):
    """A password of fewer than 8 characters, or a commonly guessed one, is 400: `new`."""
    for weak in ("sled!", "7chars!", "casablanca", "CasaBlanca", "password"):
        must_refuse_password(api, weak, *BAD).must_name("new")
    api.get(MOVIES, headers=by_basic(api, "member")).must_be(200)


@book.promise(
    "Try to break it",
    "NIST SP 800-63B, 3.1.1.2; OWASP, Password Storage Cheat Sheet",
    "Some schemes read 72 bytes and ignore the rest.",
    "Nothing is cut or trimmed: hash all of it.",
    after=("changes_password",),
)
def whole_password(api):
    """A long password counts as a whole, with its spaces: without its last letter it is 401."""
    start = passphrase()
    new = f"{start:·<100} "
    with new_password(api, new):
        api.get(MOVIES, headers=by_basic(api, "member")).must_be(200)
        name = api.credentials["member"][0]
        for other in (new[:-1], new[:72]):
            headers = by_basic(as_if(api, name, other), "member")
            api.get(MOVIES, headers=headers).must_be_problem(401)


class as_if:  # noqa: N801 (reads as a word)
    """An Api as far as `by_basic` looks at it: with other credentials of Bob's."""

    def __init__(self, api, name, password):
        self.credentials = api.credentials | {"member": (name, password)}


@book.promise(
    "What may be a password",
    "OWASP, Session Management Cheat Sheet",
    "Everyone who had the old password must be logged out.",
    "Delete all sessions of the user, except the one that asks.",
    after=("changes_password",),
)
def ends_sessions(api):
    """A new password ends all sessions of the user, except the one that asked for it."""
    own, other = session(api), session(api)
    with new_password(api, passphrase(), headers=own.writes):
        who_is(api, own.reads).must_be(200)
        who_is(api, other.reads).must_be_problem(404, 401)
        url, body = list_to_make()
        api.send("PUT", url, who="nobody", headers=other.writes, json=body).must_be_problem(401)


@book.promise(
    "What may be a password",
    "OWASP ASVS 5, 7.4",
    "Also what the old password has made: tokens, and the key to sign with.",
    after=("changes_password", "token_writes", "signed_request"),
)
def ends_tokens(api):
    """A new password ends the user's tokens and the signing key, and nobody else's."""
    token, _ = own_token(api, "member", scopes=["watchlists:write"])
    alices, _ = own_token(api)
    key = signing_key(api, "member")
    with new_password(api, passphrase()):
        must_be_unauthorized(api.get(MOVIES, headers=bearer(token)))
        fields = signed(api, key, "GET", MOVIES)
        send_signed(api, fields, "GET", MOVIES).must_be_problem(401)
        api.get(MOVIES, headers=bearer(alices)).must_be(200)


@book.promise(
    "What may be a password",
    "OWASP ASVS 5, 7.4",
    "A token is a program's: it must not become a login for good.",
    after=("changes_password", "token_writes"),
)
def token_changes_nothing(api):
    """A token does not change the password: 403."""
    token, _ = own_token(api, "member", scopes=["watchlists:write"])
    must_refuse_password(api, passphrase(), 403, headers=bearer(token))
    api.get(MOVIES, headers=by_basic(api, "member")).must_be(200)


# -- for hostile clients -------------------------------------------------------------------------


@book.promise(
    "Try to break it",
    "RFC 8265, 4.2; Unicode, UAX 15",
    "ö can be typed as one code point, or as two.",
    "unicodedata.normalize('NFC', password), before it is hashed and before it is checked",
    tier=HARDENED,
    after=("changes_password",),
)
def other_keyboard(api):
    """A password with an ö is the same however the ö was typed."""
    new = unicodedata.normalize("NFC", f"{passphrase()} schön")
    with new_password(api, new):
        name = api.credentials["member"][0]
        other = as_if(api, name, unicodedata.normalize("NFD", new))
        api.get(MOVIES, headers=by_basic(other, "member")).must_be(200)


@book.promise(
    "For hostile clients",
    "NIST SP 800-63B, 3.1.1.2",
    "What about the user's own name, blanks, or a password that Basic cannot carry?",
    tier=HARDENED,
    after=("weak_password",),
)
def odd_password(api):
    """A blank password, one with control characters, or one that is not text is 400: `new`."""
    for odd in (" " * 12, "a\0b345678", "line\nbreak", "x" * 5000, 12345678, None, ["longenough"]):
        must_refuse_password(api, odd, *BAD).must_name("new")
    api.get(MOVIES, headers=by_basic(api, "member")).must_be(200)


@book.promise(
    "For hostile clients",
    "OWASP, Logging Cheat Sheet",
    "Logs are read by many, and kept for long.",
    tier=HARDENED,
    control=True,
    after=("changes_password",),
)
def no_password_in_the_log(api):
    """What the API prints has no password in it, neither the old one nor the new one."""
    new = passphrase()
    with new_password(api, new):
        session(api)
        api.get(MOVIES, headers=by_basic(api, "member"))
    printed = api.control.printed()
    for password in (new, credentials(api, "member")[1]):
        api.last.must(password.encode() not in printed, "no password in what the API prints")


@book.promise(
    "For hostile clients",
    "OWASP, Cross-Site Request Forgery Prevention Cheat Sheet",
    "A change by cookie needs its csrf_token, and this is one.",
    tier=HARDENED,
    after=("changes_password", "cookie_alone"),
)
def password_by_cookie_alone(api):
    """With the cookie alone, without its csrf_token, the password is not changed: 403."""
    found = session(api)
    must_refuse_password(api, passphrase(), 403, headers=found.reads)
    api.get(MOVIES, headers=by_basic(api, "member")).must_be(200)

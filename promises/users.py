"""What the promises about users begin with: credentials, sessions, signed requests, tokens."""

import base64
import hashlib
import hmac
import json
import secrets
import time
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookies import SimpleCookie
from urllib.parse import urlsplit

from course.building.promise import needs
from course.building.wire import Broken, basic
from promises.films import film
from promises.watchlists import LISTS, name

SESSION, KEY, TOKENS = "/v1/session", "/v1/signing-key", "/v1/tokens"
DONE = 200, 201, 204
COVERED = ("@method", "@authority", "@path", "@query", "content-type", "content-digest")
METADATA = "/.well-known/oauth-protected-resource"
AUDIENCE = "http://127.0.0.1:8004"  # of the lesson


def credentials(api, who):
    """Return somebody's name and password: "editor" is alice, "member" is bob."""
    return api.credentials[who]


def by_basic(api, who="editor"):
    """Return the header with which somebody proves who they are, whatever the chapter."""
    return {"Authorization": basic(*credentials(api, who))}


def by_wrong_password(who="nobody-of-this-name"):
    return {"Authorization": basic(who, secrets.token_hex(8))}


def list_to_make():
    """Return the URL and the body of a watchlist that is not there yet."""
    return f"{LISTS}/{name()}", {"title": "Friday night"}


@needs("basic_member")
def list_of_bob(api, **members):
    """Let bob create a watchlist; return its URL and what GET shows to him."""
    url, body = list_to_make()
    headers = by_basic(api, "member")
    api.send("PUT", url, headers=headers, json=body | members).must_be(*DONE)
    return url, api.get(url, headers=headers).must_be(200).object


# -- sessions ------------------------------------------------------------------------------------


@dataclass
class Session:
    """A login by cookie, as a browser holds it."""

    cookie: str  # as Cookie sends it: name=value
    csrf_token: str
    answer: object
    morsel: object  # the cookie with its attributes

    @property
    def reads(self):
        return {"Cookie": self.cookie}

    @property
    def writes(self):
        return {"Cookie": self.cookie, "X-CSRF-Token": self.csrf_token}


def cookies_of(answer):
    """Return the cookies that an answer sets, by name."""
    found = SimpleCookie()
    for field in answer.fields("Set-Cookie"):
        found.load(field)
    return found


def log_in(api, who="member", headers=None, **members):
    """Ask for a session, whatever the answer is."""
    user, password = credentials(api, who)
    body = {"name": user, "password": password} | members
    return api.send("POST", SESSION, who="nobody", headers=headers, json=body)


def has_sessions(api):
    """Tell whether one can log in for a session: without, no answer depends on a cookie."""
    return log_in(api).status in DONE


@needs("logs_in")
def session(api, who="member", headers=None, **members):
    """Log in; return the Session."""
    answer = log_in(api, who, headers, **members).must_be(201, 200)
    set_now = {key: each for key, each in cookies_of(answer).items() if each.value}
    answer.must(set_now, "a cookie", mark="(?i)^set-cookie:")
    cookie = max(set_now.values(), key=lambda each: len(each.value))
    return Session(
        f"{cookie.key}={cookie.coded_value}", answer.object.get("csrf_token", ""), answer, cookie
    )


def who_is(api, headers):
    """Return the answer to the question whose session this is."""
    return api.get(SESSION, headers=headers)


# -- signed requests (RFC 9421) ------------------------------------------------------------------


@needs("gets_key")
def signing_key(api, who="editor"):
    """Get a new key; return its id and its bytes."""
    answer = api.send("POST", KEY, who="nobody", headers=by_basic(api, who)).must_be(201, 200)
    return answer.object["keyid"], base64.b64decode(answer.object["key"])


def signed(api, key, method, url, body=None, covered=COVERED, **changes):
    """Return the header fields of a signed request; `changes` are parameters of the signature."""
    keyid, secret = key
    parts = urlsplit(api.url + url)
    content = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
    fields = {}
    if content:
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        fields = {"Content-Type": "application/json", "Content-Digest": f"sha-256=:{digest}:"}
    values = {
        "@method": method,
        "@authority": parts.netloc,
        "@path": parts.path,
        "@query": f"?{parts.query}",
    } | {field.lower(): value for field, value in fields.items()}
    parameters = {"created": int(time.time()), "keyid": keyid, "nonce": secrets.token_hex(8)}
    parameters |= changes
    names = [each for each in covered if each in values]
    inner = " ".join(f'"{each}"' for each in names)
    written = "".join(
        f';{each}="{value}"' if isinstance(value, str) else f";{each}={value}"
        for each, value in parameters.items()
    )
    base = "\n".join(
        [
            *(f'"{each}": {values[each]}' for each in names),
            f'"@signature-params": ({inner}){written}',
        ]
    )
    value = base64.b64encode(hmac.digest(secret, base.encode(), "sha256")).decode()
    return fields | {"Signature-Input": f"sig=({inner}){written}", "Signature": f"sig=:{value}:"}


def send_signed(api, fields, method, url, body=None):
    """Send a request with the header fields of a signature, and no other credentials."""
    content = None if body is None else json.dumps(body, ensure_ascii=False).encode()
    return api.send(method, url, who="nobody", headers=fields, body=content)


# -- tokens --------------------------------------------------------------------------------------


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def oauth_token(api, header=(), sign=None, **changes):
    """Return an access token of the authorization server, for this API; with changes, a wrong one.

    `aud` is what the API calls itself (RFC 9728), or what the lesson calls it.
    """
    answer = api.once("metadata", lambda: api.get(METADATA))
    try:
        audience = answer.object["resource"] if answer.status == 200 else AUDIENCE
    except (Broken, LookupError):  # another promise is about that
        audience = AUDIENCE
    issuer = api.control.issuer
    return issuer.token(**{"audience": audience, "header": header, "sign": sign} | changes)


def challenges(answer):
    return ", ".join(answer.fields("WWW-Authenticate"))


def must_be_unauthorized(answer, error="invalid_token"):
    """Demand a 401 that says of a token that it is worth nothing (RFC 6750, 3.1)."""
    answer.must_be_problem(401)
    told = challenges(answer)
    return answer.must(error in told, f'WWW-Authenticate: Bearer …, error="{error}"', WWW)


def must_lack_scope(answer, scope):
    answer.must_be_problem(403)
    told = challenges(answer)
    promised = f'WWW-Authenticate: Bearer …, error="insufficient_scope", scope="{scope}"'
    return answer.must("insufficient_scope" in told and scope in told, promised, WWW)


WWW = "(?i)^www-authenticate:"


@needs("makes_token")
def own_token(api, who="editor", **members):
    """Make a token; return its text and the URL of what is known of it."""
    body = {"name": f"check {secrets.token_hex(4)}", "scopes": ["movies:write"]} | members
    headers = by_basic(api, who)
    answer = api.send("POST", TOKENS, headers=headers, json=body).must_be(201, 200)
    url = answer.headers.get("Location") or answer.object.get("url")
    answer.must(isinstance(answer.object.get("token"), str), 'a "token"')
    return answer.object["token"], answer.leads_to(url)


def new_film(api, headers):
    """Try to create a movie with certain credentials only."""
    return api.send("POST", "/v1/movies", who="nobody", headers=headers, json=film())


# -- passwords -----------------------------------------------------------------------------------

NEW = "/v1/password"


def ask_for_password(api, new, current=None, who="member", headers=None):
    """Ask for a new password, whatever the answer is."""
    known = credentials(api, who)[1]
    body = {"current": known if current is None else current, "new": new}
    headers = headers or by_basic(api, who)
    return api.send("PUT", NEW, who="nobody", headers=headers, json=body)


def must_refuse_password(api, new, *statuses, current=None, headers=None):
    """Demand that a new password is refused; if it is not, put the old one back."""
    answer = ask_for_password(api, new, current, headers=headers)
    if answer.status in (200, 204):
        user, old = credentials(api, "member")
        back = {"Authorization": basic(user, str(new))}
        api.send("PUT", NEW, who="nobody", headers=back, json={"current": new, "new": old})
    return answer.must_be_problem(*statuses)


@contextmanager
def new_password(api, new, headers=None):
    """Give Bob another password for a while; return how he signs in by the old one."""
    old = by_basic(api, "member")
    before = api.credentials
    change_password(api, new, headers)
    api.credentials = before | {"member": (before["member"][0], new)}
    try:
        yield old
    finally:
        change_password(api, before["member"][1])
        api.credentials = before


@needs("changes_password")
def change_password(api, new, headers=None):
    ask_for_password(api, new, headers=headers).must_be(200, 204)


def passphrase():
    """Return a password that nobody has, of small letters and spaces only."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    word = "".join(secrets.choice(letters) for _ in range(12))
    return f"a sled named {word}"

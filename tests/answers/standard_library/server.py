"""A right answer without any library: chapters 1 to 3, who is asking, and HTTP caching.

Its server speaks HTTP/1.0; its ETags are hashes of what is sent.
"""

import base64
import binascii
import hashlib
import json
import re
import secrets
import sys
import time
from collections import defaultdict, deque
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import store

JSON, LD, TEXT = "application/json", "application/ld+json", "text/plain"
MERGE = "application/merge-patch+json"
CONTEXT = {
    "@vocab": "https://schema.org/",
    "hydra": "http://www.w3.org/ns/hydra/core#",
    "operation": "http://www.w3.org/ns/hydra/core#operation",
    "Collection": "hydra:Collection",
}
TAG = r'(?:W/)?"[^"]*"'
TAGS = re.compile(rf"\s*{TAG}(?:\s*,\s*{TAG})*\s*")
GUESSES, MINUTE = 15, 60
SORTS = [sign + name for sign in ("", "-") for name in ("id", *store.MEMBERS[:4])]
failed = defaultdict(deque)  # a name and an address -> when wrong passwords came


class RefusedError(Exception):
    def __init__(self, status, detail, errors=None, **headers):
        super().__init__(detail)
        self.status, self.errors, self.headers = status, errors, headers


class Message:
    """An answer, before it is written."""

    def __init__(self, content=b"", kind=None, status=200, headers=()):
        self.status, self.content, self.headers = status, content, list(headers)
        if kind:
            self.headers.append(("content-type", kind))


def written(value):
    return json.dumps(value, indent=1, ensure_ascii=False).encode() + b"\n"


def hash_of(content, user):
    """Name what is sent, and to whom: each reader has ETags of their own."""
    return f'"{hashlib.sha256(f"{user} ".encode() + content).hexdigest()[:20]}"'


class Request(BaseHTTPRequestHandler):
    """One request: who asks, what for, on which conditions; and the answer to it."""

    def answer(self):
        length = self.headers.get("Content-Length", "0")
        self.sent = self.rfile.read(min(int(length) if length.isdigit() else 0, 200_000))
        try:
            message = self.act()
        except RefusedError as refused:
            message = problem(refused)
        except store.TakenError:
            message = problem(RefusedError(409, "Another movie has this imdb_id."))
        except Exception as error:
            self.log_error("%r", error)
            message = problem(RefusedError(500, "This is our mistake."))
        self.write(message)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = answer  # noqa: N815

    def write(self, message):
        self.send_response(message.status)
        names = {name for name, _ in message.headers}
        if "cache-control" not in names:
            message.headers.append(("cache-control", "no-store"))
        for name, value in message.headers:
            self.send_header(name.lower(), value)
        for name in ("Accept", "Authorization"):
            self.send_header("vary", name)
        if message.status not in (204, 304):
            self.send_header("content-length", str(len(message.content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(message.content)

    def act(self):
        parts = urlsplit(self.path)
        self.pairs = parse_qsl(parts.query, keep_blank_values=True)
        self.arguments, self.user = dict(self.pairs), self.who()
        for pattern, methods in ROUTES:
            if found := re.fullmatch(pattern, parts.path):
                names = {*methods, "OPTIONS"} | ({"HEAD"} if "GET" in methods else set())
                if self.command == "OPTIONS":
                    return Message(status=204, headers=[("allow", name) for name in names])
                view = methods.get("GET" if self.command == "HEAD" else self.command)
                if view is None:
                    raise RefusedError(405, "It has other methods.", allow=", ".join(names))
                self.choose_kind()
                return view(self, *map(unquote, found.groups()))
        raise RefusedError(404, "There is nothing at this URL.")

    # -- who asks ------------------------------------------------------------------------

    def who(self):
        """Return the name of the user; None for a stranger."""
        scheme, _, encoded = self.headers.get("Authorization", "").partition(" ")
        if not scheme:
            return None
        if scheme.lower() != "basic":
            raise unknown()
        try:
            pair = base64.b64decode(encoded, validate=True).decode()
        except (binascii.Error, ValueError):
            raise unknown() from None
        name, colon, password = pair.partition(":")
        times = failed[name, self.client_address[0]]
        while times and times[0] < time.monotonic() - MINUTE:
            times.popleft()
        if len(times) >= GUESSES:
            raise RefusedError(429, "Wait before you guess again.", retry_after=str(MINUTE))
        if not colon or not store.knows(name, password):
            times.append(time.monotonic())
            raise unknown()
        return name

    def must_write(self, what):
        if self.user is None:
            raise unknown()
        if what not in store.USERS[self.user]:
            raise RefusedError(403, f"{self.user} may not write {what}.")

    # -- what is sent, and wanted --------------------------------------------------------

    def body(self, *kinds):
        kind = self.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind not in kinds:
            raise RefusedError(415, f"Send {' or '.join(kinds)}.", accept_patch=MERGE)
        if len(self.sent) > 65_536:
            raise RefusedError(413, "Send less.")
        try:
            value = json.loads(self.sent, object_pairs_hook=without_repetition)
        except (ValueError, RecursionError):
            raise RefusedError(400, "This is no JSON.") from None
        if not isinstance(value, dict):
            raise RefusedError(400, "This is no object.")
        return value

    def choose_kind(self):
        """Choose JSON or JSON-LD by the weights of Accept."""
        weights = {}
        for each in self.headers.get("Accept", "*/*").split(","):
            kind, *parameters = (part.strip() for part in each.split(";"))
            given = re.search(r"q=([01](?:\.\d*)?)", "".join(parameters))
            weights[kind] = float(given[1]) if given else 1
        liked = {
            kind: next((weights[k] for k in (kind, "application/*", "*/*") if k in weights), 0)
            for kind in (JSON, LD)
        }
        self.kind = max(liked, key=liked.get)
        if self.arguments.get("serialize") == "false":
            self.kind = TEXT
        elif not liked[self.kind]:
            raise RefusedError(406, "There is JSON, and JSON-LD.")

    def preferred(self, value, default=200):
        wish = self.headers.get("Prefer", "")
        status = 204 if "minimal" in wish else 200 if "representation" in wish else default
        return Message(status=204) if status == 204 else Message(written(value), JSON)

    # -- conditions ----------------------------------------------------------------------

    def read(self, content, kind=None, headers=()):
        """Answer GET: with the content, or 304 if the client has it."""
        known, tag = self.user is not None, hash_of(content, self.user)
        kept = "private, max-age=0" if known else "public, max-age=2, stale-while-revalidate=10"
        headers = [*headers, ("cache-control", kept), ("etag", tag)]
        given = self.headers.get("If-None-Match", "").strip()
        if given == "*" or tag in tags_of(given.replace("W/", "")):
            return Message(status=304, headers=headers)
        return Message(content, f"{kind or self.kind}; charset=utf-8", headers=headers)

    def must_hold(self, *forms):
        """Demand the conditions of a change; `forms` are those in which the thing is shown now."""
        tags = {hash_of(form, self.user) for form in forms}
        given, forbidden = self.headers.get("If-Match"), self.headers.get("If-None-Match", "")
        if given is not None and not (tags if given.strip() == "*" else tags & tags_of(given)):
            raise RefusedError(412, "It is another by now.")
        if tags if forbidden.strip() == "*" else tags & tags_of(forbidden.replace("W/", "")):
            raise RefusedError(412, "It is there.")

    def log_request(self, *_):
        pass


def tags_of(field):
    return set(re.findall(TAG, field)) if TAGS.fullmatch(field) else set()


def unknown():
    challenge = 'Basic realm="films", charset="UTF-8"'
    return RefusedError(401, "Say who you are.", www_authenticate=challenge)


def problem(refused):
    title = HTTPStatus(refused.status).phrase
    told = {"status": refused.status, "title": title, "detail": str(refused)}
    told["request"] = secrets.token_hex(8)
    if refused.errors:
        told["errors"] = [{"name": name, "reason": why} for name, why in refused.errors.items()]
    headers = [(name.replace("_", "-"), value) for name, value in refused.headers.items()]
    return Message(written(told), "application/problem+json", refused.status, headers)


def without_repetition(pairs):
    if len(dict(pairs)) < len(pairs):
        raise ValueError
    return dict(pairs)


def merged(old, patch):
    return {name: value for name, value in (old | patch).items() if value is not None}


def refuse(wrong, status=422):
    if wrong:
        raise RefusedError(status, "See errors.", wrong)


# -- movies --------------------------------------------------------------------------------------


def shown(movie):
    return movie | {"url": f"/v1/movies/{movie['id']}"}


def node(movie, may_write):
    known = {name: value for name, value in shown(movie).items() if value is not None}
    can = [{"method": name} for name in ("PUT", "PATCH", "DELETE")] if may_write else []
    known["duration"] = f"PT{movie['runtime'] * 60}S"
    return {"@id": known["url"], "@type": "Movie", "operation": can} | known


def in_context(value):
    return written({"@context": CONTEXT} | value)


def forms_of(movie):
    if movie is None:
        raise RefusedError(404, "There is no such movie.")
    return written(shown(movie)), *(in_context(node(movie, can)) for can in (True, False))


def door(request):
    return request.read(written({"movies": "/v1/movies", "watchlists": "/v1/watchlists"}))


def list_movies(request):
    asked = arguments_of(request)
    with store.transaction() as database:
        movies, total = store.search(database, asked)
    headers = [("link", link) for link in links(request, asked, total)]
    if request.kind == TEXT:
        text = "".join(f"{movie['title']} ({movie['year']})\n" for movie in movies)
        return request.read(text.encode(), headers=headers)
    if request.kind == LD:
        can = request.user == "alice"
        members = [node(movie, can) for movie in movies]
        whole = {k: v for k, v in request.arguments.items() if k not in ("page", "per_page")}
        body = {"@id": f"?{urlencode(whole)}", "@type": ["Collection"], "hydra:member": members}
        view = {f"hydra:{name}": {"@id": url} for name, url in pages(request, asked, total)}
        view = {"@id": request.path} | view
        body |= {"hydra:totalItems": total, "hydra:view": view}
        return request.read(in_context(body), headers=headers)
    body = {"total": total, "page": asked["page"], "per_page": asked["per_page"]}
    return request.read(written(body | {"movies": [*map(shown, movies)]}), headers=headers)


def arguments_of(request):
    asked = {"page": 1, "per_page": 20, "sort": "id"} | request.arguments
    wrong = {}
    for name, least, most in (("page", 1, 10**9), ("per_page", 1, 100), ("year", 1888, 2100)):
        text = str(asked.get(name, least))
        if not re.fullmatch("[0-9]{1,10}", text) or not least <= int(text) <= most:
            wrong[name] = f"is a number from {least} to {most}"
        elif name in asked:
            asked[name] = int(text)
    if asked["sort"] not in SORTS:
        wrong["sort"] = f"is one of {', '.join(SORTS)}"
    names = [name for name, _ in request.pairs]
    wrong |= {name: "is given twice" for name in names if names.count(name) > 1}
    refuse(wrong, 400)
    return asked


def pages(request, asked, total):
    last = max(1, -(-total // asked["per_page"]))
    numbers = {"first": 1, "last": last, "previous": asked["page"] - 1, "next": asked["page"] + 1}
    for name, number in numbers.items():
        if 1 <= number <= last:
            yield name, f"?{urlencode(request.arguments | {'page': number})}"


def links(request, asked, total):
    for name, url in pages(request, asked, total):
        yield f"<{url}>;rel={name}"


def create_movie(request):
    request.must_write("movies")
    movie, wrong = store.checked(request.body(JSON))
    refuse(wrong)
    with store.writing() as database:
        movie = shown(store.keep(database, movie))
    return Message(written(movie), JSON, 201, [("location", movie["url"])])


def get_movie(request, key):
    with store.transaction() as database:
        movie = store.find(database, key)
    as_json, for_alice, for_others = forms_of(movie)
    if request.kind == TEXT:
        return request.read(f"{movie['title']}\n".encode())
    if request.kind == LD:
        return request.read(for_alice if request.user == "alice" else for_others)
    return request.read(as_json)


def change_movie(request, key):
    request.must_write("movies")
    is_patch = request.command == "PATCH"
    values = request.body(MERGE, JSON) if is_patch else request.body(JSON)
    with store.writing() as database:
        movie = store.find(database, key)
        request.must_hold(*forms_of(movie))
        old = {name: movie[name] for name in store.MEMBERS} if is_patch else {}
        new, wrong = store.checked(merged(old, values), shown(movie))
        refuse(wrong)
        movie = store.keep(database, new, key)
    return request.preferred(shown(movie))


def delete_movie(request, key):
    request.must_write("movies")
    with store.writing() as database:
        movie = store.find(database, key)
        request.must_hold(*forms_of(movie))
        store.remove(database, key)
    return request.preferred(shown(movie), default=204)


# -- watchlists ----------------------------------------------------------------------------------


def shown_list(found):
    return found | {"url": f"/v1/watchlists/{found['name']}"}


def list_watchlists(request):
    with store.transaction() as database:
        found = store.lists(database)
    return request.read(written({"watchlists": [*map(shown_list, found)]}), JSON)


def get_watchlist(request, name):
    with store.transaction() as database:
        found = shown_list(needed(store.find_list(database, name)))
    if request.kind == LD:
        items = [{"@id": f"/v1/movies/{key}"} for key in found["movies"]]
        body = {"@id": found["url"], "@type": "ItemList", "itemListElement": {"@list": items}}
        return request.read(in_context(body))
    return request.read(written(found), JSON)


def needed(found):
    if found is None:
        raise RefusedError(404, "There is no such watchlist.")
    return found


def put_watchlist(request, name):
    request.must_write("watchlists")
    is_patch = request.command == "PATCH"
    values = request.body(MERGE, JSON) if is_patch else request.body(JSON)
    with store.writing() as database:
        old = store.find_list(database, name)
        if is_patch:
            values = merged({key: needed(old)[key] for key in ("title", "movies")}, values)
        request.must_hold(*([written(shown_list(old))] if old else []))
        must_own(request, old)
        found, wrong = store.checked_list(database, values, name, shown_list(old) if old else ())
        refuse(wrong)
        found["owner"] = old["owner"] if old else request.user
        store.keep_list(database, found)
    if old is None:
        return Message(written(shown_list(found)), JSON, 201)
    return request.preferred(shown_list(found), default=204)


def delete_watchlist(request, name):
    request.must_write("watchlists")
    with store.writing() as database:
        found = needed(store.find_list(database, name))
        request.must_hold(written(shown_list(found)))
        must_own(request, found)
        store.remove_list(database, name)
    return request.preferred(shown_list(found), default=204)


def must_own(request, found):
    if found and found["owner"] != request.user and request.user != "alice":
        raise RefusedError(403, "It is somebody else's.")


A_MOVIE = {"GET": get_movie, "PUT": change_movie, "PATCH": change_movie, "DELETE": delete_movie}
A_LIST = {
    "GET": get_watchlist,
    "PUT": put_watchlist,
    "PATCH": put_watchlist,
    "DELETE": delete_watchlist,
}
ROUTES = (
    ("/", {"GET": door}),
    ("/v1/movies", {"GET": list_movies, "POST": create_movie}),
    ("/v1/movies/([^/]+)", A_MOVIE),
    ("/v1/watchlists", {"GET": list_watchlists}),
    ("/v1/watchlists/([^/]+)", A_LIST),
)

if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Request).serve_forever()

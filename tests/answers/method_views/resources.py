"""The resources: each is a class, and each of its methods a method of HTTP."""

import re
from functools import wraps
from hmac import compare_digest

from flask import current_app, json, request, url_for
from flask.views import MethodView
from models import RULES, Movie, Watchlist, db, now, wrong_list, wrong_members
from sqlalchemy import func, select
from werkzeug.datastructures import MIMEAccept, WWWAuthenticate
from werkzeug.exceptions import (
    BadRequest,
    NotAcceptable,
    NotFound,
    Unauthorized,
    UnprocessableEntity,
    UnsupportedMediaType,
)

JSON, LD, MERGE = "application/json", "application/ld+json", "application/merge-patch+json"
HYDRA = "http://www.w3.org/ns/hydra/core"
CONTEXT = {
    "schema": "https://schema.org/",
    "hydra": f"{HYDRA}#",
    "title": "schema:name",
    "director": "schema:director",
    "year": "schema:dateCreated",
    "duration": {"@id": "schema:duration", "@type": "schema:Duration"},
    "url": {"@id": "schema:url", "@type": "@id"},
}


def has_key():
    sent, key = request.headers.get("Authorization", ""), current_app.config["KEY"]
    return compare_digest(sent.encode(), f"Bearer {key}".encode())


def for_key_holders(method):
    @wraps(method)
    def guarded(*args, **kwargs):
        if not has_key():
            raise Unauthorized("Send the key.", www_authenticate=WWWAuthenticate("bearer"))
        return method(*args, **kwargs)

    return guarded


def body(*kinds):
    if request.mimetype not in kinds:
        refusal = UnsupportedMediaType(f"Send {' or '.join(kinds)}.")
        refusal.more = {"Accept-Patch": MERGE} if request.method == "PATCH" else {}
        raise refusal
    try:
        values = json.loads(request.get_data())
    except ValueError:
        raise BadRequest("This is no JSON.") from None
    if not isinstance(values, dict):
        raise UnprocessableEntity("This is no object.")
    return values


def refuse(wrong):
    if wrong:
        refusal = UnprocessableEntity("Some values are wrong.")
        refusal.errors = [{"detail": reason, "pointer": pointer} for pointer, reason in wrong]
        raise refusal


def merged(old, patch):
    return {name: value for name, value in (old | patch).items() if value is not None}


def answer(value, status=200, headers=(), kind=JSON):
    text = json.dumps(value, indent=4, sort_keys=False) + "\n"
    fields = [
        ("Content-Type", f"{kind}; charset=utf-8"),
        ("Vary", "Accept, Authorization"),
        *headers,
    ]
    return current_app.response_class(text, status, fields)


def as_preferred(value, default):
    wish = re.search("return=(minimal|representation)", request.headers.get("Prefer", ""))
    status = {"minimal": 204, "representation": 200}[wish[1]] if wish else default
    return answer(value) if status == 200 else ("", 204)


class Resource(MethodView):
    kinds = (JSON,)

    def dispatch_request(self, **kwargs):
        text = request.args.get("serialize") == "false"
        kinds = ("text/plain",) if text else self.kinds
        wanted = request.accept_mimetypes or MIMEAccept([("*/*", 1)])
        self.kind = wanted.best_match(kinds)
        if self.kind is None:
            refusal = NotAcceptable(f"There is {', '.join(kinds)}.")
            refusal.more = {"Vary": "*"}
            raise refusal
        return super().dispatch_request(**kwargs)


class Door(Resource):
    def get(self):
        lists = {name: url_for(name, _external=True) for name in ("movies", "watchlists")}
        return answer({"name": "Cinema"} | lists)


class Context(Resource):
    kinds = (LD, JSON)

    def get(self):
        return answer({"@context": CONTEXT}, kind=self.kind)


# -- movies --------------------------------------------------------------------------------------


def represent(movie):
    url = url_for("movie", key=movie.id, _external=True)
    members = {name: getattr(movie, name) for name in RULES}
    times = {"revision": movie.revision, "updated": movie.updated}
    return {"url": url, **members, "id": movie.id, **times, "_links": {"self": {"href": url}}}


def find(key):
    movie = db.session.get(Movie, key)
    if movie is None:
        raise NotFound("There is no such movie.")
    return movie


def node(movie):
    shown = represent(movie)
    del shown["_links"]
    known = {name: value for name, value in shown.items() if value is not None}
    can = [{"@type": "hydra:Operation", "hydra:method": m} for m in ("PUT", "PATCH", "DELETE")]
    can = {"hydra:operation": can} if has_key() else {}
    known["duration"] = {"@value": f"PT{60 * movie.runtime}S", "@type": "schema:Duration"}
    return {"@id": shown["url"], "@type": "schema:Movie"} | known | can


def contexts():
    return [url_for("context", _external=True), HYDRA]


def fill(movie, values):
    refuse(wrong_members(values, represent(movie).items() if movie.id else ()))
    for name in RULES:
        setattr(movie, name, values.get(name))
    movie.updated = now()
    db.session.add(movie)
    db.session.commit()
    return movie


ARGUMENTS = {"page": (1, 1, 10**9), "per_page": (20, 1, 100), "year": (None, 1888, 2100)}


def arguments():
    wrong, found = [], {}
    for name, (default, least, most) in ARGUMENTS.items():
        text = request.args.get(name)
        is_number = text and re.fullmatch("[0-9]{1,10}", text)
        good = text is None or (is_number and least <= int(text) <= most)
        found[name] = int(text) if good and text else default
        wrong += [] if good else [{"parameter": name, "detail": f"is from {least} to {most}"}]
    sort = request.args.get("sort", "id")
    if sort.removeprefix("-") not in ("id", "title", "director", "year", "runtime"):
        wrong.append({"parameter": "sort", "detail": "is no member of a movie"})
    if wrong:
        refusal = BadRequest("Some arguments are wrong.")
        refusal.errors = wrong
        raise refusal
    return found | {"sort": sort}


def links(page, last):
    here = request.args.to_dict() | request.view_args
    pages = {"first": 1, "last": last, "previous": page - 1, "next": page + 1}
    for name, number in pages.items():
        if 1 <= number <= last:
            url = url_for(request.endpoint, **here | {"page": number}, _external=True)
            yield "Link", f"<{url}>; title=page-{number}; rel={name}"


class Movies(Resource):
    kinds = (JSON, LD)

    def get(self):
        asked, query = arguments(), select(Movie)
        if "director" in request.args:
            query = query.filter_by(director=request.args["director"])
        if asked["year"]:
            query = query.filter_by(year=asked["year"])
        if "q" in request.args:
            query = query.where(Movie.title.icontains(request.args["q"], autoescape=True))
        total = db.session.scalar(select(func.count()).select_from(query.subquery()))
        column = getattr(Movie, asked["sort"].removeprefix("-"))
        order = column.desc() if asked["sort"].startswith("-") else column
        query = query.order_by(order, Movie.id.desc())
        size, page = asked["per_page"], asked["page"]
        rows = db.session.scalars(query.limit(size).offset(size * (page - 1))).all()
        headers = list(links(page, max(1, -(-total // size))))
        if self.kind == "text/plain":
            return "\r\n".join(row.title for row in rows), 200, {"Content-Type": "text/plain"}
        if self.kind == LD:
            same = {k: v for k, v in request.args.items() if k not in ("page", "per_page")}
            url = url_for("movies", **same, _external=True)
            here = {"@context": contexts(), "@id": url, "numberOfItems": total}
            items = {"@type": "https://schema.org/ItemList", "itemListElement": [*map(node, rows)]}
            return answer(here | items, 200, headers, LD)
        told = {"movies": [*map(represent, rows)], "page": page, "per_page": size, "total": total}
        return answer(told, 200, headers)

    @for_key_holders
    def post(self):
        movie = represent(fill(Movie(), body(JSON)))
        return answer(movie, 201, [("Location", movie["url"])])


class OneMovie(Resource):
    kinds = (JSON, LD)

    def get(self, key):
        movie = find(key)
        if self.kind == "text/plain":
            return movie.title, 200, {"Content-Type": "text/plain; charset=utf-8"}
        if self.kind == LD:
            return answer({"@context": contexts()} | node(movie), kind=LD)
        return answer(represent(movie))

    @for_key_holders
    def put(self, key):
        return as_preferred(represent(fill(find(key), body(JSON))), default=204)

    @for_key_holders
    def patch(self, key):
        movie, patch = find(key), body(MERGE, JSON)
        old = {name: getattr(movie, name) for name in RULES}
        return as_preferred(represent(fill(movie, merged(old, patch))), default=200)

    @for_key_holders
    def delete(self, key):
        movie = find(key)
        gone = represent(movie)
        db.session.delete(movie)
        db.session.commit()
        return as_preferred(gone, default=204)


# -- watchlists ----------------------------------------------------------------------------------


def represent_list(found):
    url = url_for("watchlist", name=found.name, _external=True)
    return {"name": found.name, "title": found.title, "movies": list(found.movie_ids), "url": url}


def find_list(name):
    found = db.session.get(Watchlist, name)
    if found is None:
        raise NotFound("There is no such watchlist.")
    return found


def fill_list(found, name, values):
    refuse(wrong_list(name, values))
    found.name, found.title = name, values["title"]
    found.movie_ids = values.get("movies", [])
    db.session.add(found)
    db.session.commit()
    return represent_list(found)


class Watchlists(Resource):
    def get(self):
        asked = arguments()
        query = select(Watchlist).order_by(Watchlist.name)
        total = db.session.scalar(select(func.count()).select_from(Watchlist))
        size, page = asked["per_page"], asked["page"]
        rows = db.session.scalars(query.limit(size).offset(size * (page - 1))).all()
        headers = links(page, max(1, -(-total // size)))
        return answer({"watchlists": [*map(represent_list, rows)], "total": total}, 200, headers)


class OneWatchlist(Resource):
    kinds = (JSON, LD)

    def get(self, name):
        shown = represent_list(find_list(name))
        if self.kind == LD:
            movies = [url_for("movie", key=key, _external=True) for key in shown.pop("movies")]
            links = [{"@id": url} for url in movies]
            shown |= {"@id": shown["url"], "@type": "schema:ItemList"}
            shown |= {"@context": contexts(), "schema:itemListElement": {"@list": links}}
        return answer(shown, kind=self.kind)

    @for_key_holders
    def put(self, name):
        found = db.session.get(Watchlist, name)
        shown = fill_list(found or Watchlist(), name, body(JSON))
        return as_preferred(shown, default=204) if found else answer(shown, 201)

    @for_key_holders
    def patch(self, name):
        found, patch = find_list(name), body(MERGE)
        old = {"title": found.title, "movies": list(found.movie_ids)}
        return as_preferred(fill_list(found, name, merged(old, patch)), default=200)

    @for_key_holders
    def delete(self, name):
        db.session.delete(find_list(name))
        db.session.commit()
        return "", 204

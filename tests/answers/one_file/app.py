"""A right answer in another style: chapters 1 to 3 in one file, with sqlite3 and no toolkit."""

import hmac
import json
import os
import re
import sqlite3
from contextlib import contextmanager
from urllib.parse import urlencode

from flask import Flask, g, request
from werkzeug.exceptions import HTTPException

LD, PROBLEM = "application/ld+json", "application/problem+json"
VARY = {"Vary": "Accept, Authorization"}
FIELDS = ("title", "director", "year", "runtime", "imdb_id")
PATCH = ("application/merge-patch+json", "application/json")
DATABASE = os.environ.get("DATABASE_URL", "sqlite:///one.db").removeprefix("sqlite:///")
KEY = os.environ.get("API_KEY", "secret")
SCHEMA = """
CREATE TABLE IF NOT EXISTS films (id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT, director TEXT,
    year INTEGER, runtime INTEGER, imdb_id TEXT UNIQUE);
CREATE TABLE IF NOT EXISTS lists (name TEXT PRIMARY KEY, title TEXT, movies TEXT);
"""
FIRST = [
    ("Kitty Foyle", "Sam Wood", 1940, 105, "tt0032671"),
    ("Pride and Prejudice", "Robert Z. Leonard", 1940, 117, "tt0032943"),
    ("Rebecca", "Alfred Hitchcock", 1940, 126, "tt0032976"),
]
app = Flask(__name__)


class Refused(Exception):
    def __init__(self, status, detail, headers=None, **members):
        super().__init__(detail)
        self.status, self.detail, self.headers, self.members = status, detail, headers, members


def connect():
    connection = sqlite3.connect(DATABASE, timeout=10, isolation_level=None)
    connection.row_factory = sqlite3.Row
    return connection


def db():
    if "db" not in g:
        g.db = connect()
    return g.db


@app.teardown_appcontext
def close(_error):
    if "db" in g:
        g.db.close()


with connect() as first:
    first.executescript(SCHEMA)
    if not first.execute("SELECT count(*) FROM films").fetchone()[0]:
        sql = "INSERT INTO films (title, director, year, runtime, imdb_id) VALUES (?, ?, ?, ?, ?)"
        first.executemany(sql, FIRST)
first.close()


@contextmanager
def turn():
    db().execute("BEGIN IMMEDIATE")
    try:
        yield
        db().execute("COMMIT")
    except BaseException:
        db().execute("ROLLBACK")
        raise


# Errors


def answer(body, status=200, headers=None, kind="application/json"):
    text = "" if body is None else json.dumps(body, ensure_ascii=False)
    response = app.response_class(text, status, mimetype=kind)
    response.headers.update(headers or {})
    if body is None:
        del response.headers["Content-Type"]
    return response


@app.errorhandler(Refused)
def refused(error):
    body = {"type": "about:blank", "title": "Refused", "status": error.status, "detail": str(error)}
    return answer(body | error.members, error.status, error.headers, PROBLEM)


@app.errorhandler(HTTPException)
def http_error(error):
    headers = (
        {"Allow": ", ".join(error.valid_methods)} if getattr(error, "valid_methods", 0) else {}
    )
    body = {"status": error.code, "title": error.name, "detail": error.description}
    return answer(body, error.code, headers, PROBLEM)


@app.errorhandler(sqlite3.IntegrityError)
def taken(_error):
    return refused(Refused(409, "The imdb_id belongs to another film."))


# What may come in


def authorized():
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return kind.lower() == "bearer" and hmac.compare_digest(token.encode(), KEY.encode())


def need_key():
    if not authorized():
        raise Refused(401, "Who are you?", {"WWW-Authenticate": "Bearer"})


def body(*kinds):
    if request.mimetype not in kinds:
        raise Refused(415, "Not this type.", {"Accept-Patch": PATCH[0], "Accept": ", ".join(kinds)})
    try:
        value = json.loads(request.get_data())
    except ValueError as error:
        raise Refused(400, f"No JSON: {error}") from None
    if not isinstance(value, dict):
        raise Refused(400, "No object.")
    return value


def number(value, low, high):
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def is_no_text(value):
    return not isinstance(value, str) or not value.strip() or len(value) > 300


def checked(values, movie_id=None):
    """Return the columns of a film; refuse with a list of errors, as RFC 9457 has it."""
    wrong = []
    if movie_id is not None:
        for name, own in (("id", movie_id), ("url", f"/v1/movies/{movie_id}")):
            if values.get(name, own) != own:
                wrong.append(name)
        values = {name: value for name, value in values.items() if name not in ("id", "url")}
    film = {"imdb_id": None} | values
    wrong += [name for name in FIELDS if name not in film]
    wrong += [name for name in film if name not in FIELDS]
    wrong += [name for name in ("title", "director") if name in film and is_no_text(film[name])]
    for name, low, high in (("year", 1888, 2100), ("runtime", 1, 100000)):
        if name in film and not number(film[name], low, high):
            wrong.append(name)
    code = film["imdb_id"]
    if code is not None and not (isinstance(code, str) and re.fullmatch(r"tt\d{7,8}", code)):
        wrong.append("imdb_id")
    if wrong:
        errors = [{"pointer": f"#/{name}", "detail": "no good"} for name in wrong]
        raise Refused(400, "See errors.", errors=errors)
    return [film[name] for name in FIELDS]


def merged(old, patch):
    return {k: v for k, v in (old | patch).items() if v is not None}


# What goes out


def wants():
    offers = ["application/json", LD, "text/plain"]
    found = request.accept_mimetypes.best_match(offers) if request.accept_mimetypes else offers[0]
    if found is None:
        raise Refused(406, f"There is {', '.join(offers)}.", VARY)
    return found


def whole(url):
    return request.host_url.rstrip("/") + url


def show(row):
    return dict(row) | {"url": f"/v1/movies/{row['id']}"}


def linked(film):
    can = [{"method": m} for m in ("PUT", "PATCH", "DELETE")] if authorized() else []
    hours, minutes = divmod(film["runtime"], 60)
    extra = {"@id": whole(film["url"]), "@type": "Movie", "operation": can}
    extra |= {"duration": f"PT{hours}H{minutes}M"}
    return extra | {k: v for k, v in film.items() if v is not None and k != "url"}


CONTEXT = {
    "@vocab": "https://schema.org/",
    "title": "name",
    "year": "datePublished",
    "hydra": "http://www.w3.org/ns/hydra/core#",
    "operation": "hydra:operation",
    "movies": {"@id": "itemListElement", "@type": "@id", "@container": ["@list"]},
}


def sent(value, status=200, headers=None):
    headers = VARY | (headers or {})
    if wants() == LD and "title" in value:
        return answer({"@context": CONTEXT} | linked(value), status, headers, LD)
    return answer(value, status, headers)


def preferred(value, status=200, headers=None, default="representation"):
    wish = re.search(r"return=(minimal|representation)", request.headers.get("Prefer", ""))
    headers = headers or {}
    if wish:
        headers["Preference-Applied"] = wish[0]
    if (wish[1] if wish else default) == "minimal":
        return answer(None, 201 if status == 201 else 204, headers)
    return sent(value, status, headers)


# Films


def find(movie_id):
    row = None
    if re.fullmatch("[1-9][0-9]{0,15}", movie_id):
        row = db().execute("SELECT * FROM films WHERE id = ?", [int(movie_id)]).fetchone()
    if row is None:
        raise Refused(404, "No such film.")
    return show(row)


@app.get("/")
def door():
    return {"movies": whole("/v1/movies"), "watchlists": whole("/v1/watchlists")}


def count_of(name, default):
    text = request.args.get(name, str(default))
    return int(text) if re.fullmatch("[1-9][0-9]{0,8}", text) else None


def page_of(sql, values, order):
    page, size = count_of("page", 1), count_of("per_page", 20)
    wrong = [name for name, value in (("page", page), ("per_page", size)) if value is None]
    if size and size > 100:
        wrong.append("per_page")
    return page, size, wrong


@app.get("/v1/movies")
def films():
    page, size, wrong = page_of("", [], "")
    where, values = ["1"], []
    sort = request.args.get("sort", "id")
    if sort.removeprefix("-") not in ("id", "title", "director", "year", "runtime"):
        wrong.append("sort")
    if "year" in request.args:
        where.append("year = ?")
        values.append(request.args["year"])
        if not re.fullmatch(r"\d{4}", request.args["year"]):
            wrong.append("year")
    if "director" in request.args:
        where.append("director = ?")
        values.append(request.args["director"])
    if "q" in request.args:
        where.append("instr(lower(title), lower(?))")
        values.append(request.args["q"])
    if wrong:
        raise Refused(422, "What?", errors=dict.fromkeys(wrong, "is wrong"))
    found = f"FROM films WHERE {' AND '.join(where)}"
    total = db().execute(f"SELECT count(*) {found}", values).fetchone()[0]
    down = " DESC" if sort.startswith("-") else ""
    order = f"ORDER BY {sort.removeprefix('-')}{down}, id{down} LIMIT ? OFFSET ?"
    rows = db().execute(f"SELECT * {found} {order}", [*values, size, (page - 1) * size]).fetchall()
    movies = [show(row) for row in rows]
    links = links_to(page, size, total)
    if request.args.get("serialize") == "false" or wants() == "text/plain":
        return "".join(f"{m['title']} / {m['director']}\n" for m in movies), {
            "Content-Type": "text/plain"
        }
    if wants() == LD:
        same = {k: v for k, v in request.args.items() if k not in ("page", "per_page")}
        url = f"{request.base_url}?{urlencode(same)}"
        me = {"@context": CONTEXT, "@id": url, "@type": "hydra:Collection"}
        view = {f"hydra:{name}": {"@id": url} for name, url in pages_around(page, size, total)}
        me |= {"hydra:view": {"@id": whole(request.full_path)} | view}
        value = me | {"hydra:totalItems": total, "hydra:member": [linked(m) for m in movies]}
        response = answer(value, 200, VARY, LD)
    else:
        value = {"movies": movies, "page": page, "per_page": size, "total": total}
        response = answer(value, 200, VARY)
    for link in links:
        response.headers.add("Link", link)  # a field for each
    return response


def links_to(page, size, total):
    return [f"<{url}>; rel={name}" for name, url in pages_around(page, size, total)]


def pages_around(page, size, total):
    last = max(-(-total // size), 1)
    numbers = {"first": 1, "last": last}
    numbers |= {"previous": min(page - 1, last)} if page > 1 else {}
    numbers |= {"next": page + 1} if page < last else {}
    for name, to in numbers.items():
        yield name, f"{request.base_url}?{urlencode(request.args.to_dict() | {'page': to})}"


@app.post("/v1/movies")
def new_film():
    need_key()
    values = checked(body("application/json"))
    columns = ", ".join(FIELDS)
    with turn():
        sql = f"INSERT INTO films ({columns}) VALUES (?, ?, ?, ?, ?)"  # noqa: S608
        movie_id = db().execute(sql, values).lastrowid
    film = find(str(movie_id))
    return preferred(film, 201, {"Location": whole(film["url"])})


@app.get("/v1/movies/<movie_id>")
def one(movie_id):
    film = find(movie_id)
    if request.args.get("serialize") == "false" or wants() == "text/plain":
        return f"{film['title']}\n", {"Content-Type": "text/plain"}
    return sent(film)


@app.route("/v1/movies/<movie_id>", methods=["PUT", "PATCH"])
def change(movie_id):
    need_key()
    wants()
    patch = request.method == "PATCH"
    values = body(*PATCH) if patch else body("application/json")
    with turn():
        old = find(movie_id)
        if patch:
            values = merged({name: old[name] for name in FIELDS}, values)
        row = checked(values, old["id"])
        columns = ", ".join(f"{name} = ?" for name in FIELDS)
        db().execute(f"UPDATE films SET {columns} WHERE id = ?", [*row, old["id"]])  # noqa: S608
    return preferred(find(movie_id))


@app.delete("/v1/movies/<movie_id>")
def remove(movie_id):
    need_key()
    wants()
    with turn():
        film = find(movie_id)
        db().execute("DELETE FROM films WHERE id = ?", [film["id"]])
        for row in db().execute("SELECT * FROM lists").fetchall():
            left = [each for each in json.loads(row["movies"]) if each != film["id"]]
            sql = "UPDATE lists SET movies = ? WHERE name = ?"
            db().execute(sql, [json.dumps(left), row["name"]])
    return preferred(film, default="minimal")


# Watchlists: the movies are one column of JSON


def show_list(row):
    movies = json.loads(row["movies"])
    return {"name": row["name"], "title": row["title"], "movies": movies} | {
        "url": f"/v1/watchlists/{row['name']}"
    }


def find_list(name):
    row = db().execute("SELECT * FROM lists WHERE name = ?", [name]).fetchone()
    return row and show_list(row)


@app.get("/v1/watchlists")
def lists():
    rows = db().execute("SELECT * FROM lists ORDER BY name").fetchall()
    return {"watchlists": [show_list(row) for row in rows]}


@app.get("/v1/watchlists/<name>")
def one_list(name):
    found = find_list(name)
    if found is None:
        raise Refused(404, "No such list.")
    if wants() == LD:
        found["movies"] = [whole(f"/v1/movies/{each}") for each in found["movies"]]
        me = {"@context": CONTEXT, "@id": whole(found.pop("url")), "@type": "ItemList"}
        return answer(me | found, 200, VARY, LD)
    return answer(found, 200, VARY)


@app.route("/v1/watchlists/<name>", methods=["PUT", "PATCH"])
def put_list(name):
    need_key()
    patch = request.method == "PATCH"
    values = body(*PATCH) if patch else body("application/json")
    with turn():
        old = find_list(name)
        if patch and old is None:
            raise Refused(404, "No such list.")
        if patch:
            values = merged({"title": old["title"], "movies": old["movies"]}, values)
        title, movies = values.get("title"), values.get("movies", [])
        wrong = []
        if not re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", name) or len(name) > 64:
            wrong.append("name")
        if not isinstance(title, str) or not title.strip():
            wrong.append("title")
        if (
            not isinstance(movies, list)
            or len(movies) != len({str(x) for x in movies})
            or not all(
                db().execute("SELECT 1 FROM films WHERE id = ?", [x]).fetchone() for x in movies
            )
        ):
            wrong.append("movies")
        if wrong:
            raise Refused(400, "See errors.", errors=[{"field": name} for name in wrong])
        sql = "INSERT OR REPLACE INTO lists VALUES (?, ?, ?)"
        db().execute(sql, [name, title, json.dumps(movies)])
    if old is None:
        return answer(find_list(name), 201, {"Location": f"/v1/watchlists/{name}"})
    return answer(None, 204)


@app.delete("/v1/watchlists/<name>")
def remove_list(name):
    need_key()
    with turn():
        if not db().execute("DELETE FROM lists WHERE name = ?", [name]).rowcount:
            raise Refused(404, "No such list.")
    return answer(None, 204)

"""A right answer in another framework: chapters 1 to 3 with FastAPI and SQLAlchemy's Core."""

import hmac
import os
import re
from contextlib import contextmanager
from typing import Annotated, Literal

from fastapi import Body, Depends, FastAPI, HTTPException, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse
from pydantic import BaseModel, ConfigDict, Field, StrictInt, ValidationError, field_validator
from sqlalchemy import (
    JSON,
    Column,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
    event,
    func,
    insert,
    select,
    update,
)
from sqlalchemy import delete as delete_
from sqlalchemy.exc import IntegrityError
from starlette.exceptions import HTTPException as StarletteHTTPException

KEY = os.environ.get("API_KEY", "secret")
VARY = {"Vary": "Accept, Authorization"}
engine = create_engine(os.environ.get("DATABASE_URL", "sqlite:///fast.db"))
meta = MetaData()
movies = Table(
    "movies",
    meta,
    Column("id", Integer, primary_key=True),
    *(Column(name, String) for name in ("title", "director")),
    *(Column(name, Integer) for name in ("year", "runtime")),
    Column("imdb_id", String, unique=True),
    sqlite_autoincrement=True,
)
lists = Table(
    "lists",
    meta,
    Column("name", String, primary_key=True),
    Column("title", String),
    Column("movies", JSON),
)


@event.listens_for(engine, "connect")
def manual(connection, _record):
    connection.isolation_level = None
    connection.execute("PRAGMA busy_timeout = 10000")


@event.listens_for(engine, "begin")
def immediate(connection):
    connection.exec_driver_sql("BEGIN IMMEDIATE")


meta.create_all(engine)
with engine.begin() as first:
    if not first.scalar(select(func.count()).select_from(movies)):
        rebecca = {"title": "Rebecca", "director": "Alfred Hitchcock", "year": 1940}
        first.execute(insert(movies), [rebecca | {"runtime": 126, "imdb_id": "tt0032976"}])


class Film(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str = Field(min_length=1, max_length=300)
    director: str = Field(min_length=1, max_length=300)
    year: StrictInt = Field(ge=1888, le=2100)
    runtime: StrictInt = Field(ge=1, le=100_000)
    imdb_id: str | None = Field(None, pattern=r"^tt[0-9]{7,8}$")

    @field_validator("title", "director")
    @classmethod
    def not_blank(cls, value):
        if not value.strip():
            raise ValueError("is blank")
        return value


class WatchList(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str = Field(min_length=1)
    movies: list[StrictInt] = []


app = FastAPI(openapi_url=None, redirect_slashes=False)


def problem(status, detail, headers=None, **members):
    body = {"status": status, "title": "Problem", "detail": detail} | members
    kind = "application/problem+json"
    return JSONResponse(body, status, headers=headers, media_type=kind)


@app.exception_handler(StarletteHTTPException)
async def http_error(request, error):
    headers = dict(error.headers or {})
    if error.status_code == 405:
        found = {m for r in app.routes if r.path_regex.match(request.url.path) for m in r.methods}
        headers["Allow"] = ", ".join(sorted(found | {"OPTIONS"}))
    return problem(error.status_code, str(error.detail), headers)


@app.exception_handler(RequestValidationError)
@app.exception_handler(ValidationError)
async def invalid(_request, error):
    told = [{"loc": list(each["loc"]), "msg": each["msg"]} for each in error.errors()]
    return problem(422, "Invalid", errors=told)


@app.exception_handler(IntegrityError)
async def taken(_request, _error):
    return problem(409, "The imdb_id is taken.")


def authorized(request):
    return hmac.compare_digest(request.headers.get("Authorization", ""), f"Bearer {KEY}")


def need_key(request: Request):
    if not authorized(request):
        raise HTTPException(401, "The key, please.", {"WWW-Authenticate": 'Bearer realm="x"'})


def wants(request: Request):
    accept = request.headers.get("Accept", "*/*")
    if "application/ld+json" in accept:
        return "ld"
    if not re.search(r"\*/\*|application/(json|\*)|text/plain", accept):
        raise HTTPException(406, "JSON or JSON-LD.", VARY)
    return "json"


Wants = Annotated[str, Depends(wants)]
Key = [Depends(need_key)]


async def read(request, *kinds):
    kind = request.headers.get("Content-Type", "").partition(";")[0]
    if kind not in kinds:
        headers = {"Accept-Patch": "application/merge-patch+json"}
        raise HTTPException(415, "JSON, please.", headers)
    try:
        value = await request.json()
    except ValueError:
        raise HTTPException(400, "No JSON.") from None
    if not isinstance(value, dict):
        raise HTTPException(400, "No object.")
    return value


def url_of(movie_id):
    return f"/v1/movies/{movie_id}"


def own(values, identity):
    """Take away what the URL says already; refuse what contradicts it."""
    for name, value in identity.items():
        if values.pop(name, value) != value:
            raise RequestValidationError([{"loc": ("body", name), "msg": "other", "type": "x"}])
    return values


def represent(row):
    return dict(row) | {"url": url_of(row["id"])}


def node(request, movie):
    here = f"http://{request.headers['host']}{movie['url']}"
    can = [{"method": m} for m in ("PUT", "PATCH", "DELETE")] if authorized(request) else []
    known = {name: value for name, value in movie.items() if value is not None}
    known["duration"] = f"P0DT{movie['runtime']}M"
    return {"@id": here, "@type": ["https://schema.org/Movie"], "operation": can} | known


def respond(request, kind, movie, status=200, headers=None):
    headers = VARY | (headers or {})
    prefer = request.headers.get("Prefer", "")
    if "minimal" in prefer or (request.method == "DELETE" and "representation" not in prefer):
        return Response(None, 204, headers)
    if kind == "ld":
        body = {"@context": "https://schema.org/"} | node(request, movie)
        return JSONResponse(body, status, headers, "application/ld+json")
    return JSONResponse(movie, status, headers)


def find(connection, movie_id):
    number = int(movie_id) if re.fullmatch("[1-9][0-9]{0,15}", movie_id) else 0
    row = connection.execute(select(movies).where(movies.c.id == number)).mappings().first()
    if row is None:
        raise HTTPException(404, "No such movie.")
    return represent(row)


@contextmanager
def writing():
    with engine.begin() as connection:
        yield connection


@app.api_route("/", methods=["GET", "HEAD"])
def door():
    return {"movies": "/v1/movies", "watchlists": "/v1/watchlists"}


@app.options("/v1/movies")
def options():
    return Response(None, 204, {"Allow": "GET, HEAD, OPTIONS, POST"})


class Search(BaseModel):
    page: int = Field(1, ge=1, le=10**6)
    per_page: int = Field(20, ge=1)
    director: str | None = None
    year: int | None = Field(None, ge=1888, le=2100)
    q: str | None = None
    sort: Literal[
        tuple(m + n for m in ("", "-") for n in ("id", "title", "director", "year", "runtime"))
    ] = "id"
    serialize: bool = True


@app.api_route("/v1/movies", methods=["GET", "HEAD"])
def list_movies(request: Request, search: Annotated[Search, Query()], kind: Wants):
    found = select(movies)
    if search.director:
        found = found.where(movies.c.director == search.director)
    if search.year:
        found = found.where(movies.c.year == search.year)
    if search.q:
        found = found.where(movies.c.title.icontains(search.q, autoescape=True))
    size = min(search.per_page, 100)
    column = movies.c[search.sort.removeprefix("-")]
    order = column.desc() if search.sort.startswith("-") else column
    with engine.begin() as connection:
        total = connection.scalar(select(func.count()).select_from(found.subquery()))
        page = found.order_by(order, movies.c.id).limit(size).offset(size * (search.page - 1))
        rows = [represent(row) for row in connection.execute(page).mappings()]
    last = max(-(-total // size), 1)
    pages = {"first": 1, "last": last, "prev": search.page - 1, "next": search.page + 1}
    url = request.url.include_query_params
    links = [
        f'<{url(page=number)}>; rel="{name}"'
        for name, number in pages.items()
        if 1 <= number <= last
    ]
    headers = {"Link": ", ".join(links)} | VARY
    if not search.serialize:
        return PlainTextResponse("".join(f"{row['title']}\n" for row in rows), headers=headers)
    if kind == "ld":
        whole = str(request.url.remove_query_params(["page", "per_page"]))
        body = {"@context": "https://schema.org/", "@id": whole, "@type": "ItemList"}
        body |= {"totalItems": total, "member": [node(request, row) for row in rows]}
        return JSONResponse(body, 200, headers, "application/ld+json")
    body = {"movies": rows, "page": search.page, "per_page": size, "total": total}
    return JSONResponse(body, headers=headers)


@app.post("/v1/movies", dependencies=Key)
async def create_movie(request: Request):
    film = Film(**await read(request, "application/json"))
    with writing() as connection:
        done = connection.execute(insert(movies).values(film.model_dump()))
        movie = find(connection, str(done.inserted_primary_key[0]))
    return JSONResponse(movie, 201, {"Location": movie["url"]})


@app.api_route("/v1/movies/{movie_id}", methods=["GET", "HEAD"])
def get_movie(movie_id: str, request: Request, kind: Wants, serialize: bool = True):
    with engine.begin() as connection:
        movie = find(connection, movie_id)
    if not serialize:
        return PlainTextResponse(movie["title"])
    return respond(request, kind, movie)


@app.put("/v1/movies/{movie_id}", dependencies=Key)
@app.patch("/v1/movies/{movie_id}", dependencies=Key)
async def change_movie(movie_id: str, request: Request, kind: Wants):
    patch = request.method == "PATCH"
    kinds = ["application/json", *(["application/merge-patch+json"] if patch else [])]
    values = await read(request, *kinds)
    with writing() as connection:
        old = find(connection, movie_id)
        values = own(values, {"id": old["id"], "url": old["url"]})
        if patch:
            before = {name: old[name] for name in Film.model_fields}
            values = {n: v for n, v in (before | values).items() if v is not None}
        film = Film(**values)
        change = update(movies).where(movies.c.id == old["id"]).values(film.model_dump())
        connection.execute(change)
    return respond(request, kind, represent({"id": old["id"]} | film.model_dump()))


@app.delete("/v1/movies/{movie_id}", dependencies=Key)
def delete_movie(movie_id: str, request: Request, kind: Wants):
    with writing() as connection:
        movie = find(connection, movie_id)
        connection.execute(delete_(movies).where(movies.c.id == movie["id"]))
        for row in connection.execute(select(lists)).mappings().all():
            left = [each for each in row["movies"] if each != movie["id"]]
            change = update(lists).where(lists.c.name == row["name"]).values(movies=left)
            connection.execute(change)
    return respond(request, kind, movie)


def find_list(connection, name):
    row = connection.execute(select(lists).where(lists.c.name == name)).mappings().first()
    return row and dict(row) | {"url": f"/v1/watchlists/{name}"}


@app.get("/v1/watchlists")
def list_lists():
    with engine.begin() as connection:
        names = connection.scalars(select(lists.c.name).order_by(lists.c.name)).all()
        return {"watchlists": [find_list(connection, name) for name in names]}


@app.get("/v1/watchlists/{name}")
def get_list(name: str, kind: Wants):
    with engine.begin() as connection:
        found = find_list(connection, name)
    if not found:
        raise HTTPException(404, "No such list.")
    if kind == "ld":
        items = [
            {"@type": "ListItem", "position": position, "item": {"@id": url_of(movie_id)}}
            for position, movie_id in enumerate(found["movies"], 1)
        ]
        body = {"@context": "https://schema.org/", "@id": found["url"], "@type": "ItemList"}
        body |= {"name": found["title"], "itemListElement": items}
        return JSONResponse(body, 200, VARY, "application/ld+json")
    return JSONResponse(found, headers=VARY)


@app.put("/v1/watchlists/{name}", dependencies=Key)
def put_list(name: str, values: Annotated[WatchList, Body()], response: Response):
    if not re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", name) or len(name) > 64:
        raise HTTPException(400, "No name for a list.")
    with writing() as connection:
        known = find_list(connection, name)
        there = select(func.count()).where(movies.c.id.in_(values.movies))
        if connection.scalar(there) != len(values.movies):
            wrong = {"loc": ("body", "movies"), "msg": "not there, or twice", "type": "x"}
            raise RequestValidationError([wrong])
        connection.execute(delete_(lists).where(lists.c.name == name))
        connection.execute(insert(lists).values(name=name, **values.model_dump()))
        response.status_code = 200 if known else 201
        return find_list(connection, name)


@app.patch("/v1/watchlists/{name}", dependencies=Key)
async def patch_list(name: str, request: Request):
    values = await read(request, "application/json", "application/merge-patch+json")
    with writing() as connection:
        known = find_list(connection, name)
        if not known:
            raise HTTPException(404, "No such list.")
        new = {"title": known["title"], "movies": known["movies"]} | values
        body = WatchList(**{n: v for n, v in new.items() if v is not None})
        connection.execute(update(lists).where(lists.c.name == name).values(body.model_dump()))
        return find_list(connection, name)


@app.delete("/v1/watchlists/{name}", dependencies=Key, status_code=204)
def delete_list(name: str):
    with writing() as connection:
        if not connection.execute(delete_(lists).where(lists.c.name == name)).rowcount:
            raise HTTPException(404, "No such list.")

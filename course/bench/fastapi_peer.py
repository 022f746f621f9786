"""The second peer: version 1 of the API in FastAPI, with the same care for its database.

WAL with `synchronous = NORMAL`, nothing read again after a commit, no COUNT where the page tells
the total, pages by cursor in version 2, and an ETag that is the movie's version, compared before
the movie is loaded. Requests are counted in the process. It leaves out what plain.py leaves out.
Its views are coroutines that ask SQLite directly: with one worker that is faster than the threads
that FastAPI gives to plain functions, and SQLite has one writer at a time anyway.
"""

import base64
import json
import math
import os
import time
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import HTTPBasic, HTTPBasicCredentials
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy import create_engine, event, func, select, tuple_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.orm.exc import StaleDataError
from starlette.exceptions import HTTPException as StarletteHTTPException
from werkzeug.security import check_password_hash

SORTS = ("id", "title", "director", "year", "runtime")
WINDOW = timedelta(hours=1).total_seconds()
PER_PAGE = 20
router = APIRouter()
windows = {}  # address -> [how often it has asked, until when that counts]


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "user"

    name: Mapped[str] = mapped_column(primary_key=True)
    password_hash: Mapped[str]
    is_editor: Mapped[bool]


class Movie(Base):
    __tablename__ = "movie"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    director: Mapped[str] = mapped_column(index=True)
    year: Mapped[int] = mapped_column(index=True)
    runtime: Mapped[int]
    imdb_id: Mapped[str | None] = mapped_column(unique=True)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


class MovieIn(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    title: Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=r"\S")]
    director: Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=r"\S")]
    year: Annotated[int, Field(ge=1888, le=2100)]
    runtime: Annotated[int, Field(ge=1, le=100_000)]
    imdb_id: Annotated[str, StringConstraints(pattern="^tt[0-9]{7,8}$")] | None = None


def create_app():
    @asynccontextmanager
    async def lifespan(app):
        app.state.engine = create_engine(os.environ["DATABASE_URL"])
        event.listen(app.state.engine, "connect", open_like_a_server)
        yield
        app.state.engine.dispose()

    app = FastAPI(lifespan=lifespan)
    app.include_router(router)
    app.add_middleware(RateLimit, amount=int(os.environ["RATE_LIMIT"].split()[0]))
    app.add_exception_handler(StarletteHTTPException, problem)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(IntegrityError, taken)
    app.add_exception_handler(StaleDataError, overtaken)
    return app


def open_like_a_server(connection, _record):
    connection.execute("PRAGMA busy_timeout = 30000")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")


class RateLimit:
    """Counts requests in fixed windows, and tells each client what is left."""

    def __init__(self, app, amount):
        self.app = app
        self.amount = amount

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        now = time.time()
        window = windows.get(scope["client"][0])
        if window is None or window[1] <= now:
            window = windows[scope["client"][0]] = [0, now + WINDOW]
        window[0] += 1
        left, seconds = max(self.amount - window[0], 0), math.ceil(window[1] - now)
        if window[0] > self.amount:
            too_many = JSONResponse({"status": 429}, 429, {"Retry-After": str(seconds)})
            await too_many(scope, receive, send)
            return

        async def send_with_limits(message):
            if message["type"] == "http.response.start":
                message["headers"].append(
                    (b"ratelimit", f'"requests";r={left};t={seconds}'.encode())
                )
            await send(message)

        await self.app(scope, receive, send_with_limits)


async def database(request: Request):
    with Session(request.app.state.engine, expire_on_commit=False) as session:
        yield session


Database = Annotated[Session, Depends(database)]
Credentials = Annotated[HTTPBasicCredentials | None, Depends(HTTPBasic(auto_error=False))]


async def editor(credentials: Credentials, session: Database):
    user = credentials and session.get(User, credentials.username)
    if not user or not check_password_hash(user.password_hash, credentials.password):
        raise HTTPException(401, headers={"WWW-Authenticate": 'Basic realm="cinema"'})
    if not user.is_editor:
        raise HTTPException(403)


async def problem(_request, error):
    body = {"status": error.status_code, "detail": error.detail}
    return JSONResponse(body, error.status_code, error.headers, "application/problem+json")


async def invalid(request, error):
    return await problem(request, HTTPException(400, [reason["msg"] for reason in error.errors()]))


async def taken(request, _error):
    return await problem(request, HTTPException(409))


async def overtaken(request, _error):
    return await problem(request, HTTPException(412))


def to_dict(movie, version="v1"):
    return {
        "id": movie.id,
        "title": movie.title,
        "director": movie.director,
        "year": movie.year,
        "runtime": movie.runtime,
        "imdb_id": movie.imdb_id,
        "url": f"/{version}/movies/{movie.id}",
    }


class Search(BaseModel):
    director: str | None = None
    year: int | None = None
    q: str | None = None
    sort: str = Field("id", pattern=f"^-?({'|'.join(SORTS)})$")
    per_page: int = Field(PER_PAGE, ge=1)
    page: int = Field(1, ge=1)
    cursor: str | None = None

    def movies(self):
        statement = select(Movie)
        if self.director:
            statement = statement.where(Movie.director == self.director)
        if self.year:
            statement = statement.where(Movie.year == self.year)
        if self.q:
            statement = statement.where(Movie.title.icontains(self.q, autoescape=True))
        return statement

    @property
    def column(self):
        return getattr(Movie, self.sort.removeprefix("-"))

    def in_order(self, statement):
        column = self.column.desc() if self.sort.startswith("-") else self.column
        return statement.order_by(column, Movie.id)


@router.get("/v1/movies")
async def list_movies(request: Request, search: Annotated[Search, Query()], session: Database):
    size = min(search.per_page, 100)
    offset = (search.page - 1) * size
    movies = session.scalars(search.in_order(search.movies()).limit(size).offset(offset)).all()
    if len(movies) < size and (movies or search.page == 1):
        total = offset + len(movies)
    else:
        total = session.scalar(select(func.count()).select_from(search.movies().subquery()))
    body = {
        "movies": [to_dict(movie) for movie in movies],
        "page": search.page,
        "per_page": size,
        "total": total,
    }
    last = max(math.ceil(total / size), 1)
    pages = {"first": 1, "last": last}
    if search.page > 1:
        pages["prev"] = min(search.page - 1, last)
    if search.page < last:
        pages["next"] = search.page + 1
    return JSONResponse(body, headers={"Link": links(request, "page", pages)})


def links(request, name, places):
    asked = dict(request.query_params)
    urls = {rel: urlencode(asked | {name: place}) for rel, place in places.items()}
    return ", ".join(f'<{request.url.path}?{query}>; rel="{rel}"' for rel, query in urls.items())


@router.get("/v2/movies")
async def list_movies_from(request: Request, search: Annotated[Search, Query()], session: Database):
    size = min(search.per_page, 100)
    statement, column = search.movies(), search.column
    if search.cursor:
        value, key = json.loads(base64.urlsafe_b64decode(search.cursor))
        statement = statement.where(tuple_(column, Movie.id) > (value, key))
    movies = session.scalars(statement.order_by(column, Movie.id).limit(size + 1)).all()
    shown, places = movies[:size], {}
    if len(movies) > size:
        place = json.dumps([getattr(shown[-1], column.key), shown[-1].id]).encode()
        places["next"] = base64.urlsafe_b64encode(place).decode()
    body = {
        "movies": [to_dict(movie, "v2") for movie in shown],
        "per_page": size,
        "next_cursor": places.get("next"),
    }
    return JSONResponse(body, headers={"Link": links(request, "cursor", places)})


@router.get("/v1/movies/{movie_id}")
async def get_movie(movie_id: int, request: Request, session: Database):
    version = session.scalar(select(Movie.version).where(Movie.id == movie_id))
    if version is None:
        raise HTTPException(404)
    etag = f'"{version}"'
    if request.headers.get("If-None-Match") == etag:
        return Response(status_code=304, headers={"ETag": etag})
    return JSONResponse(to_dict(session.get(Movie, movie_id)), headers={"ETag": etag})


@router.post("/v1/movies", dependencies=[Depends(editor)])
async def create_movie(values: MovieIn, session: Database):
    movie = Movie(**values.model_dump())
    session.add(movie)
    session.commit()
    body = to_dict(movie)
    return JSONResponse(body, 201, {"Location": body["url"], "ETag": f'"{movie.version}"'})


@router.put("/v1/movies/{movie_id}", dependencies=[Depends(editor)])
async def replace_movie(movie_id: int, values: MovieIn, request: Request, session: Database):
    movie = find_for_change(movie_id, request, session)
    for name, value in values.model_dump().items():
        setattr(movie, name, value)
    session.commit()
    return JSONResponse(to_dict(movie))


@router.delete("/v1/movies/{movie_id}", dependencies=[Depends(editor)])
async def delete_movie(movie_id: int, request: Request, session: Database):
    session.delete(find_for_change(movie_id, request, session))
    session.commit()
    return Response(status_code=204)


def find_for_change(movie_id, request, session):
    movie = session.get(Movie, movie_id)
    if movie is None:
        raise HTTPException(404)
    if request.headers.get("If-Match", f'"{movie.version}"') != f'"{movie.version}"':
        raise HTTPException(412)
    return movie

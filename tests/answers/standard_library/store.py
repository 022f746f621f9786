"""What is kept: two tables of SQLite, each row a JSON document; and the users, with their roles."""

import hashlib
import json
import os
import re
import secrets
import sqlite3
from contextlib import closing, contextmanager

FILE = os.environ.get("DATABASE_URL", "sqlite:///cinema.db").removeprefix("sqlite:///")
NUMBERS = {"year": (1888, 2100), "runtime": (1, 100_000)}
TEXTS = ("title", "director")
MEMBERS = (*TEXTS, *NUMBERS, "imdb_id")
SALT = secrets.token_bytes(16)


def hashed(password):
    return hashlib.scrypt(password.encode(), salt=SALT, n=256, r=8, p=1)


PASSWORD = hashed(os.environ.get("CINEMA_PASSWORD") or secrets.token_hex())
USERS = {"alice": {"movies", "watchlists"}, "bob": {"watchlists"}}  # what each may write


def knows(name, password):
    return secrets.compare_digest(hashed(password), PASSWORD) and name in USERS


class TakenError(Exception):
    pass


@contextmanager
def transaction(kind="DEFERRED"):
    with closing(sqlite3.connect(FILE, timeout=10, isolation_level=None)) as database:
        database.execute(f"BEGIN {kind}")
        try:
            yield database
        except BaseException:
            database.execute("ROLLBACK")
            raise
        database.execute("COMMIT")


def writing():
    return transaction("IMMEDIATE")


with writing() as first:
    first.execute(
        "CREATE TABLE IF NOT EXISTS movies (number INTEGER PRIMARY KEY AUTOINCREMENT,"
        " title TEXT, director TEXT, year INTEGER, runtime INTEGER, imdb_id TEXT UNIQUE)"
    )
    first.execute("CREATE TABLE IF NOT EXISTS lists (name TEXT PRIMARY KEY, told TEXT, owner TEXT)")
    if not first.execute("SELECT 1 FROM movies").fetchone():
        seed = ("Rebecca", "Alfred Hitchcock", 1940, 130, None)
        first.execute("INSERT INTO movies VALUES (1, ?, ?, ?, ?, ?)", seed)


def movie_of(row):
    return {"id": f"m{row[0]}", "imdb_id": row[5], **dict(zip(MEMBERS, row[1:], strict=True))}


def find(database, key):
    number = int(key[1:]) if re.fullmatch("m[1-9][0-9]{0,15}", key) else 0
    row = database.execute("SELECT * FROM movies WHERE number = ?", [number]).fetchone()
    return movie_of(row) if row else None


def search(database, arguments):
    """Return the movies of a page, and the number of all that were found."""
    wheres, values = ["1"], []
    for name, test in (
        ("director", "director = ?"),
        ("year", "year = ?"),
        ("q", "instr(lower(title), lower(?))"),
    ):
        if arguments.get(name) is not None:
            wheres.append(test)
            values.append(arguments[name])
    where = " AND ".join(wheres)
    sort = arguments["sort"].removeprefix("-").replace("id", "number")
    way = "DESC" if arguments["sort"].startswith("-") else "ASC"
    size, page = arguments["per_page"], arguments["page"]
    counting = f"SELECT count(*) FROM movies WHERE {where}"  # noqa: S608
    total = database.execute(counting, values).fetchone()[0]
    query = f"SELECT * FROM movies WHERE {where} ORDER BY {sort} {way}, number {way}"  # noqa: S608
    rows = database.execute(f"{query} LIMIT ? OFFSET ?", [*values, size, size * (page - 1)])
    return [movie_of(row) for row in rows], total


def keep(database, movie, key=None):
    """Insert a movie, or put it in the place of another; raise TakenError for its imdb_id."""
    number = int(key[1:]) if key else None
    values = [movie[name] for name in MEMBERS]
    try:
        if key is None:
            number = database.execute(
                "INSERT INTO movies (title, director, year, runtime, imdb_id) VALUES (?,?,?,?,?)",
                values,
            ).lastrowid
        else:
            names = ", ".join(f"{name} = ?" for name in MEMBERS)
            change = f"UPDATE movies SET {names} WHERE number = ?"  # noqa: S608
            database.execute(change, [*values, number])
    except sqlite3.IntegrityError:
        raise TakenError from None
    return find(database, f"m{number}")


def remove(database, key):
    database.execute("DELETE FROM movies WHERE number = ?", [int(key[1:])])
    for found in lists(database):
        if key in found["movies"]:
            found["movies"].remove(key)
            keep_list(database, found)


def list_of(row):
    return {"name": row[0], "owner": row[2], **json.loads(row[1])}


def lists(database):
    return [list_of(row) for row in database.execute("SELECT * FROM lists ORDER BY name")]


def find_list(database, name):
    row = database.execute("SELECT * FROM lists WHERE name = ?", [name]).fetchone()
    return list_of(row) if row else None


def keep_list(database, found):
    told = json.dumps({"title": found["title"], "movies": found["movies"]})
    row = [found["name"], told, found["owner"]]
    database.execute("INSERT OR REPLACE INTO lists VALUES (?, ?, ?)", row)


def remove_list(database, name):
    database.execute("DELETE FROM lists WHERE name = ?", [name])


# -- what is valid -------------------------------------------------------------------------------


def is_text(value):
    try:
        good = isinstance(value, str) and 0 < len(value.strip()) <= len(value) <= 300
        return good and "\0" not in value and bool(value.encode())
    except UnicodeEncodeError:
        return False


def whole(value):
    is_whole = isinstance(value, float) and value.is_integer()
    return int(value) if is_whole else value


def checked(values, identity=()):
    """Return a movie, and what is wrong with it: a dictionary of reasons."""
    values, wrong, identity = dict(values), {}, dict(identity)
    for name in set(values) - set(MEMBERS):
        if values.pop(name) != identity.get(name, ...):
            wrong[name] = "cannot be set"
    movie = {name: whole(values.get(name)) for name in MEMBERS}
    for name in TEXTS:
        if not is_text(movie[name]):
            wrong[name] = "is a text"
    for name, (least, most) in NUMBERS.items():
        if type(movie[name]) is not int or not least <= movie[name] <= most:
            wrong[name] = f"is a whole number from {least} to {most}"
    told = movie["imdb_id"]
    if told is not None and not re.fullmatch("tt[0-9]{7,8}", str(told)):
        wrong["imdb_id"] = "is tt and seven or eight digits"
    return movie, wrong


def checked_list(database, values, name, identity=()):
    wrong, identity = {}, dict(identity)
    for other in set(values) - {"title", "movies"}:
        if values[other] != identity.get(other, ...):
            wrong[other] = "cannot be set"
    found = {"name": name, "title": values.get("title"), "movies": values.get("movies", [])}
    if not re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", name) or len(name) > 64:
        wrong["name"] = "is small letters, digits and hyphens"
    if not is_text(found["title"]):
        wrong["title"] = "is a text"
    if not is_list_of_movies(database, found["movies"]):
        wrong["movies"] = "is a list of movies, each of them once"
    return found, wrong


def is_list_of_movies(database, keys):
    good = isinstance(keys, list) and all(isinstance(key, str) for key in keys)
    return good and len(set(keys)) == len(keys) and all(find(database, key) for key in keys)

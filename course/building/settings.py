"""How a learner's API is started: as check.toml in its folder says, or as Flask finds it."""

import shlex
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from course.errors import CourseError

FILE = "check.toml"
NAMES = ("cinema", "app", "main", "wsgi")  # of a module or package with a Flask application
EXAMPLE = 'start = ["node", "server.js", "{port}"]'
KNOWN = {"start": (str, list), "url": str, "env": dict, "key": str, "alice": str, "bob": str}


class NothingToCheck(CourseError):
    """There is no API to ask; the text says why, and what to do next."""


@dataclass
class Settings:
    """What check.toml says.

    `start` is a command, `{port}` in it the port to listen on; `url` is where an API answers that
    runs already. `key`, and the passwords of `alice` and `bob`, are for an API that has its own;
    otherwise it finds them in its environment: API_KEY, CINEMA_PASSWORD. `env` adds to that.
    """

    start: str | list | None = None
    url: str | None = None
    env: dict = field(default_factory=dict)
    key: str | None = None
    alice: str | None = None
    bob: str | None = None


def read(folder):
    file = folder / FILE
    if not file.exists():
        return Settings()
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise NothingToCheck(f"{file} is no TOML: {error}. An example: {EXAMPLE}") from None
    for name, value in told.items():
        if name not in KNOWN:
            raise NothingToCheck(f"{file} has {name}; what it may have: {', '.join(KNOWN)}.")
        if not isinstance(value, KNOWN[name]):
            raise NothingToCheck(f"{file}: the value of {name} is of another type. {EXAMPLE}")
    return Settings(**told)


def words_of(start):
    """Return a start command as a list of words."""
    if isinstance(start, list):
        return [str(word) for word in start]
    try:
        return shlex.split(start.replace("\\", "\\\\"))
    except ValueError as error:
        raise NothingToCheck(f"start in {FILE} can't be read: {error}. {EXAMPLE}") from None


def flask_app(folder):
    """Return the name under which Flask finds the application in a folder."""
    for name in NAMES:
        if (folder / name / "__init__.py").exists() or (folder / f"{name}.py").exists():
            return name
    there = ", ".join(sorted(path.name for path in Path(folder).iterdir())[:8]) or "nothing"
    raise NothingToCheck(
        f"There is no {', '.join(f'{name}.py' for name in NAMES)} in {folder} (there is: {there}). "
        f"If your API starts in another way, say how in {folder / FILE}: {EXAMPLE}"
    )

"""The learner's own folder: made from the end of a chapter, and never overwritten."""

import hashlib
from pathlib import Path

from course.building import progress, settings
from course.errors import CourseError
from course.spine import ROOT, Chapter, chapters, find_chapter
from course.terminal import COURSE

MINE = ROOT / "mine"
LAST = 5  # chapter 6 is about tests: there, the laboratory checks
GIVEN = {  # chapter -> what its lesson gives: code that nobody types
    2: ("cinema/http", "cinema/data/movies.json", "cinema/data/seed.py"),
    3: ("cinema/http",),
    4: (
        "cinema/http",
        "cinema/data/kept_secrets.py",
        "cinema/data/seed.py",
        "cinema/users/failed_logins.py",
        "cinema/users/authentication/signed_request.py",
        "cinema/users/authentication/oauth.py",
        "cinema/users/authentication/oauth_keys.py",
        "cinema/api/account/signing_key.py",
        "authorization_server",
    ),
    5: ("cinema/http", "cinema/users/common_passwords.txt", "cinema/api/openapi.yaml"),
}
LEFT_OUT = {"tests", "instance", "__pycache__", "README.md", "SECURITY.md", "lessons", "your_suite"}
NEARLY_NOTHING = '''"""My API."""

from flask import Flask

app = Flask(__name__)


@app.get("/")
def say_hello():
    return {"hello": "world"}
'''
TOML = """# How `check` starts your API. If this says nothing: as Flask does, from cinema.py.
# start = ["node", "server.js", "{port}"]    # {port}: where it must listen
# url = "http://127.0.0.1:5001"              # or: it runs already, there
# key = "KEY"                                # and takes this key
# An API that `check` starts finds in its environment: PORT, DATABASE_URL, API_KEY, CINEMA_PASSWORD.
"""


class Mine(Chapter):
    """A learner's own folder, as if it were a chapter: the one that was begun last."""

    def __str__(self):
        return f"{self.number} · {self.title} (your own, in {shown(self.folder)}/)"

    @property
    def number(self):
        return progress.read(self.folder).get("begun") or 1

    @property
    def lesson(self):
        return find_chapter(self.number).lesson

    @property
    def has_tls(self):
        """TLS is spoken as soon as the factory has the command that makes certificates."""
        factory = self.folder / "cinema" / "__init__.py"
        code = factory.read_text(encoding="utf-8") if factory.exists() else ""
        return super().has_tls and "certificates.init_app" in code

    @property
    def companions(self):
        """Leave out what waits for its lesson: the settings do not name its URL yet."""
        config = self.folder / "cinema" / "config.py"
        settings = config.read_text(encoding="utf-8") if config.exists() else ""
        return [app for app in super().companions if f"{app.upper()}_URL" in settings]

    @property
    def requests_to_try(self):
        """Return those of the chapter, with the files of this folder."""
        chapter = find_chapter(self.number).folder.name
        has_v2 = (self.folder / "cinema" / "api" / "versions.py").exists()
        return [
            request.replace(f"{chapter}/", f"{self.folder.name}/")
            for request in super().requests_to_try
            if has_v2 or "/v2/" not in request
        ]


def find_mine(name):
    """Return the learner's folder of this name, or None: such a name begins with `mine`."""
    folder = ROOT / str(name).rstrip("/\\")
    if not folder.name.startswith("mine") or folder.parent != ROOT:
        return None
    if not folder.is_dir():
        raise CourseError(f"There is no {folder.name}/ yet. Type: {COURSE} begin 1")
    if settings.read(folder).start:
        raise CourseError(
            f"Your API starts as {folder.name}/{settings.FILE} says: type that command. "
            "`run` is for one that starts as Flask's do."
        )
    if not (folder / "cinema.py").exists() and not (folder / "cinema" / "__init__.py").exists():
        raise CourseError(
            f"There is neither cinema.py nor cinema/__init__.py in {folder.name}/. Start your API "
            f"in its own way, and say in {folder.name}/check.toml how."
        )
    return Mine(folder)


def begin(number, folder=MINE):
    """Make the folder for a chapter, or add what it gives; yield what was done.

    A file that is there is left as it is, unless it is one that we gave and nobody has changed.
    """
    noted = progress.read(folder)
    begun = noted.get("begun", 0)
    if begun >= number:
        yield f"You have begun chapter {begun} in {shown(folder)}/ already; nothing was changed."
        return
    started_here = noted.get("beginning")
    empty = not folder.exists() or not any(folder.iterdir())
    if begun and begun < number - 1:
        raise CourseError(
            f"{shown(folder)}/ is at chapter {begun}. To continue with {number} from our code, "
            f"name another folder: {COURSE} begin {number} --folder mine{number}"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        note(folder, beginning=number)
        ours = noted.get("given", {})
        if empty or started_here == number:
            start = start_of(number)
            yield from take(start, folder)
            ours = {name: digest(content) for name, content in start.items()}
        given = dict(files_given(number))
        yield from take(given, folder, ours)
        hashes = ours | {
            name: digest(content)
            for name, content in given.items()
            if (folder / name).read_bytes() == content
        }
        note(folder, begun=number, beginning=None, given=hashes)
    except OSError as error:
        raise CourseError(
            f"{shown(folder)}/ could not be made: {error}. When that is solved, type the same "
            "command again: it continues where it stopped."
        ) from None


def start_of(number):
    """Return the files with which a chapter begins: those at the end of the one before."""
    if number == 1:
        return {"cinema.py": NEARLY_NOTHING.encode(), "check.toml": TOML.encode()}
    before = find_chapter(number - 1).folder
    return dict(files_in(before, before)) | {"check.toml": TOML.encode()}


def files_given(number):
    chapter = find_chapter(number).folder
    for name in GIVEN.get(number, ()):
        path = chapter / name
        if path.is_dir():
            yield from files_in(path, chapter)
        else:
            yield name, path.read_bytes()


def files_in(folder, chapter):
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(chapter).parts
        hidden = any(part in LEFT_OUT or part.startswith(".") for part in parts)
        if path.is_file() and not hidden and path.suffix != ".pyc":
            yield "/".join(parts), path.read_bytes()


def take(files, folder, given_before=None):
    """Write the files that are missing, or that are ours and unchanged; yield what was done."""
    added, renewed, kept = [], [], []
    for name, content in files.items():
        path = folder / name
        if not path.exists():
            write(path, content)
            added.append(name)
        elif path.read_bytes() == content:
            continue
        elif digest(path.read_bytes()) == (given_before or {}).get(name):
            write(path, content)
            renewed.append(name)
        else:
            kept.append(name)
    for files_done, what in ((added, "added"), (renewed, "brought up to date")):
        if files_done:
            yield f"{shown(folder)}/: {what}: {short(files_done)}"
    for name in kept:
        yield f"{shown(folder)}/{name} is yours and stays as it is; the course has another."


def write(path, content):
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.new")
    draft.write_bytes(content)
    draft.replace(path)


def note(folder, **news):
    progress.write(folder, progress.read(folder) | news)


def digest(content):
    return hashlib.sha256(content).hexdigest()


def short(names):
    if len(names) < 6:
        return ", ".join(names)
    return f"{', '.join(names[:4])} and {len(names) - 4} more files"


def shown(folder):
    folder = Path(folder).absolute()
    return folder.relative_to(ROOT).as_posix() if folder.is_relative_to(ROOT) else str(folder)


def naming(folder):
    """Return what a command that is typed needs to mean this folder: nothing for `mine`."""
    name = shown(Path(folder).resolve())
    quoted = f'"{name}"' if " " in name else name
    return "" if name == shown(MINE) else f" --folder {quoted}"


def chapters_to_build():
    return [chapter for chapter in chapters() if chapter.number <= LAST]

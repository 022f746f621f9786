"""The spine: chapters and their sections, as the folders and the READMEs tell them."""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from course.errors import CourseError

ROOT = Path(__file__).resolve().parent.parent
BETWEEN_APPS = 100  # from the port of a chapter's API to that of the app beside it
PLAIN = "plain HTTP"  # no app: the second port of an API that is served over TLS

CHAPTER_HEADING = re.compile(r"^# \d+ · (?P<title>.+)$", re.MULTILINE)
SECTION_HEADING = re.compile(
    r"^## (?P<label>\d\.\w\d?) (?P<title>.+)\n+"
    r"\*(?P<minutes>\d+) minutes(?P<links>.*)\*$",
    re.MULTILINE,
)
FILES_HEADING = "\n## Files\n"
FILE_OF_SECTIONS = re.compile(
    r"^\| `(?P<file>[^`]+)` \| \w+ \| (?P<sections>\d\.\w\d?(?:, \d\.\w\d?)*): ", re.MULTILINE
)
SECTION_ID = re.compile(r"\d\.?[a-z\d]\d?", re.IGNORECASE)
LINK = re.compile(r"\]\((?P<target>[^)]+)\)")
CONSOLE_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FACTORY = re.compile(r"^def create_app\(", re.MULTILINE)
CURL_COMMAND = re.compile(r"^\$ (curl (?:.*\\\n)*.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Section:
    """A unit of the course, such as 2a: a lesson, a notebook and a suite of tests.

    A long section is split into parts, each of which is such a unit: 4a1, 4a2 ...
    """

    id: str
    title: str
    minutes: int
    files: list[Path]  # what the line under the heading links to

    @property
    def label(self):
        """Return the id as lessons write it: 2.a, 4.a1"""
        return f"{self.id[0]}.{self.id[1:]}"

    @property
    def pages(self):
        """Return the pages of its lesson; none if the lesson stands in the chapter's README."""
        return [file for file in self.files if file.suffix == ".md"]

    @property
    def notebook(self):
        return next((file for file in self.files if file.suffix == ".ipynb"), None)

    @property
    def tests(self):
        return next((file for file in self.files if file.suffix == ".py"), None)

    @property
    def suites(self):
        """Return all suites of the section: the one that the lesson leads to, and its others."""
        return find_chapter(self.id[0]).suites_of(self)


@dataclass(frozen=True)
class Chapter:
    """A folder with a lesson (README.md), an API called `cinema`, and its tests."""

    folder: Path

    def __str__(self):
        return f"{self.number} · {self.title}"

    @property
    def number(self):
        return int(self.folder.name[:2])

    @property
    def names(self):
        """Return what it may be called: 3, 03, 03_update_delete."""
        return str(self.number), self.folder.name[:2], self.folder.name

    @property
    def preferred_port(self):
        return 8000 + self.number

    @property
    def preferred_ports(self):
        """Return the port that each listener prefers: first the API, then those beside it."""
        return {
            name: self.preferred_port + i * BETWEEN_APPS for i, name in enumerate(self.listeners)
        }

    @property
    def companions(self):
        """Return the names of the apps that belong beside its API, such as authorization_server."""
        packages = sorted(self.folder.glob("*/__init__.py"))
        factories = [file for file in packages if FACTORY.search(file.read_text(encoding="utf-8"))]
        names = [file.parent.name for file in factories]
        return [name for name in names if name not in ("cinema", "fast")]  # fast is the same API

    @property
    def apps(self):
        return ["cinema", *self.companions]

    @property
    def apps_as_started(self):
        """Return its apps in the order in which they need each other: first what the API asks."""
        return sorted(self.apps, key=lambda app: not is_service(app))

    @property
    def listeners(self):
        """Return what needs a port: its apps, and its API's plain HTTP if it is served over TLS."""
        return [*self.apps, *([PLAIN] if self.has_tls else [])]

    @property
    def has_tls(self):
        return (self.folder / "cinema" / "http" / "tls" / "certificates.py").exists()

    @property
    def instance(self):
        """Return the folder of what its first start makes, such as secrets and certificates."""
        return self.folder / "instance"

    @property
    def authority(self):
        """Return the file of the certificate authority to trust."""
        return self.instance / "ca.pem"

    def is_secure(self, listener):
        """Tell whether TLS is spoken there; a service is asked by us only, inside this machine."""
        return self.has_tls and listener != PLAIN and not is_service(listener)

    @property
    def groups(self):
        """Return the groups of requirements that it needs beside the core."""
        groups = {"extending": 4, "securing": 5, "testing": 6}
        return [group for group, first in groups.items() if self.number >= first]

    @property
    def has_gateway(self):
        return (self.folder / "nginx.conf").exists()

    @property
    def in_earnest(self):
        """Tell whether it has a production mode, and keeps nothing that matters in files."""
        return (self.folder / "cinema" / "production.py").exists()

    @property
    def has_database(self):
        return (self.folder / "cinema").is_dir()  # a package from when there is state to keep

    @cached_property
    def lesson(self):
        return (self.folder / "README.md").read_text(encoding="utf-8")

    @property
    def title(self):
        heading = CHAPTER_HEADING.search(self.lesson)
        return heading["title"] if heading else self.folder.name

    @cached_property
    def sections(self):
        return [
            Section(
                id=heading["label"].replace(".", ""),
                title=heading["title"],
                minutes=int(heading["minutes"]),
                files=[
                    (self.folder / link["target"]).resolve()
                    for link in LINK.finditer(heading["links"])
                ],
            )
            for heading in SECTION_HEADING.finditer(self.lesson)
        ]

    def text_of(self, section):
        """Return the lesson of a section: its pages, or its part of the README."""
        if section.pages:
            return "\n".join(page.read_text(encoding="utf-8") for page in section.pages)
        start = self.lesson.index(f"\n## {section.label} ") + 1
        end = self.lesson.find("\n## ", start)
        return self.lesson[start : end if end > 0 else None]

    def files_of(self, sections):
        """Return the paths of the files that the lesson's table calls those of these sections."""
        labels = {section.label for section in sections}
        rows = FILE_OF_SECTIONS.finditer(self.lesson.partition(FILES_HEADING)[2])
        return {Path(row["file"]) for row in rows if labels & set(row["sections"].split(", "))}

    def suites_of(self, section):
        """Return its suites of a section, which may be an earlier chapter's: carried copies."""
        return sorted((self.folder / "tests").glob(f"test_{section.id}_*.py"))

    @property
    def requests_to_try(self):
        """Return the lesson's `curl` commands that speak to the chapter's own server."""
        commands = CURL_COMMAND.findall("\n".join(CONSOLE_BLOCK.findall(self.lesson)))
        return [command for command in commands if f":{self.preferred_port}/" in command]


def is_service(app):
    """Tell whether an app answers the API, which can't start without it, and nobody else."""
    return app.endswith("_service")


def chapters():
    return [Chapter(lesson.parent) for lesson in sorted(ROOT.glob("[0-9][0-9]_*/README.md"))]


def find_chapter(name):
    """Find a chapter by any of its names: 3, 03, 03_update_delete, 03_update_delete/."""
    name = str(name).rstrip("/\\")
    for chapter in chapters():
        if name in chapter.names:
            return chapter
    there_is = ", ".join(f"{chapter.number} ({chapter.folder.name})" for chapter in chapters())
    raise CourseError(f"There is no chapter {name!r}. There is: {there_is}.")


def is_chapter(name):
    return any(name.rstrip("/\\") in chapter.names for chapter in chapters())


def is_section_id(name):
    return SECTION_ID.fullmatch(name) is not None


def find_section(name):
    """Find a section, or a part of one, by its id: 2a, 2A, 2.a, 4a1, 6.1."""
    found = find_sections(name)
    if len(found) > 1:
        parts = ", ".join(f"{part.label} ({part.title})" for part in found)
        raise CourseError(f"Section {name} has parts. Name one of them: {parts}.")
    return found[0]


def find_sections(name):
    """Find a section by its id; or all its parts, if it has some: 4a1, 4a2 ... for 4a."""
    wanted = name.replace(".", "").lower()
    sections = [section for chapter in chapters() for section in chapter.sections]
    found = [section for section in sections if section.id == wanted]
    found = found or [section for section in sections if is_part(section.id, wanted)]
    if not found:
        there_is = ", ".join(section.label for section in sections)
        raise CourseError(f"There is no section {name!r}. There is: {there_is}.")
    return found


def written(section_id):
    """Return an id as lessons write it in commands: 2a, but 6.1, which is no sixty-one."""
    return f"{section_id[0]}.{section_id[1:]}" if section_id.isdigit() else section_id


def is_part(section_id, whole):
    """Tell whether an id is that of a part, as 4a1 is of 4a."""
    return is_section_id(whole) and section_id[:-1] == whole

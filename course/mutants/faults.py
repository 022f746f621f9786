"""The faults: each is a small replacement in one of a chapter's files.

They stand in chapter 6's faults.toml. Most of them can be made in earlier chapters as well; where
the code is another one there, earlier.toml has it.
"""

import difflib
import tomllib
from contextlib import contextmanager
from dataclasses import MISSING, dataclass, field, fields, replace
from pathlib import Path

from course.errors import CourseError
from course.spine import find_chapter
from course.terminal import COURSE

EARLIER = Path(__file__).with_name("earlier.toml")
LAST = 6

chosen = [LAST]


@dataclass(frozen=True, eq=False)
class Fault:
    """One way to break the API: where, how, and what a learner is told of it, sooner or later."""

    name: str
    section: str  # whose tests should catch it: 6.3
    question: str  # what a test would ask; it gives nothing away
    file: str  # in the chapter
    old: str
    new: str
    explanation: str
    breaks: str  # the standard that it breaks, by document and section
    hint: str
    wire: list  # requests that are answered otherwise, for tests/test_mutants.py
    app: str = "cinema"  # whom they ask
    settings: dict = field(default_factory=dict)  # with which it is asked
    since: int = 1  # the first chapter in which a client can tell

    def applied_to(self, source):
        """Return the source of its file with the fault in it."""
        found = source.count(self.old)
        if found != 1:
            file = f"{the_chapter().folder.name}/{self.file}"
            raise CourseError(
                f"{file} is not as the laboratory knows it ({self.name} fits {found} times, not "
                f"once). Put it back: git checkout {file} (or mend `old`, if the fault is yours)"
            )
        broken = source.replace(self.old, self.new)
        if self.file.endswith(".py"):  # what is no Python would be "caught" by any suite
            try:
                compile(broken, self.file, "exec")
            except (SyntaxError, ValueError) as error:
                raise CourseError(f"{self.name} leaves no Python: {error}. Mend `new`.") from None
        return broken

    def fits(self, folder):
        """Tell whether it can be made in a chapter's folder."""
        path = folder / self.file
        return path.is_file() and path.read_text(encoding="utf-8").count(self.old) == 1

    def sources_in(self, folder):
        """Return the source of its file in a chapter's folder, sound and broken."""
        path = folder / self.file
        if not path.is_file() or not path.resolve().is_relative_to(folder.resolve()):
            raise CourseError(
                f"{self.name}: there is no {self.file} in {folder.name}. "
                "Mend `file`, as in: cinema/api/movies.py"
            )
        source = path.read_text(encoding="utf-8")
        return source, self.applied_to(source)

    def difference(self, folder):
        """Return what it changes in a chapter's file, as the lines of a unified diff."""
        lines = [source.splitlines() for source in self.sources_in(folder)]
        return list(difflib.unified_diff(*lines, self.file, f"{self.file}, broken", lineterm=""))


def the_chapter():
    """Return the chapter that the lab breaks."""
    return find_chapter(chosen[-1])


@contextmanager
def about(number):
    """Let the lab break another chapter."""
    chosen.append(number)
    try:
        yield
    finally:
        chosen.pop()


def all_faults(folder=None):
    """Return the faults of the chapter, or of a copy, in the order of sections, and of the file."""
    folder = folder or the_chapter().folder
    own = folder / "faults.toml"
    faults = faults_of(own if own.exists() else find_chapter(LAST).folder / "faults.toml")
    if not own.exists():
        faults = earlier_faults(faults, folder)
    return sorted(faults, key=lambda fault: fault.section)


def earlier_faults(faults, folder):
    """Return those that can be made in an earlier chapter, and noticed by its clients."""
    number = int(folder.name[:2])
    made_otherwise = {
        table["name"]: {
            name: table[name]
            for name in ("file", "old", "new", "wire", "question")
            if name in table
        }
        for table in tables_of(EARLIER)
        if number in table["chapters"]
    }
    as_it_is_here = (replace(f, **made_otherwise.get(f.name, {})) for f in faults)
    return [
        fault
        for fault in as_it_is_here
        if fault.name in made_otherwise or (fault.since <= number and fault.fits(folder))
    ]


def faults_of(file):
    return [fault_of(table) for table in tables_of(file)]


def tables_of(file):
    try:
        return tomllib.loads(file.read_text(encoding="utf-8")).get("fault", [])
    except ValueError as error:  # of TOML, or of UTF-8
        raise CourseError(f"{file.parent.name}/{file.name} can't be read: {error}.") from None


def fault_of(table):
    """Return the Fault that a table of the file describes."""
    types = {member.name: member.type for member in fields(Fault)}
    needed = [m.name for m in fields(Fault) if m.default is m.default_factory is MISSING]
    wrong = [f"{name} is missing" for name in needed if name not in table]
    for name, value in table.items():
        if name not in types:
            wrong.append(f"{name} is unknown")
        elif not isinstance(value, types[name]):
            wrong.append(f"{name} is no {types[name].__name__}")
    if wrong:
        fault = table.get("name", "a fault without a name")
        file = f"{the_chapter().folder.name}/faults.toml"
        raise CourseError(f"Mend {fault} in {file}: {', '.join(wrong)}.")
    return Fault(**table)


def find_faults(names):
    """Return the faults of these names; all if there are none."""
    known = {fault.name: fault for fault in all_faults()}
    for name in names:
        if name not in known:
            refuse_name(name, known)
    return [fault for fault in known.values() if fault.name in names or not names]


def of_section(faults, section):
    """Return those of a section, by its id: 6.3, 63; all of them if it is None."""
    if section is None:
        return faults
    found = [fault for fault in faults if plain(fault.section) == plain(section)]
    if not found:
        there_is = ", ".join(dict.fromkeys(fault.section for fault in faults))
        raise CourseError(f"There is no fault of section {section!r}. There is: {there_is}.")
    return found


def plain(section):
    return section.replace(".", "").lower()


def command():
    """Return the command of the lab as it is typed for the chapter that it breaks."""
    number = the_chapter().number
    return f"{COURSE} mutants" if number == LAST else f"{COURSE} mutants {number}"


def refuse_name(name, known):
    if Path(name).exists() or Path(name).name != name:
        raise CourseError(
            f"{name} is a path, and no fault. Put it before --only: "
            f"{command()} {name} --only {next(iter(known))}"
        )
    nearest = difflib.get_close_matches(name, known, n=1)
    meant = f" Did you mean {nearest[0]}?" if nearest else ""
    raise CourseError(f"There is no fault {name!r}.{meant} To see all of them: {command()} --list")

"""ask your own API for what the lessons promise"""

from pathlib import Path

from course.building import check, progress, promise
from course.building.folder import MINE, naming
from course.commands.hint import find
from course.errors import CourseError
from course.setup import environment
from course.spine import find_section, find_sections
from course.terminal import COURSE

EXAMPLES = (
    "check 2a",
    "check 2a --watch",
    "check 2a --hardened",
    "check 2b --show 2b-runtime-max",
    "check 2a --url http://127.0.0.1:5001 --key KEY",
)
DETAILS = """

`check 2a` starts the API in mine/ with an empty database, and asks over HTTP for every promise up
to section 2.a. It shows the first one that is broken, of that section before the others: the
exchange, what was promised, where to read. How you wrote your API is up to you: other files,
another framework, another language. How it starts is a line in mine/check.toml; or start it
yourself, and say where: --url. The check then creates films there, and leaves them.
"""


def add_arguments(parser):
    parser.add_argument("section", nargs="?", help="2a, 4a1 … (default: the one checked last)")
    parser.add_argument("--watch", action="store_true", help="check again after each save")
    parser.add_argument("--hardened", action="store_true", help="also what hostile clients send")
    parser.add_argument("--folder", type=Path, default=MINE, help="where it is (default: mine)")
    parser.add_argument("--url", help="where an API answers that runs already")
    parser.add_argument("--key", help="with --url: its API key")
    parser.add_argument("--password", help="with --url: the password of alice and bob")
    parser.add_argument("--show", metavar="NAME", help="explain this promise, not the first broken")
    parser.add_argument("--json", action="store_true", help="print the outcomes as JSON")


def main(options):
    folder = options.folder.resolve()
    if not options.url and not folder.is_dir():
        raise CourseError(
            f"There is no {options.folder} yet. Type: {COURSE} begin 1{naming(folder)}"
        )
    section = section_of(options.section, folder)
    environment.ensure(*groups_for(options.section, folder))
    if options.show:
        find(options.show, {})  # or say which there are
    asked = check.Asked(
        section,
        folder,
        options.url,
        options.hardened,
        options.key,
        options.password,
        options.show,
    )
    if options.watch and options.json:
        raise CourseError("--json is for one check: leave --watch out.")
    if options.watch:
        return check.check_again_and_again(asked)
    return check.check_once(asked, as_json=options.json)


def groups_for(section, folder):
    """Return the groups that a learner's API may need: of the section, or of what was begun."""
    told = [section or "", str(progress.read(folder).get("begun", 0)), folder.name.lstrip("0")]
    number = max(int(text[0]) if text[:1].isdigit() else 1 for text in told)
    return [group for group, first in (("extending", 4), ("securing", 5)) if number >= first]


def section_of(name, folder):
    """Return the id of the section that is meant; without a name, of the one checked last."""
    have = list(promise.sections())
    if name is None:
        noted = progress.read(folder)
        begun = [each for each in have if int(each[0]) == noted.get("begun", 1)]
        return noted.get("section") or (begun or have)[0]
    if name in ("1", "2", "3", "4", "5"):
        return [each for each in have if each[0] == name][-1]
    if name.startswith("6"):
        raise CourseError(f"Chapter 6 is about tests; what checks yours is: {COURSE} mutants")
    last = find_sections(name)[-1]
    if last.id not in have:
        raise CourseError(f"Section {find_section(last.id).label} promises nothing over HTTP.")
    return last.id

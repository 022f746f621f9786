"""say a little more about the promise that is broken"""

from pathlib import Path

from course.building import progress
from course.building.folder import MINE, naming
from course.building.promise import promises_of, sections
from course.building.report import place
from course.errors import CourseError
from course.terminal import COURSE

EXAMPLES = ("hint", "hint 2a-location")
DETAILS = """

Each call says one thing more, from a direction to look in to nearly the code. The last line says
whether there is more.
"""


def add_arguments(parser):
    parser.add_argument("promise", nargs="?", help="its name (default: the first broken one)")
    parser.add_argument("--folder", type=Path, default=MINE, help="where it is (default: mine)")


def main(options):
    folder = options.folder.resolve()
    noted = progress.read(folder)
    here = naming(folder)
    promise = find(options.promise, noted, here)
    told = noted.get("hints", {}).get(promise.name, 0)
    number = min(told + 1, len(promise.hints))
    print(f"{promise.name}: {promise.sentence}")
    for i, hint in enumerate(promise.hints[:number], 1):
        print(f"  {i}. {hint}")
    if number < len(promise.hints):
        same = f" {options.promise}" if options.promise else ""
        print(f"  ({number} of {len(promise.hints)}; again for more: {COURSE} hint{same}{here})")
    else:
        print(f"  That was the last hint. Read {place(promise)},")
        print(f"  or see our code: {COURSE} solution {promise.task or promise.section}")
    progress.write(folder, noted | {"hints": noted.get("hints", {}) | {promise.name: number}})
    return 0


def find(name, noted, here=""):
    known = {each.name: each for section in sections() for each in promises_of(section)}
    if name is None:
        if noted.get("silent"):
            what = "did not answer" if noted.get("url") else "did not start"
            raise CourseError(f"Your API {what}. See why: {COURSE} check{here}")
        if not noted.get("section"):
            raise CourseError(f"Nothing was checked yet. Type: {COURSE} check 1a{here}")
        broken = [each for each in noted.get("broken", []) if each in known]
        if not broken:
            raise CourseError(
                f"Nothing was broken in the last check. Type: {COURSE} progress{here}"
            )
        return known[broken[0]]
    if name not in known:
        near = [each for each in known if name.lower() in each]
        all_names = f"Type: {COURSE} progress --all{here}"
        advice = f"Did you mean {', '.join(near[:5])}?" if near else all_names
        raise CourseError(f"There is no promise {name!r}. {advice}")
    return known[name]

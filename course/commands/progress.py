"""show how far your own API is, section by section"""

from pathlib import Path

from course.building import progress
from course.building.folder import MINE
from course.building.promise import HARDENED, promises_of, sections
from course.spine import find_section
from course.terminal import COURSE, can_print, painted

EXAMPLES = ("progress", "progress --all")


def add_arguments(parser):
    parser.add_argument("--all", action="store_true", help="name every promise")
    parser.add_argument("--folder", type=Path, default=MINE, help="where it is (default: mine)")


def main(options):
    states = progress.read(options.folder.resolve()).get("states", {})
    full, empty = ("■", "□") if can_print("■□") else ("#", ".")
    kept_in_all = count = 0
    for section in sections():
        promises = [each for each in promises_of(section) if options.all or each.tier != HARDENED]
        kept = [states.get(each.name) == progress.KEPT for each in promises]
        squares = "".join(full if each else empty for each in kept)
        colour = "green" if all(kept) else "cyan"
        title = find_section(section).title
        label = find_section(section).label
        print(f"{label:<5}{title:<38.38}{painted(squares, colour)}  {sum(kept)} of {len(kept)}")
        if options.all:
            for promise in promises:
                print(
                    f"      {states.get(promise.name, '-'):<10}{promise.name}: {promise.sentence}"
                )
        kept_in_all += sum(kept)
        count += len(kept)
    print(f"\n{kept_in_all} of {count} promises kept, when they were asked last.")
    if not states:
        print(f"Nothing was checked yet. Type: {COURSE} begin 1")
    return 0

"""show how far your own API is, section by section"""

from pathlib import Path

from course.building import progress
from course.building.folder import MINE, naming
from course.building.promise import HARDENED, YOUR_TURN, promises_of, sections
from course.spine import find_section
from course.terminal import COURSE, can_print, painted

EXAMPLES = ("progress", "progress --all")


def add_arguments(parser):
    parser.add_argument("--all", action="store_true", help="name every promise")
    parser.add_argument("--folder", type=Path, default=MINE, help="where it is (default: mine)")


def main(options):
    folder = options.folder.resolve()
    states = progress.read(folder).get("states", {})
    full, empty = ("■", "□") if can_print("■□") else ("#", ".")
    kept_in_all = count = tasks_in_all = 0
    width = max(len(find_section(section).title) for section in sections()) + 2
    for section in sections():
        promises = [each for each in promises_of(section) if options.all or each.tier != HARDENED]
        promises.sort(key=lambda promise: promise.tier == YOUR_TURN)
        done = [states.get(each.name) == progress.KEPT for each in promises]
        tasks = sum(each.tier == YOUR_TURN for each in promises)
        kept = done[: len(done) - tasks]
        squares = "".join(full if each else empty for each in done)
        if tasks:
            squares = f"{squares[:-tasks]} {squares[-tasks:]}"
        colour = "green" if all(kept) else "cyan"
        title = find_section(section).title
        label = find_section(section).label
        told = f"{sum(kept)} of {len(kept)}"
        if tasks:
            told += f", {sum(done[-tasks:])} of {tasks} your turn"
        print(f"{label:<5}{title:<{width}}{painted(squares, colour)}  {told}")
        if options.all:
            for promise in promises:
                print(
                    f"      {states.get(promise.name, '-'):<10}{promise.name}: {promise.sentence}"
                )
        kept_in_all += sum(kept)
        count += len(kept)
        tasks_in_all += tasks
    print(f"\n{kept_in_all} of {count} promises kept, when they were asked last.")
    print(f"“Your turn”: {tasks_in_all} tasks of your own. The last squares of a line are theirs.")
    if not states:
        print(f"Nothing was checked yet. Type: {COURSE} begin 1{naming(folder)}")
    return 0

"""break the API in many ways, and see which of them your tests notice"""

import time

from course.errors import CourseError
from course.mutants.faults import (
    LAST,
    about,
    all_faults,
    find_faults,
    of_section,
    the_chapter,
)
from course.mutants.laboratory import Laboratory, folder_for_copies
from course.mutants.progress import CAUGHT, Progress
from course.mutants.report import (
    FEW,
    explain,
    give_hint,
    list_faults,
    print_not_counted,
    print_outcome,
    print_progress,
    print_report,
    print_what_next,
)
from course.mutants.suite import find_suite, matches
from course.numbers import SECONDS
from course.setup import environment
from course.spine import ROOT, find_chapter
from course.terminal import COURSE

STARTER = "your_suite"  # the learner's, in the chapter
MINE = "mine_tests_{}"  # the learner's for an earlier chapter; git knows nothing of it
FIRST_TEST = '''"""My tests of the cinema, for: {command}"""

from tests import ApiTestCase  # what every test of the chapter starts from: read tests/__init__.py


class EntryPointTest(ApiTestCase):
    def test_api_has_a_front_door(self):
        response = self.client.get("/")

        self.assertEqual(response.status_code, 200)
'''
EXAMPLES = (
    "mutants",
    "mutants 2",
    "mutants 06_testing/your_suite --only post-answers-200",
    "mutants --survivors --section 6.3",
    "mutants --hint post-answers-200",
)
PATIENCE = 60  # seconds, for a machine that is busy


def add_arguments(parser):
    parser.add_argument(
        "path",
        nargs="*",
        metavar="chapter or path",
        help="first, if it is not 6: the number of the chapter whose API is broken; then a file of "
        f"tests, or a folder of them (default: 06_testing/{STARTER}, or {MINE.format('N')})",
    )
    parser.add_argument(
        "--only",
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME",
        help="try only the faults of these names; a path stands before it",
    )
    parser.add_argument("--section", metavar="ID", help="try only the faults of a section: 6.3")
    parser.add_argument(
        "--survivors", action="store_true", help="try only what this suite has not caught yet"
    )
    parser.add_argument("--list", action="store_true", help="only name the faults")
    for option, shown in (
        ("--hint", "only say what would catch these faults"),
        ("--explain", "only show these faults, and what each of them breaks"),
    ):
        parser.add_argument(option, nargs="+", action="extend", metavar="NAME", help=shown)
    parser.add_argument(
        "--seconds",
        type=SECONDS,
        default=PATIENCE,
        help=f"for how long a test may take (default: {PATIENCE})",
    )


def main(options):
    number = LAST
    if options.path and options.path[0] in map(str, range(1, LAST + 1)):
        number = int(options.path.pop(0))
    with about(number):
        return run(options)


def run(options):
    if options.path and (options.hint or options.explain or options.list):
        raise CourseError(f"No suite is tried here. Leave out: {' '.join(options.path)}")
    if options.hint or options.explain:
        return tell_about(find_faults([*(options.hint or []), *(options.explain or [])]), options)
    faults = of_section(find_faults(options.only), options.section)
    if options.list:
        progress = Progress(the_chapter(), [place_of_suite()])
        return list_faults(left_of(faults, progress, options))
    paths = options.path or [the_suite()]
    progress = Progress(the_chapter(), [match for path in paths for match in matches(path)])
    faults = left_of(faults, progress, options)
    if not faults:
        print("Your tests have caught them all. To try again: leave out --survivors")
        return 0
    files = find_suite(paths)
    for fault in faults:
        fault.sources_in(the_chapter().folder)  # to hear now, not amid the runs, what does not fit
    return try_suite(files, faults, progress, options)


def left_of(faults, progress, options):
    """Return those that are to be tried: with --survivors, what has not been caught yet."""
    caught = progress.caught() if options.survivors else ()
    return [fault for fault in faults if fault.name not in caught]


def place_of_suite():
    """Return the folder where the learner's suite is, or will be."""
    chapter = the_chapter()
    is_last = chapter.number == LAST
    return chapter.folder / STARTER if is_last else ROOT / MINE.format(chapter.number)


def the_suite():
    """Return the folder of the learner's suite; that for an earlier chapter is made here."""
    chapter, folder = the_chapter(), place_of_suite()
    if not folder.exists() and chapter.number != LAST:
        folder.mkdir()
        text = FIRST_TEST.format(command=f"{COURSE} mutants {chapter.number}")
        (folder / "test_cinema.py").write_text(text, encoding="utf-8")
        print(f"Your tests of chapter {chapter.number} go to {folder.name}; one is there.")
    return folder


def tell_about(faults, options):
    for fault in faults:
        if fault.name in (options.hint or []):
            give_hint(fault)
        if fault.name in (options.explain or []):
            explain(fault, the_chapter().folder)
    return 0


def try_suite(files, faults, progress, options):
    """Run the suite as often as there are faults; return 0 if it has caught them all."""
    before = progress.caught()
    python = environment.ensure(*find_chapter(LAST).groups)  # with what runs tests
    print("Running your tests with the API as it is ...", flush=True)
    with (
        folder_for_copies() as folder,
        Laboratory(python, files, options.seconds, folder, len(faults)) as laboratory,
    ):
        sound = laboratory.try_sound()
        refuse_unless_sound(sound, options.seconds)
        print(f"All pass: {sound.tests}. Now with each fault, one by one ...", flush=True)
        began, caught_by = time.monotonic(), {}
        try:
            for number, (fault, outcome) in enumerate(laboratory.try_each(faults), start=1):
                progress.note(fault.name, caught=not outcome.passed)
                if not outcome.passed:
                    caught_by[fault] = outcome.test
                print_outcome(number, len(faults), fault, outcome, time.monotonic() - began)
        except KeyboardInterrupt:
            print("\nWhat was caught until now is kept. To go on with the others: --survivors")
            raise
        for fault in caught_unfairly(caught_by, laboratory):
            progress.note(fault.name, caught=False)
            del caught_by[fault]
    survived = set(faults) - set(caught_by)
    report(faults, survived, before, progress)
    return 1 if survived else 0


def caught_unfairly(caught_by, laboratory):
    """Return the faults that were "caught" by tests that are red with the API as it is, too."""
    if not caught_by:
        return []
    print("Running those that caught one again, with the API as it is ...", flush=True)
    readers, unsteady = laboratory.try_again(set(caught_by.values()))
    print_not_counted(readers, unsteady)
    return [fault for fault, test in caught_by.items() if test in readers | unsteady]


def report(faults, survived, before, progress):
    new = [f for f in faults if progress.states().get(f.name) == CAUGHT]
    still = [fault for fault in faults if fault in survived]
    print_report(faults, still, new)
    progress.explained(fault.name for fault in new)
    print_progress(all_faults(), before, progress.caught(), by_section=len(faults) > FEW)
    if still:
        print_what_next(still[0], the_chapter().number)


def refuse_unless_sound(sound, seconds):
    """Refuse a suite that tells nothing: red already, or empty, or without an end."""
    what = sound.test or "the suite"
    if not sound.in_time:
        raise CourseError(
            f"With the API as it is, {what} has not ended after {seconds} seconds. "
            f"To wait longer: --seconds {2 * seconds}"
        )
    if not sound.passed:
        print(sound.words, flush=True)
        raise CourseError(f"With the API as it is, {what} fails: mend that first.")
    if not sound.tests:
        raise CourseError(
            "There is no test in it, or all are skipped: "
            "write one, and type the same command again."
        )

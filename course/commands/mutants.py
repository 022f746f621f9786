"""break the API in many ways, and see which of them your tests notice"""

from course.errors import CourseError
from course.mutants.faults import find_faults, the_chapter
from course.mutants.laboratory import Laboratory, folder_for_copies
from course.mutants.report import explain, list_faults, print_outcome, print_report
from course.mutants.suite import find_suite
from course.numbers import SECONDS
from course.setup import environment

STARTER = "your_suite"  # the learner's, in the chapter
EXAMPLES = (
    "mutants",
    "mutants 06_testing/your_suite --only post-answers-200",
    "mutants --explain post-answers-200",
)
PATIENCE = 120  # seconds


def add_arguments(parser):
    parser.add_argument(
        "path",
        nargs="*",
        help=f"a file of tests, or a folder of them (default: 06_testing/{STARTER})",
    )
    parser.add_argument(
        "--only",
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME",
        help="try only the faults of these names; a path stands before it",
    )
    parser.add_argument("--list", action="store_true", help="only name the faults")
    parser.add_argument(
        "--explain",
        nargs="+",
        action="extend",
        metavar="NAME",
        help="only show these faults, and what each of them breaks",
    )
    parser.add_argument(
        "--seconds",
        type=SECONDS,
        default=PATIENCE,
        help=f"for how long a run may take (default: {PATIENCE})",
    )


def main(options):
    if options.path and (options.explain or options.list):
        raise CourseError(f"No suite is tried here. Leave out: {' '.join(options.path)}")
    if options.explain:
        for fault in find_faults(options.explain):
            explain(fault, the_chapter().folder)
        return 0
    faults = find_faults(options.only)
    if options.list:
        return list_faults(faults)
    files = find_suite(options.path or [the_chapter().folder / STARTER])
    for fault in faults:
        fault.sources_in(the_chapter().folder)  # to hear now, not amid the runs, what does not fit
    return try_suite(files, faults, options)


def try_suite(files, faults, options):
    """Run the suite as often as there are faults; return 0 if it has caught them all."""
    python = environment.ensure(*the_chapter().groups)
    with folder_for_copies() as folder:
        print("Running your tests with the API as it is ...", flush=True)
        laboratory = Laboratory(python, files, options.seconds, folder)
        sound = laboratory.try_sound()
        refuse_unless_sound(sound, options.seconds)
        print(f"All pass: {sound.tests}. Now with each fault, one by one ...", flush=True)
        outcomes = {}
        for fault, outcome in laboratory.try_each(faults):
            outcomes[fault] = outcome
            print_outcome(len(outcomes), len(faults), fault, outcome)
    print_report(faults, outcomes)
    return 0 if not any(outcome.passed for outcome in outcomes.values()) else 1


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

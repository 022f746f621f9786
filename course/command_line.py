"""Understands `python3 -m course ...` and turns what goes wrong into one line."""

import argparse
import difflib
import os
import sys

from course import terminal
from course.commands import (
    begin,
    bench,
    check,
    diff,
    doctor,
    handout,
    hint,
    mutants,
    notebook,
    outline,
    progress,
    run,
    site,
    slides,
    solution,
    stack,
    teach,
    test,
)
from course.errors import CourseError
from course.terminal import COURSE

COMMANDS = {
    "run": run,
    "begin": begin,
    "check": check,
    "hint": hint,
    "solution": solution,
    "progress": progress,
    "stack": stack,
    "bench": bench,
    "test": test,
    "mutants": mutants,
    "notebook": notebook,
    "slides": slides,
    "teach": teach,
    "handout": handout,
    "diff": diff,
    "outline": outline,
    "doctor": doctor,
    "site": site,
}
STARTS_A_PROGRAM = (test.main, notebook.main)


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line."""

    def parse_args(self, arguments):
        """Parse them; of what is left over, the command's own parser says that, not the first."""
        options, unknown = self.parse_known_args(arguments)
        if unknown:
            getattr(options, "parser", self).error(f"unrecognized arguments: {' '.join(unknown)}")
        return options

    def error(self, message):
        self.exit(2, f"{message[0].upper()}{message[1:]}. Try: {self.prog} --help\n")


def main(arguments):
    terminal.prepare()
    arguments, for_the_program = split_at_dashes(arguments)
    parser = build_parser()
    if not arguments:
        parser.print_help()
        return 0
    try:
        refuse_unknown(arguments[0])
        options = parser.parse_args(arguments)
        if for_the_program and options.main not in STARTS_A_PROGRAM:
            raise CourseError(
                "Only `test` and `notebook` start a program that wants words after --."
            )
        options.for_the_program = for_the_program
        return options.main(options)
    except CourseError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        terminal.say_interrupted()
        return terminal.INTERRUPTED
    except BrokenPipeError:  # as in `diff 1 2 | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def split_at_dashes(arguments):
    """Part what is meant for the course from what comes after `--`, for the program it starts."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    return arguments[:end], arguments[end + 1 :]


def refuse_unknown(command):
    if command in COMMANDS or command.startswith("-"):
        return
    nearest = difflib.get_close_matches(command, COMMANDS, n=1, cutoff=0)
    raise CourseError(f"There is no command {command!r}. Did you mean: {COURSE} {nearest[0]}")


def build_parser():
    parser = Parser(
        prog=COURSE,
        description="Building web APIs with Flask: one command for the whole course.",
        epilog=examples("run 1", "test 1", "notebook 2a"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(metavar="command", title="commands")
    for name, command in COMMANDS.items():
        summary = command.__doc__.strip()
        subparser = commands.add_parser(
            name,
            help=summary,
            description=summary + getattr(command, "DETAILS", ""),
            epilog=examples(*command.EXAMPLES),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        subparser.set_defaults(main=command.main, parser=subparser)
        command.add_arguments(subparser)
    return parser


def examples(*commands):
    return "\n".join(["for example:", *(f"  {COURSE} {command}" for command in commands)])

"""Runs a program that can't watch over itself: `python -m course.serving.watch PROGRAM ...`.

The program, and all that it has started, ends when our standard input does: when the parent closes
it, or is gone. Before the program, `--user NAME` says who runs it, and `--end-by SIGINT` how it is
asked to end.
"""

import argparse
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress

TIME_TO_END = 5  # seconds


def main(arguments):
    asked = parser().parse_args(arguments)
    program = subprocess.Popen(
        asked.program, stdin=subprocess.DEVNULL, user=asked.user, **as_a_group()
    )
    threading.Thread(target=end_with_parent, args=[program, asked.end_by], daemon=True).start()
    code = program.wait()
    end_what_is_left(program)  # when nginx is killed, it leaves others behind
    sys.exit(code)


def parser():
    parser = argparse.ArgumentParser(prog="python -m course.serving.watch")
    parser.add_argument("--user")
    parser.add_argument("--end-by", type=lambda name: signal.Signals[name], default=signal.SIGTERM)
    parser.add_argument("program", nargs=argparse.REMAINDER)
    return parser


def as_a_group():
    return {} if os.name == "nt" else {"start_new_session": True}


def end_with_parent(program, number):
    while os.read(0, 1):
        pass
    program.send_signal(number)
    with suppress(subprocess.TimeoutExpired):
        program.wait(timeout=TIME_TO_END)
    end_what_is_left(program)


def end_what_is_left(program):
    if os.name == "nt":
        program.kill()
        return
    with suppress(ProcessLookupError):  # as it should be: nothing is left of the group
        os.killpg(program.pid, signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1:])

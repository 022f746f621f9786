"""Runs a program that can't watch over itself: `python -m course.watch PROGRAM ...`.

The program, and all that it has started, ends when our standard input does: when the parent closes
it, or is gone.
"""

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress

TIME_TO_END = 5  # seconds


def main(command):
    program = subprocess.Popen(command, stdin=subprocess.DEVNULL, **as_a_group())
    threading.Thread(target=end_with_parent, args=[program], daemon=True).start()
    code = program.wait()
    end_what_is_left(program)  # when nginx is killed, it leaves others behind
    sys.exit(code)


def as_a_group():
    return {} if os.name == "nt" else {"start_new_session": True}


def end_with_parent(program):
    while os.read(0, 1):
        pass
    program.terminate()
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

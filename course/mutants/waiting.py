"""A process that runs one suite, and has loaded what the API imports before it is told which.

`-m course.mutants.waiting CHAPTER` waits for a line of JSON: the folder to run in, the arguments of
pytest, and the file to print into.
"""

import json
import os
import sys
from pathlib import Path

import pytest

from course.serving.preload import preload
from course.spine import Chapter


def main(chapter):
    preload(chapter, Chapter(Path(chapter)).apps)
    line = sys.stdin.readline()
    if not line:  # the lab has ended
        return 0
    wanted = json.loads(line)
    with Path(wanted["log"]).open("ab") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    os.chdir(wanted["folder"])
    sys.path[0] = wanted["folder"]
    sys.argv = ["pytest", *wanted["arguments"]]
    return pytest.console_main()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

"""A process that runs one suite, and has loaded what the API imports before it is told which.

`-m course.mutants.waiting CHAPTER`; its arguments are then those of pytest.
"""

import sys
from pathlib import Path

import pytest

from course.serving.preload import preload
from course.serving.ready import wanted
from course.spine import Chapter


def main(chapter):
    preload(chapter, Chapter(Path(chapter)).apps)
    sys.argv = ["pytest", *wanted()]
    return pytest.console_main()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

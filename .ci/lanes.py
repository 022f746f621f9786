#!/usr/bin/env python3
"""Runs the chapters' suites at both ends of what the course says that it works with.

Lane "oldest" takes the oldest Python that is found here, and the lowest versions of packages that a
chapter's requirements.txt admits; "newest" takes the newest of both, whatever uv.lock says. Of a
chapter whose suites the next one has, to the byte and of the same API, they are only loaded.
`.ci/lanes.py 1 5` runs these chapters only.
"""

import json
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from course.spine import Chapter
from course.testing.selection import own_suites

ROOT = Path(__file__).resolve().parent.parent
UV = ROOT / ".venv" / "bin" / "uv"
PYENV = Path.home() / ".pyenv" / "versions"  # what it has installed is not on PATH as it is
ADMITTED = ">=3.11"  # as in pyproject.toml
PATIENCE = 1200  # seconds, for one suite
COUNT = re.compile(r"^Ran (\d+) tests?", re.MULTILINE)
RUN = ("-m", "unittest")
ONLY_LOAD = (
    "-c",
    """
import sys, unittest
loader = unittest.TestLoader()
print("Only loaded:", loader.discover(".").countTestCases())
sys.exit("\\n".join(loader.errors) or 0)
""",
)


@dataclass(frozen=True)
class Lane:
    """A Python, and which versions of packages go with it: uv's word for that."""

    name: str
    python: dict
    resolution: str

    def run(self, chapter, how, folder):
        """Run a chapter's suite; return a line (and all output if it fails), and if it passed."""
        began = time.monotonic()
        output, passed = self.test(chapter, how, folder / self.name / chapter.name)
        count = COUNT.search(output)
        line = (
            f"{self.name:<8}{self.python['version']:<9}{chapter.name:<20}"
            f"{count[1] if count else 0:>6}{time.monotonic() - began:>9.1f}  "
        )
        return line + ("passed" if passed else f"FAILED\n{output}"), passed

    def test(self, chapter, how, environment):
        python = environment / "bin" / "python"
        requirements = chapter / "requirements.txt"
        make = [UV, "venv", "--quiet", "--no-project", "--python", self.python["path"], environment]
        install = [
            UV,
            "pip",
            "install",
            "--quiet",
            "--system-certs",
            "--resolution",
            self.resolution,
        ]
        for command in (
            make,
            [*install, "--python", python, "-r", requirements],
            [python, "-W", "error", *how],
        ):
            done = subprocess.run(
                command,
                cwd=chapter,
                env=surroundings() | {"PYTHONDONTWRITEBYTECODE": "1"},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=PATIENCE,
                check=False,
            )
            if done.returncode:
                return done.stdout, False
        return done.stdout, "ResourceWarning" not in done.stdout  # which ends no run, so late is it


def runs_in_the_next(folder):
    """Tell whether the next chapter runs these very tests, with these packages and a few more."""
    following = sorted(ROOT.glob(f"{int(folder.name[:2]) + 1:02}_*"))
    if not following:
        return False
    wanted, offered = map(requirements, (folder, following[0]))
    return wanted <= offered and own_suites(Chapter(folder), Chapter(following[0])) == []


def requirements(folder):
    return set((folder / "requirements.txt").read_text(encoding="utf-8").splitlines())


def surroundings():
    """Return the environment in which uv finds the Pythons, and they nothing but their own."""
    path = os.pathsep.join([*map(str, PYENV.glob("*/bin")), os.environ["PATH"]])
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")} | {
        "PATH": path
    }


def pythons():
    """Return all Pythons of this machine on which the course may be run, as uv describes them."""
    command = [UV, "python", "list", "--only-installed", "--output-format", "json", ADMITTED]
    found = subprocess.run(command, env=surroundings(), capture_output=True, check=True)
    return [each for each in json.loads(found.stdout) if each["implementation"] == "cpython"]


def lanes(found):
    """Return the lanes that these Pythons allow."""
    by_age = sorted(found, key=lambda python: tuple(python["version_parts"].values()))
    return [Lane("oldest", by_age[0], "lowest-direct"), Lane("newest", by_age[-1], "highest")]


def main(numbers):
    oldest, newest = lanes(pythons())
    if oldest.python["version_parts"]["minor"] == newest.python["version_parts"]["minor"]:
        print(f"There is no Python here but {newest.python['version']}: both lanes take it.")
    chapters = sorted(ROOT.glob("[0-9][0-9]_*"), reverse=True)  # the long ones first
    wanted = [each for each in chapters if not numbers or str(int(each.name[:2])) in numbers]
    elsewhere = [] if numbers else [each for each in wanted if runs_in_the_next(each)]
    print(f"{'lane':<8}{'Python':<9}{'':<20}{'tests':>6}{'seconds':>9}", flush=True)
    failures = 0
    with TemporaryDirectory(prefix="lanes-") as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        suites = [
            (lane, chapter, ONLY_LOAD if chapter in elsewhere else RUN)
            for chapter in wanted
            for lane in (oldest, newest)
        ]
        for line, passed in pool.map(lambda suite: suite[0].run(*suite[1:], Path(folder)), suites):
            print(line, flush=True)
            failures += not passed
    sys.exit(f"{failures} of {len(suites)} suites failed" if failures else 0)


if __name__ == "__main__":
    main(sys.argv[1:])

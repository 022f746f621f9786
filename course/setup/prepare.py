"""Loads the wheels that machines of a kind need, so that they can be set up without an index.

`python -m course.setup.prepare SYSTEM VERSION`, in .venv, prints the requirements of a machine.
"""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from course.errors import CourseError
from course.setup import environment
from course.spine import ROOT

NO_WHEELS = "flask-principal"  # has a source distribution only, in Python alone
TO_BUILD_THEM = ("setuptools", "wheel")
VERSIONS = ("3.11", "3.12", "3.13", "3.14")
PACKAGE = re.compile(
    r"^(?P<pin>[\w.\[\]-]+==[^ ;]+)(?: ; (?P<marker>.+?))?(?P<hashes>(?: \\\n +--hash=\S+)+)",
    re.MULTILINE,
)


@dataclass(frozen=True)
class System:
    """A kind of machine: the tags of wheels that it takes, and what Python says of itself there."""

    tags: tuple
    sys_platform: str
    platform_machine: str
    os_name: str = "posix"


def manylinux(machine):
    names = ("2_34", "2_31", "2_28", "2_27", "2_26", "2_24", "2_17", "2_12", "2_5")
    old = (f"manylinux2014_{machine}", f"manylinux2010_{machine}", f"manylinux1_{machine}")
    return (*(f"manylinux_{name}_{machine}" for name in names), *old, f"linux_{machine}")


def macos(machine):
    newest = 15 if machine == "arm64" else 14
    big = [f"macosx_{number}_0" for number in range(newest, 10, -1)]
    small = [] if machine == "arm64" else [f"macosx_10_{number}" for number in range(15, 8, -1)]
    return tuple(f"{name}_{kind}" for name in (*big, *small) for kind in (machine, "universal2"))


SYSTEMS = {
    "linux": System(manylinux("x86_64"), "linux", "x86_64"),
    "linux-arm": System(manylinux("aarch64"), "linux", "aarch64"),
    "macos": System(macos("arm64"), "darwin", "arm64"),
    "macos-intel": System(macos("x86_64"), "darwin", "x86_64"),
    "windows": System(("win_amd64",), "win32", "AMD64", "nt"),
}


def download(place, system, version):
    """Load the wheels that a kind of machine needs; raise CourseError if one is not to be had.

    A lock may have one pin for 3.11.2 and another one for 3.11.9. Both get what they need.
    """
    python = environment.ensure()
    first, last = f"{version}.0", f"{version}.99"
    asked = [python, "-m", "course.setup.prepare", system]
    texts = {full: output([*asked, full]) for full in (first, last)}
    for full in (last,) if texts[first] == texts[last] else (first, last):
        load(texts[full], place, system, full)
    load("\n".join(TO_BUILD_THEM), place, system, last, hashes=False)


def output(command):
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return done.stdout


def load(requirements, place, system, version, hashes=True):
    tags = [word for tag in SYSTEMS[system].tags for word in ("--platform", tag)]
    with TemporaryDirectory() as own:
        file = Path(own, "requirements.txt")
        file.write_text(requirements, encoding="utf-8")
        done = subprocess.run(
            [
                *(*pip(), "download", "--quiet", "--no-input", "--disable-pip-version-check"),
                *("--no-deps", "--only-binary=:all:", f"--no-binary={NO_WHEELS}", "-d", str(place)),
                *(["--require-hashes"] if hashes else []),
                *("--python-version", version, "--implementation", "cp", *tags),
                *("-r", str(file)),
            ],
            env=environment.python_environment(PIP_CONSTRAINT=os.devnull),
            check=False,
            capture_output=True,
            text=True,
        )
    if done.returncode:
        raise CourseError(
            f"The wheels for {system} with Python {version} could not be loaded: "
            f"{environment.reason(done.stderr)}"
        )


def pip():
    """Return the command of a pip: this Python's, or else the one in .venv."""
    for python in (sys._base_executable, str(environment.PYTHON)):
        asked = subprocess.run([python, "-m", "pip", "--version"], check=False, capture_output=True)
        if asked.returncode == 0:
            return [python, "-m", "pip"]
    raise CourseError("This Python has no pip, which loads the wheels. Try: python3 -m ensurepip")


def this_system():
    """Return the name of the system that this machine is, or None if it is another."""
    import platform  # noqa: PLC0415 (costs a start of the course some milliseconds)

    machine = platform.machine()
    alike = [
        name
        for name, system in SYSTEMS.items()
        if (system.sys_platform, system.platform_machine) == (sys.platform, machine)
    ]
    return alike[0] if alike else None


def this_version():
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def needed(system, version):
    """Return the requirements of all groups for a machine, without markers.

    pip would read the markers as those of the machine that it runs on.
    """
    from packaging.markers import Marker  # noqa: PLC0415 (in .venv only)

    told = {
        "sys_platform": system.sys_platform,
        "platform_machine": system.platform_machine,
        "os_name": system.os_name,
        "python_version": version.rpartition(".")[0],
        "python_full_version": version,
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }
    pins = {}
    for group in environment.GROUPS:
        for pin, marker, hashes in pins_of(group):
            if not marker or Marker(marker).evaluate(told):
                pins[pin] = hashes
    return "".join(f"{pin}{hashes}\n" for pin, hashes in pins.items())


def pins_of(group):
    """Yield each package of a group: its pin, its marker or None, and its lines of hashes."""
    text = environment.requirements(group).read_text(encoding="utf-8")
    for found in PACKAGE.finditer(text):
        yield found["pin"], found["marker"], found["hashes"]


def main(name, version):
    print(needed(SYSTEMS[name], version), end="")


if __name__ == "__main__":
    main(*sys.argv[1:])

"""say what is there, what is not, and how to mend it; or prepare set-ups without a network"""

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from course.errors import CourseError
from course.serving.ports import is_free
from course.setup import environment, prepare, surroundings, wheels
from course.setup.programs import NGINX, POSTGRESQL, VALKEY
from course.spine import ROOT, chapters
from course.terminal import COURSE, painted

EXAMPLES = (
    "doctor",
    "doctor --prepare wheels",
    "doctor --prepare wheels --for windows macos --python 3.12 3.13",
)
DETAILS = """

--prepare loads all packages of the course, as wheels, into a folder. Where a folder `wheels` lies
beside `course`, or COURSE_WHEELS names one, set-ups take the packages from it alone: they ask no
index, and need no network. Say for which systems and which versions of Python; the default is this
machine.
"""
ROOM_LATER = 2 * 10**8  # bytes: for databases, and for one more group
INSTALLED_BY = {
    "core": "run",
    "extending": "run 4",
    "securing": "run 5",
    "testing": "test 6",
    "checking": "test",
    "servers": "stack 4",
    "site": "site",
    "notebook": "notebook",
    "dev": "test --all",
}
PROGRAMS = {
    "uv": "not there, nor needed; with it the set-up is faster",
    "git": "not there; without it you can't get the course's next version by `git pull`",
    "curl": "not there; the lessons' commands need it, the notebooks do not",
    "npm": "not there; only `site` needs it",
}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at, and what to do if it must be mended."""

    name: str
    state: str
    mend: str = ""


def add_arguments(parser):
    parser.add_argument("--prepare", type=Path, metavar="FOLDER", help="load the packages into it")
    parser.add_argument(
        "--for", nargs="+", choices=prepare.SYSTEMS, dest="systems", help="which machines"
    )
    parser.add_argument(
        "--python", nargs="+", choices=prepare.VERSIONS, dest="versions", help="which Pythons"
    )


def main(options):
    if options.prepare:
        return fill(options.prepare.absolute(), options.systems, options.versions)
    if options.systems or options.versions:
        raise CourseError("--for and --python belong to --prepare FOLDER.")
    return examine()


def fill(place, systems, versions):
    """Load the packages for these machines into a folder."""
    here = prepare.this_system()
    if not systems and not here:
        raise CourseError("Say for which machines: --for linux, for example.")
    place.mkdir(parents=True, exist_ok=True)
    for system in systems or [here]:
        for version in versions or [prepare.this_version()]:
            print(f"Loading the packages for {system}, Python {version} ...", flush=True)
            prepare.download(place, system, version)
    print(f"{held(place)} in {place}. Copy it to each machine, as the folder `wheels`")
    print("beside `course`; the first command there sets up .venv from it.")
    return 0


def held(place):
    files = list(place.glob("*.*"))
    size = sum(file.stat().st_size for file in files)
    return f"{len(files)} packages, {size / 10**6:,.0f} MB,"


def examine():
    findings = [python(), folder(), *disk(), installer(), *packages(), virtual_environment()]
    findings += [*groups(), *ports(), *servers(), *programs(), *around()]
    for finding in findings:
        sign = painted("mend", "red") if finding.mend else painted("ok  ", "green")
        print(f"{sign}  {finding.name:<12}{finding.state}")
        if finding.mend:
            print(f"{'':<18}{finding.mend}")
    return 1 if any(finding.mend for finding in findings) else 0


def python():
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("Python", f"{version}, {sys.executable}")


def folder():
    if os.access(ROOT, os.W_OK):
        return Finding("folder", str(ROOT))
    return Finding(
        "folder", f"{ROOT}, where you can't write", "Put the course where you can: git clone"
    )


def disk():
    """Look where .venv and the databases are, and where an installer unpacks what it has loaded."""
    for place in (ROOT, Path(tempfile.gettempdir())):
        free = shutil.disk_usage(place).free
        room = ROOM_LATER if environment.VENV.exists() else environment.ROOM
        state = f"{free / 10**9:,.1f} GB free in {place}"
        mend = "" if free > room else f"Make room: {room / 10**9:,.1f} GB are needed there."
        yield Finding("disk", state, mend)


def installer():
    try:
        return Finding("set-up by", environment.find_installer().name)
    except CourseError as error:
        return Finding("set-up by", "nothing", str(error))


def packages():
    """Tell if a folder of wheels takes the place of the index."""
    try:
        place = wheels.folder()
    except CourseError as error:
        yield Finding("packages", "not there", str(error))
        return
    if place:
        yield Finding("packages", f"{held(place)} in {place}; the index is not asked")


def virtual_environment():
    name = environment.VENV.name
    if not environment.VENV.exists():
        return Finding(name, f"not there yet; made by the first: {COURSE} run 1")
    if not environment.is_ready("core"):
        state = "unfinished, or made for another Python, folder or version of the course"
        return Finding(name, state, f"Type: {COURSE} run 1 (it makes .venv anew)")
    if not works(environment.PYTHON):
        return Finding(name, "broken", f"Delete the folder .venv, and type: {COURSE} run 1")
    return Finding(name, str(environment.VENV))


def works(python):
    try:
        importing = [python, "-c", "import flask, flask_sqlalchemy, pytest, requests"]
        subprocess.run(importing, capture_output=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        return False
    return True


def groups():
    for group, command in INSTALLED_BY.items():
        not_yet = f"not yet; installed by: {COURSE} {command}"
        yield Finding(f"- {group}", "ready" if environment.is_ready(group) else not_yet)


def ports():
    for chapter in chapters():
        for port in chapter.preferred_ports.values():
            taken = f"taken; `run {chapter.number}` moves on to another"
            yield Finding(f"port {port}", "free" if is_free(port) else taken)


def servers():
    not_yet = f"not there; only `stack 4` and notebook 4b need it: {COURSE} stack 4"
    not_there = {POSTGRESQL: f"not there; only `stack 5` needs it: {COURSE} stack 5"}
    for name, program in (("nginx", NGINX), ("Valkey", VALKEY), ("PostgreSQL", POSTGRESQL)):
        try:
            yield Finding(name, str(program.find() or not_there.get(program, not_yet)))
        except CourseError as error:
            yield Finding(name, "named wrongly", str(error))
    name = "waitress" if os.name == "nt" else "gunicorn"
    package = environment.packages_folder() / name
    yield Finding(name, str(package) if package.exists() else not_yet)


def programs():
    for program, without in PROGRAMS.items():
        yield Finding(program, shutil.which(program) or without)


def around():
    """Tell what of the learner's surroundings changes what the lessons' own commands do.

    What `python3 -m course` and the notebooks start is out of its reach.
    """
    if names := surroundings.proxies_in_the_way():
        yield Finding(
            "proxy",
            f"curl asks that of {', '.join(names)} even for this machine",
            f"Type, before the lessons' curl: {surroundings.past_proxies()}",
        )
    if file := surroundings.dotenv_that_is_read():
        yield Finding(
            file.name,
            f"{file}, which `flask` reads when you type it",
            f"Move it away, or type first: {surroundings.without_dotenv()}",
        )
    if names := surroundings.exported_settings():
        state = f"exported: {', '.join(names)}; `run`, `stack` and `flask` obey"
        yield Finding("settings", state, "Unset those that you did not mean for the course.")
    if names := surroundings.exported_to_flask():
        state = f"exported: {', '.join(names)}; `flask` obeys when you type it"
        yield Finding("Flask", state, "Unset those that you did not mean for the course.")
    if (file := Path.home() / ".curlrc").exists():
        yield Finding("curl", f"reads {file} first, which may change what you see")

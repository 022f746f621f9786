"""Makes .venv, the course's own Python environment, and keeps it whole."""

import contextlib
import csv
import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from course.errors import CourseError
from course.setup import surroundings, wheels
from course.setup.foreground import hand_over
from course.spine import ROOT
from course.terminal import COURSE

if os.name == "nt":
    import msvcrt
else:
    import fcntl

VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
READY = VENV / "course-ready"  # names the groups that are whole
LOCK = ROOT / ".venv.lock"
GROUPS = (
    *("core", "notebook", "extending", "securing", "testing", "checking", "servers", "site"),
    "dev",
)
ENSURE = """
import sys
from course.setup.environment import ensure
from course.errors import CourseError
try:
    ensure(*sys.argv[1:])
except CourseError as error:
    sys.exit(str(error))
"""
ROOM = 10**9  # bytes: .venv with every group in it, and a little more
NO_ROOM = ("no space left", "not enough space", "quota exceeded")  # as systems say it
NO_NETWORK = (  # as pip and uv say it, or what they call
    *("connect", "network", "retrying", "timed out", "name resolution", "dns", "proxy"),
    *("certificate", "failed to fetch", "no matching distribution"),
)
OLDEST_PIP_THAT_KNOWS_PYTHON_OPTION = (22, 3)


@dataclass(frozen=True)
class Installer:
    """One way to make an environment and to install into it, as two command lines."""

    name: str
    make: list
    install: list


def ensure(*groups):
    """Install what is missing of `core` and these groups; return the environment's Python."""
    groups = ("core", *groups)
    if all(is_ready(group) for group in groups):
        return PYTHON
    if Path(sys.prefix) == VENV:  # a Python can't replace the environment that it runs from
        hand_over([sys._base_executable, *sys.orig_argv[1:]], cwd=Path.cwd())
    try:
        with only_one_at_a_time() as lock:
            missing = [group for group in groups if not is_ready(group)]
            if missing:
                set_up(missing, lock)
    except OSError as error:
        raise CourseError(
            f"Setting up .venv failed: {error}\nClose what uses it (a server, Jupyter, an editor), "
            "see that this folder is yours and has room, and type the same command again."
        ) from None
    return PYTHON


def ensure_here(*groups):
    """Install what is missing of these groups, if this Python, such as a notebook's, is .venv's."""
    if Path(sys.prefix) != VENV or all(is_ready(group) for group in groups):
        return
    if not is_ready("core"):  # to mend that would pull .venv from under us
        raise CourseError(f"The course has changed. Close Jupyter, and type: {COURSE} notebook")
    asked = subprocess.run(
        [sys._base_executable, "-c", ENSURE, *groups],
        cwd=ROOT,
        env=python_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if asked.returncode:
        raise CourseError(asked.stderr.strip())


def is_ready(group):
    return PYTHON.exists() and READY.exists() and promise(group) in READY.read_text().split("\n")


def requirements(group):
    """Return the file that names a group's packages, with their versions and hashes."""
    return ROOT / "requirements" / f"{group}.txt"


def promise(group):
    """Return the line in READY that is true of this group here and now, and nowhere else."""
    made_from = (
        requirements(group).read_text(encoding="utf-8"),
        sys.implementation.cache_tag,
        str(ROOT),
    )
    return f"{group} {hashlib.sha256(repr(made_from).encode()).hexdigest()}"


def set_up(missing, lock):
    """Install the missing groups, the core first; READY names what is whole when it is cut short.

    All versions are of one lock file: no group changes what another one has.
    """
    installer = find_installer()
    print(f"Setting up .venv with {installer.name}: {', '.join(missing)} (only once) ...")
    sys.stdout.flush()
    if "core" in missing:
        make_anew(installer, lock)
    forget_unfinished_packages()
    whole = [group for group in GROUPS if is_ready(group)]
    for step in ("core",), GROUPS[1:]:
        if groups := [group for group in step if group in missing]:
            whole += groups
            files = [word for group in whole for word in ("-r", str(requirements(group)))]
            call([*installer.install, *wheels.options(), *files], lock)
            remember(whole)


def remember(groups):
    unfinished = READY.with_suffix(".unfinished")
    unfinished.write_text("\n".join(map(promise, groups)))
    unfinished.replace(READY)


def forget_unfinished_packages():
    """Let the installer see what is not there: it believes that what is named there is whole."""
    for package in packages_folder().glob("*.dist-info"):
        if not is_whole(package):
            shutil.rmtree(package)


def is_whole(package):
    """Tell whether a package has all files that it lists, each with its size."""
    listed = package / "RECORD"  # written last
    if not listed.exists():
        return False
    rows = csv.reader(listed.read_text(encoding="utf-8").splitlines())
    return all(has_size(package.parent / file, int(size)) for file, _, size in rows if size)


def has_size(file, size):
    return file.is_file() and file.stat().st_size == size


def make_anew(installer, lock):
    if VENV.exists():
        READY.unlink(missing_ok=True)
        shutil.rmtree(VENV)
    call(installer.make, lock)
    packages = packages_folder()
    packages.joinpath("course.pth").write_text(os.path.relpath(ROOT, packages))


def packages_folder():
    """Return where .venv has, or will have, the packages that are installed into it."""
    return Path(sysconfig.get_path("purelib", "venv", {"base": str(VENV)}))


def find_installer():
    """Choose uv where there is one, else this Python's pip, else one that it brings along."""
    here = sys.executable
    if uv := shutil.which("uv"):
        return Installer(
            "uv",
            [uv, "venv", "--quiet", "--no-project", "--python", here, str(VENV)],
            [uv, "pip", "install", "--quiet", "--require-hashes", "--python", str(PYTHON)],
        )
    install = ["install", "--quiet", "--no-input", "--no-user", "--retries=2", "--require-hashes"]
    if importlib.util.find_spec("venv") and pip_knows_python_option():
        return Installer(
            "pip",
            [here, "-m", "venv", "--without-pip", str(VENV)],
            [here, "-m", "pip", "--python", str(PYTHON), *install],
        )
    if importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip"):
        return Installer(
            "a new pip", [here, "-m", "venv", str(VENV)], [str(PYTHON), "-m", "pip", *install]
        )
    raise CourseError(
        "This Python can't make environments. On Debian or Ubuntu: sudo apt install python3-venv, "
        "then type the same command again."
    )


def pip_knows_python_option():
    try:
        version = metadata.version("pip").split(".")
    except metadata.PackageNotFoundError:
        return False
    return (int(version[0]), int(version[1])) >= OLDEST_PIP_THAT_KNOWS_PYTHON_OPTION


def call(command, lock):
    """Run one step of the set-up. It holds the lock too, in case that it outlives this process."""
    with subprocess.Popen(
        command,
        env=python_environment(PIP_CONSTRAINT=os.devnull),  # none of pip.conf's: the lock decides
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        pass_fds=[] if os.name == "nt" else [lock.fileno()],
        start_new_session=os.name != "nt",
    ) as step:
        try:
            output, _ = step.communicate()
        except KeyboardInterrupt:
            if os.name != "nt":  # where Ctrl-C reaches pip, and what pip has started, by itself
                os.killpg(step.pid, signal.SIGKILL)
            raise
    if step.returncode:
        raise CourseError(
            f"Setting up .venv failed: {reason(output)}\n"
            f"{advice(output)}, and type the same command again."
        )


def reason(output):
    """Return the line of an installer's output that says best why it failed."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower()]
    return (errors or lines or ["no reason given"])[-1]


def advice(output):
    """Return what to do about it, as far as an installer's output tells."""
    said = output.lower()
    if any(words in said for words in NO_ROOM):
        return (
            f"Make room: .venv needs up to {ROOM / 10**9:.0f} GB, "
            f"and so, while it is made, does {tempfile.gettempdir()}"
        )
    if folder := wheels.folder():
        return (
            f"See whether {folder} has the packages for this machine ({COURSE} doctor --help says "
            "how to add them), or move it away, and set up from the network"
        )
    if not any(words in said for words in NO_NETWORK):
        return f"See what stands in the way: {COURSE} doctor"
    names = surroundings.ways_to_packages()
    return "Check that the network is there" + (f", and {', '.join(names)} right" if names else "")


def python_environment(**variables):
    """Return this process's environment without what would lead .venv, or its making, astray."""
    return surroundings.for_python() | variables


@contextlib.contextmanager
def only_one_at_a_time():
    """Wait until no other command sets up .venv. The system frees a dead process's lock."""
    with LOCK.open("w") as lock:
        if not is_free(lock):
            print("Another command is setting up .venv; waiting for it ...", flush=True)
            while not is_free(lock):
                time.sleep(0.2)
        yield lock


def is_free(lock):
    """Take the lock, unless another process has it."""
    try:
        if os.name == "nt":
            msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True

"""The first command on a fresh machine: from nothing to an API that answers, whatever happens."""

import os
import re
import runpy
import shutil
import signal
import subprocess
import sys
import threading
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest
import requests
from course_copy import ROOT, CourseCopy, RunningCourse, wait_until

from course.errors import CourseError
from course.serving import ports
from course.setup import environment
from course.setup.environment import Installer
from course.testing.selection import GROUPS

pytestmark = pytest.mark.slow

OFFLINE = {
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_INDEX_URL": "http://127.0.0.1:9/simple",  # where nobody listens
    "PIP_EXTRA_INDEX_URL": "",
    "PIP_FIND_LINKS": "",
    "PIP_NO_CACHE_DIR": "1",
}


# Which Python


def older_pythons():
    names = ["python2", "python2.7", "python3.6", "python3.8", "python3.9", "python3.10"]
    found = [shutil.which(name) for name in names]
    found += Path.home().glob(".pyenv/versions/[23].*/bin/python")
    for python in filter(None, found):
        asked = subprocess.run(
            [python, "-c", "import sys; print(sys.version_info[:2] < (3, 11))"],
            capture_output=True,
            text=True,
            check=False,
        )
        if asked.stdout == "True\n":
            yield str(python)


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 10, 13)])
def test_an_older_python_is_refused_in_one_line(monkeypatch, version):
    monkeypatch.setattr(sys, "version_info", version)

    with pytest.raises(SystemExit, match=r"^This course needs Python 3\.11 or newer, and this is"):
        runpy.run_path(str(ROOT / "course" / "__init__.py"))


def test_older_pythons_that_are_here_get_that_line_and_no_traceback():
    for python in older_pythons():
        refused = subprocess.run(
            [python, "-B", "-m", "course", "run", "1"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )

        assert refused.returncode == 1
        assert refused.stderr.startswith("This course needs Python 3.11 or newer, and this is"), (
            python
        )
        assert refused.stderr.count("\n") == 1


# Requirements


@pytest.mark.parametrize("group", environment.GROUPS)
def test_requirements_are_what_the_lock_file_says(group):
    pytest.importorskip("uv", reason="requirements/dev.txt is not installed")
    only = "--no-default-groups" if group == "core" else f"--only-group={group}"
    exported = subprocess.run(
        [
            *(sys.executable, "-m", "uv", "export", "--quiet", "--frozen", "--offline"),
            *("--no-header", only),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert environment.requirements(group).read_text() == exported.stdout, (
        f"Make it again: uv export --quiet --frozen --no-header {only} -o requirements/{group}.txt"
    )


def test_every_group_of_pyproject_has_its_file():
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    files = {file.stem for file in (ROOT / "requirements").iterdir()}

    assert set(environment.GROUPS) == {"core", *declared["dependency-groups"]} == files


def test_every_requirement_is_pinned_with_its_hashes():
    for group in environment.GROUPS:
        for requirement in (
            environment.requirements(group).read_text().replace("\\\n", "").splitlines()
        ):
            if not requirement.lstrip().startswith("#"):
                assert "==" in requirement
                assert "--hash=sha256:" in requirement


# Setting up


class Place:
    """A folder with requirements, and a `find_installer` whose steps are small Python programs."""

    def __init__(self, folder):
        self.venv = folder / ".venv"
        self.steps = folder / "steps"
        self.steps.touch()
        self.install = "pass"

    def find_installer(self):
        note = f"open({str(self.steps)!r}, 'a').write"
        install = f"{note}(' '.join(['install', *sys.argv[1:]]) + '\\n'); {self.install}"
        return Installer(
            "a test",
            [sys.executable, "-m", "venv", "--without-pip", str(self.venv)],
            [sys.executable, "-c", f"import sys, time; {install}"],
        )

    def installed(self):
        return [Path(word).name for word in self.steps.read_text().split() if ".txt" in word]


@pytest.fixture
def place(tmp_path, monkeypatch):
    (tmp_path / "requirements").mkdir()
    for group in environment.GROUPS:
        (tmp_path / "requirements" / f"{group}.txt").write_text(group)
    place = Place(tmp_path)
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment, "VENV", place.venv)
    monkeypatch.setattr(
        environment, "PYTHON", place.venv / environment.PYTHON.relative_to(ROOT / ".venv")
    )
    monkeypatch.setattr(environment, "READY", place.venv / "course-ready")
    monkeypatch.setattr(environment, "LOCK", tmp_path / ".venv.lock")
    monkeypatch.setattr(environment, "find_installer", place.find_installer)
    return place


def test_the_first_command_sets_up_and_the_second_finds_it_done(place, capsys):
    environment.ensure()
    said_first = capsys.readouterr().out
    environment.ensure()
    said_second = capsys.readouterr().out

    assert place.installed() == ["core.txt"]
    assert said_first == "Setting up .venv with a test: core (only once) ...\n"
    assert said_second == ""


def test_a_group_is_installed_when_it_is_first_needed(place):
    environment.ensure()
    environment.ensure("notebook")
    environment.ensure("notebook")

    assert place.installed() == ["core.txt", "core.txt", "notebook.txt"]  # a look at the first


def test_the_environment_knows_the_course(place):
    python = environment.ensure()

    shown = subprocess.run(
        [python, "-c", "import sys; print(*sys.path, sep='\\n')"],
        cwd=place.venv,
        env=environment.python_environment(),
        capture_output=True,
        text=True,
        check=True,
    )

    assert str(place.venv.parent) in shown.stdout.splitlines()


def test_a_set_up_that_fails_is_made_anew_by_the_same_command(place):
    place.install = "sys.exit('ERROR: no network')"
    with pytest.raises(CourseError, match=r"(?s)ERROR: no network.*type the same command again"):
        environment.ensure()
    half_made = place.venv / "half-made"
    half_made.touch()

    place.install = "pass"
    environment.ensure()

    assert environment.is_ready("core")
    assert not half_made.exists()


STOPS_AT_THE_NOTEBOOK = "'notebook.txt' in ' '.join(sys.argv) and sys.exit('ERROR: cut short')"


@pytest.mark.parametrize("before", [[], ["core"]], ids=["from nothing", "with the core"])
def test_a_group_that_fails_leaves_the_core_as_it_is(place, before):
    if before:
        environment.ensure()
    place.install = STOPS_AT_THE_NOTEBOOK
    with pytest.raises(CourseError, match="cut short"):
        environment.ensure("notebook")

    assert environment.is_ready("core")
    assert not environment.is_ready("notebook")


def test_ctrl_c_during_a_larger_set_up_keeps_the_core(place, monkeypatch):
    steps = []
    call = environment.call

    def interrupted(command, lock):
        steps.append(command)
        if any("notebook.txt" in word for word in command):
            raise KeyboardInterrupt
        call(command, lock)

    monkeypatch.setattr(environment, "call", interrupted)
    with pytest.raises(KeyboardInterrupt):
        environment.ensure("notebook")
    made = len(steps)

    environment.ensure()

    assert len(steps) == made, "the core should be there"


def test_a_package_that_was_cut_short_is_installed_anew(place):
    """An installer looks for its name alone: the files that it lists may be missing."""
    environment.ensure()
    packages = environment.packages_folder()
    for name, record in {
        "whole": "whole.py,sha256=a,4\nwhole-1.dist-info/RECORD,,\n",
        "short": "short.py,sha256=a,9\n",
        "gone": "gone.py,sha256=a,4\n",
        "unlisted": None,
    }.items():
        info = packages / f"{name}-1.dist-info"
        info.mkdir()
        if record:
            (info / "RECORD").write_text(record)
        if name != "gone":
            (packages / f"{name}.py").write_text("pass")

    environment.ensure("notebook")

    assert [info.name for info in packages.glob("*.dist-info")] == ["whole-1.dist-info"]


@pytest.mark.parametrize("change", ["requirements", "python", "folder", "interpreter is gone"])
def test_an_environment_made_for_something_else_is_made_anew(place, monkeypatch, change):
    environment.ensure()
    old = place.venv / "old"
    old.touch()

    if change == "requirements":
        environment.requirements("core").write_text("something newer")
    elif change == "python":
        monkeypatch.setattr(environment.sys, "implementation", SimpleNamespace(cache_tag="other"))
    elif change == "folder":
        moved = environment.ROOT / "moved"
        shutil.copytree(environment.ROOT, moved, symlinks=True)
        monkeypatch.setattr(environment, "ROOT", moved)
    else:
        environment.PYTHON.unlink()
    environment.ensure()

    assert not old.exists()
    assert environment.is_ready("core")


def test_an_environment_made_anew_promises_no_group_that_it_has_not(place):
    environment.ensure("notebook")
    environment.requirements("core").write_text("something newer")

    environment.ensure()

    assert not environment.is_ready("notebook")


def test_two_commands_at_once_set_up_only_once(place):
    place.install = "time.sleep(0.5)"
    commands = [threading.Thread(target=environment.ensure) for _ in range(2)]

    for command in commands:
        command.start()
    for command in commands:
        command.join(timeout=20)

    assert place.installed() == ["core.txt"]


def test_from_inside_itself_the_environment_is_made_anew_by_the_python_behind(place, monkeypatch):
    called = []
    monkeypatch.setattr(sys, "prefix", str(place.venv))
    monkeypatch.setattr(sys, "orig_argv", ["python", "-m", "course", "run", "2"])

    def hand_over(command, **_):
        called.extend(command)
        raise SystemExit

    monkeypatch.setattr(environment, "hand_over", hand_over)

    with pytest.raises(SystemExit):
        environment.ensure()

    assert called == [sys._base_executable, "-m", "course", "run", "2"]


def test_a_notebook_gets_what_it_lacks_by_the_python_behind(place, monkeypatch):
    environment.ensure("notebook")
    monkeypatch.setattr(sys, "prefix", str(place.venv))
    called = []
    monkeypatch.setattr(
        environment.subprocess,
        "run",
        lambda command, **_: called.append(command) or SimpleNamespace(returncode=0),
    )

    environment.ensure_here("notebook")
    environment.ensure_here("extending")

    assert called == [[sys._base_executable, "-c", environment.ENSURE, "extending"]]


def test_a_notebook_that_can_not_get_what_it_lacks_says_why(tmp_path, monkeypatch):
    copy = CourseCopy(tmp_path)
    monkeypatch.setattr(environment, "ROOT", copy.folder)
    monkeypatch.setattr(environment, "VENV", Path(sys.prefix))
    monkeypatch.setattr(environment, "is_ready", lambda group: group == "core")
    for name, value in OFFLINE.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PATH", os.defpath)

    with pytest.raises(CourseError, match=r"Setting up \.venv failed") as failure:
        environment.ensure_here("extending")

    assert "Traceback" not in str(failure.value)


def test_a_notebook_does_not_pull_the_environment_from_under_itself(place, monkeypatch):
    monkeypatch.setattr(sys, "prefix", str(place.venv))

    with pytest.raises(CourseError, match="Close Jupyter, and type: python3 -m course notebook"):
        environment.ensure_here("extending")


def test_another_python_than_the_environments_is_left_as_it_is(place):
    environment.ensure_here("extending")

    assert place.installed() == []


@pytest.mark.skipif(os.name == "nt", reason="Windows refuses to remove files that are in use")
def test_a_step_that_outlives_its_command_still_holds_the_lock(place):
    with environment.only_one_at_a_time() as lock:
        holds_it = f"import os; os.fstat({lock.fileno()})"

        environment.call([sys.executable, "-c", holds_it], lock)  # or raises CourseError


def test_a_folder_that_cannot_be_written_says_so(place, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied", "/elsewhere/.venv")

    monkeypatch.setattr(environment, "set_up", refuse)

    with pytest.raises(
        CourseError, match=r"Permission denied: '/elsewhere/\.venv'\nClose what uses"
    ):
        environment.ensure()


# Choosing what installs


def test_uv_is_used_where_there_is_one(monkeypatch):
    monkeypatch.setattr(shutil, "which", {"uv": "/somewhere/uv"}.get)

    assert environment.find_installer().install[0] == "/somewhere/uv"


@pytest.fixture
def without_uv(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _: None)


@pytest.mark.usefixtures("without_uv")
class TestWithoutUv:
    def test_a_new_enough_pip_installs_into_an_environment_without_one(self, monkeypatch):
        monkeypatch.setattr("importlib.metadata.version", lambda _: "22.3.1")

        installer = environment.find_installer()

        assert "--without-pip" in installer.make
        assert installer.install[:4] == [sys.executable, "-m", "pip", "--python"]

    def test_an_older_pip_stays_out_of_it(self, monkeypatch):
        monkeypatch.setattr("importlib.metadata.version", lambda _: "22.0.2")

        installer = environment.find_installer()

        assert "--without-pip" not in installer.make
        assert installer.install[:3] == [str(environment.PYTHON), "-m", "pip"]

    def test_no_pip_at_all_names_the_package_to_install(self, monkeypatch):
        def missing(name):
            raise environment.metadata.PackageNotFoundError(name)

        monkeypatch.setattr("importlib.metadata.version", missing)
        monkeypatch.setattr("importlib.util.find_spec", lambda name: name == "venv" or None)

        with pytest.raises(CourseError, match="sudo apt install python3-venv"):
            environment.find_installer()


def test_a_users_settings_are_kept_but_for_those_that_lead_astray(monkeypatch):
    for name in ("PIP_INDEX_URL", "PIP_CERT", "PIP_TARGET", "PYTHONPATH", "PYTHONHOME"):
        monkeypatch.setenv(name, "/somewhere")

    kept = environment.python_environment()

    assert {"PIP_INDEX_URL", "PIP_CERT"} <= kept.keys()
    assert not {"PIP_TARGET", "PYTHONPATH", "PYTHONHOME"} & kept.keys()


def test_on_windows_the_lock_is_msvcrts(monkeypatch, tmp_path):
    held = []

    def locking(_, mode, length):
        if held:
            raise PermissionError(13, "Permission denied")
        held.append((mode, length))

    monkeypatch.setattr(environment, "os", SimpleNamespace(name="nt"))
    monkeypatch.setattr(
        environment, "msvcrt", SimpleNamespace(locking=locking, LK_NBLCK=2), raising=False
    )

    with (tmp_path / "lock").open("w") as lock:
        first, second = environment.is_free(lock), environment.is_free(lock)

    assert (first, second) == (True, False)
    assert held == [(2, 1)]


# The whole way, with a real pip


def test_offline_is_a_line_and_no_traceback(tmp_path):
    copy = CourseCopy(tmp_path)

    code, output = copy.call("run", "1", PATH=os.defpath, **OFFLINE)

    *_, reason, advice = output.splitlines()
    assert code == 1
    assert reason.startswith("Setting up .venv failed: ERROR:")
    assert re.fullmatch(
        "Check that the network is there, and .*PIP_INDEX_URL.* right, "
        "and type the same command again.",
        advice,
    )
    assert "Traceback" not in output


@pytest.mark.needs_index
def test_a_fresh_clone_answers_whatever_came_before_and_is_set_up_once(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    fresh = {
        "HOME": str(home),
        "PATH": os.defpath,  # without uv
        "PIP_USER": "1",
        "PIP_TARGET": str(tmp_path / "astray"),
        "PIP_REQUIRE_VIRTUALENV": "1",
        "PYTHONPATH": str(tmp_path / "astray"),
    }
    copy = CourseCopy(tmp_path)
    port = str(ports.free_port())

    interrupt_set_up(copy, signal.SIGINT, fresh)
    interrupt_set_up(copy, signal.SIGKILL, fresh)
    first = what_run_says(copy, port, fresh)
    second = what_run_says(copy, port, fresh)

    assert not (tmp_path / "astray").exists()
    assert "Setting up .venv" in first
    assert "Setting up .venv" not in second


def interrupt_set_up(copy, number, variables):
    """Stop the set-up while packages are being written; it must say at most one line about it."""
    log = copy.folder / "interrupted.log"
    with log.open("w") as output:
        process = copy.start("run", "1", output=output, **variables)
    installing = wait_until(lambda: any(copy.folder.glob(".venv/lib*/python*/site-packages/*/")))
    process.send_signal(number)
    process.wait(timeout=5)

    assert installing
    assert "Traceback" not in log.read_text()


def what_run_says(copy, port, variables):
    """Run chapter 1 until it answers; return what the command printed until then."""
    with RunningCourse(copy, "1", "--port", port, **variables) as running:
        assert requests.get(f"{running.url}/v1/movies", timeout=5).ok
        return running.output


@pytest.mark.needs_index
@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="only git can clone")
def test_tests_of_a_fresh_clone_load_with_no_more_than_they_need(tmp_path):
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)

    done = subprocess.run(
        [sys._base_executable, "-m", "course", "test", "--", "--collect-only", "-q"],
        cwd=clone,
        env=os.environ | {"PATH": os.defpath},  # without uv
        capture_output=True,
        text=True,
        check=False,
    )

    ready = {line.split()[0] for line in (clone / ".venv/course-ready").read_text().splitlines()}
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    assert ready == {"core", *GROUPS}

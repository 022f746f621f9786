"""Set-ups without a package index: a folder of wheels takes its place."""

import os
import shutil
import subprocess
import sys

import pytest
import requests
from course_copy import CourseCopy, RunningCourse

from course.command_line import main
from course.errors import CourseError
from course.setup import environment, prepare, wheels

NOWHERE = {  # an index where nobody listens, and no wheel from a cache
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
    "PIP_EXTRA_INDEX_URL": "",
    "PIP_FIND_LINKS": "",
    "PIP_NO_CACHE_DIR": "1",
    "UV_DEFAULT_INDEX": "http://127.0.0.1:9/simple",
    "UV_NO_CACHE": "1",
}
LAST = f"{prepare.this_version()}.99"


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """Load the packages of the core for this machine, as `doctor --prepare` does."""
    copy = CourseCopy(tmp_path_factory.mktemp("at home"))
    copy.borrow_packages()
    for group in environment.GROUPS[1:]:  # those of the core are enough to see it work
        (copy.folder / "requirements" / f"{group}.txt").write_text("")
    code, printed = copy.call("doctor", "--prepare", str(copy.folder / "wheels"))
    assert code == 0, printed
    return copy.folder / "wheels"


@pytest.mark.slow
@pytest.mark.needs_index
def test_a_laptop_is_set_up_from_the_folder_alone(loaded, tmp_path):
    laptop = CourseCopy(tmp_path)
    shutil.copytree(loaded, laptop.folder / "wheels")

    with RunningCourse(laptop, "1", **NOWHERE) as course:
        assert requests.get(f"{course.url}/v1/movies").json()["movies"]


@pytest.mark.slow
@pytest.mark.needs_index
def test_a_shared_folder_is_named_by_a_variable(loaded, tmp_path):
    laptop = CourseCopy(tmp_path)

    with RunningCourse(laptop, "1", COURSE_WHEELS=str(loaded), **NOWHERE) as course:
        assert requests.get(f"{course.url}/v1/movies").status_code == 200


@pytest.mark.slow
def test_a_folder_that_lacks_a_package_is_named(tmp_path):
    laptop = CourseCopy(tmp_path)
    (laptop.folder / "wheels").mkdir()

    code, printed = laptop.call("run", "1", **NOWHERE)

    assert code == 1
    assert "Setting up .venv failed" in printed
    assert "wheels has the packages for this machine" in printed
    assert "Traceback" not in printed


def test_every_pin_of_the_locks_is_found():
    for group in environment.GROUPS:
        text = environment.requirements(group).read_text(encoding="utf-8")
        found = list(prepare.pins_of(group))

        assert len(found) == text.count("==") - sum(
            (marker or "").count("==") for _, marker, _ in found
        )
        assert sum(hashes.count("--hash") for _, _, hashes in found) == text.count("--hash")


@pytest.mark.parametrize(
    ("system", "has", "lacks"),
    [
        ("windows", "pywinpty", "pexpect"),
        ("linux", "pexpect", "pywinpty"),
        ("macos", "pexpect", "pywinpty"),
    ],
)
def test_each_system_gets_what_its_markers_ask_for(system, has, lacks):
    needed = prepare.needed(prepare.SYSTEMS[system], LAST)

    assert f"\n{has}==" in needed
    assert f"\n{lacks}==" not in needed
    assert ";" not in needed, "pip would read a marker as that of the machine that it runs on"


@pytest.mark.parametrize("group", environment.GROUPS)
def test_this_machine_needs_what_is_installed_here(group):
    """What the markers leave is what the installer has chosen, which reads them by itself."""
    system = prepare.this_system()
    if not system or not environment.is_ready(group):
        pytest.skip("not set up here")
    needed = prepare.needed(prepare.SYSTEMS[system], sys.version.split()[0])
    pins = {line.split()[0].lower() for line in needed.splitlines() if "==" in line}
    listed = subprocess.run(
        [environment.PYTHON, "-c", FREEZE], capture_output=True, text=True, check=True
    )

    assert set(listed.stdout.split()) - {"pip", "setuptools"} <= pins


FREEZE = """
import re
from importlib.metadata import distributions
for each in distributions():
    name = re.sub(r"[-_.]+", "-", each.name).lower()
    print(name if name in ("pip", "setuptools") else f"{name}=={each.version}")
"""


def test_options_name_the_folder_only_if_there_is_one(tmp_path, monkeypatch):
    monkeypatch.setattr(wheels, "FOLDER", tmp_path / "wheels")
    monkeypatch.delenv(wheels.VARIABLE, raising=False)
    assert wheels.options() == []

    (tmp_path / "wheels").mkdir()

    assert wheels.options() == ["--no-index", "--find-links", str(tmp_path / "wheels")]


def test_variable_that_names_no_folder_is_told(monkeypatch, tmp_path):
    monkeypatch.setenv(wheels.VARIABLE, str(tmp_path / "none"))

    with pytest.raises(CourseError, match=r"COURSE_WHEELS names .*none"):
        wheels.options()


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["--for", "linux"], "belong to --prepare"),
        (["--prepare", "x", "--for", "amiga"], "invalid choice: 'amiga'"),
        (["--prepare", "x", "--python", "3.10"], "invalid choice: '3.10'"),
    ],
)
def test_wrong_use_is_one_line(words, answer, capsys):
    with pytest.raises(SystemExit) as refused:
        main(["doctor", *words])

    told = f"{refused.value.code}{capsys.readouterr().err}"
    assert answer in told
    assert "Traceback" not in told

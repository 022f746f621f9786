"""The mutation lab for chapters 1 to 5: the faults that can be made there, and be noticed."""

import json
import subprocess
import sys

import pytest
from course_files import ROOT, copy_files

from course.command_line import main
from course.commands import mutants
from course.mutants.faults import EARLIER, about, all_faults, tables_of
from course.mutants.runners import SURROUNDINGS
from course.setup.environment import python_environment
from course.spine import find_chapter

LAB = "python3 -m course mutants"
AT_LEAST = {1: 2, 2: 12, 3: 17, 4: 50, 5: 60}  # faults


@pytest.mark.parametrize("number", AT_LEAST)
def test_each_chapter_has_faults_that_fit_its_files(number):
    folder = find_chapter(number).folder
    with about(number):
        faults = all_faults()

    assert len(faults) >= AT_LEAST[number]
    for fault in faults:
        assert fault.applied_to((folder / fault.file).read_text(encoding="utf-8"))


def test_each_that_is_made_otherwise_is_one_of_chapter_6():
    names = {fault.name for fault in all_faults()}

    for table in tables_of(EARLIER):
        assert table["name"] in names
        assert all(1 <= number <= 5 for number in table["chapters"])


@pytest.mark.parametrize(
    "number", [1, 2, 3, pytest.param(4, marks=pytest.mark.slow)], ids="chapter {}".format
)
def test_each_is_a_change_on_the_wire_of_its_chapter(number, tmp_path):
    chapter = find_chapter(number).folder
    copy_files(chapter, tmp_path)

    played = subprocess.run(
        [sys.executable, ROOT / "tests" / "wire.py", str(number)],
        cwd=tmp_path / chapter.name,
        env=python_environment(**SURROUNDINGS),
        stdout=subprocess.PIPE,
        timeout=300,
        check=True,
    )

    for name, (sound, broken, mended) in json.loads(played.stdout).items():
        assert sound == mended, f"{name}: the proof itself varies"
        assert sound != broken, f"{name}: both answer:\n" + "\n".join(sound)


def test_number_of_a_chapter_lists_its_faults(capsys):
    assert main(["mutants", "2", "--list"]) == 0
    listed = capsys.readouterr().out
    assert "post-answers-200 " in listed
    assert "put-creates " not in listed, "chapter 2 has no PUT"

    assert main(["mutants", "--list"]) == 0
    assert "put-creates " in capsys.readouterr().out


def test_listing_the_faults_makes_no_folder_for_a_suite(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(mutants, "ROOT", tmp_path)

    for options in ([], ["--survivors"]):
        assert main(["mutants", "4", "--list", *options]) == 0

    assert "page-off-by-one " in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("4 --only zzz", f"There is no fault 'zzz'. To see all of them: {LAB} 4 --list"),
        (
            "5 --only README.md",
            f"README.md is a path, and no fault. Put it before --only: {LAB} 5 README.md --only ",
        ),
        ("7", "There is no chapter '7'. There is: 1 (01_getting_started), "),
        ("4 --section 4.a", "There is no fault of section '4.a'. There is: 6.2, 6.3, 6.4, 6.5."),
        ("5 README.md", "README.md holds no tests: name a .py file, or a folder of them."),
        ("4 nothing.py", "There is no file or folder nothing.py."),
    ],
)
def test_what_cannot_be_is_refused_in_one_line_of_that_chapter(monkeypatch, typed, told):
    monkeypatch.chdir(ROOT)

    with pytest.raises(SystemExit) as refused:
        main(["mutants", *typed.split()])

    assert str(refused.value).startswith(told)
    assert "\n" not in str(refused.value)


def test_fault_is_explained_by_the_code_of_the_chapter(capsys):
    assert main(["mutants", "2", "--explain", "post-answers-200"]) == 0

    assert "+    return represent_movie(movie.serialize()), 200, {" in capsys.readouterr().out


def test_suite_for_an_earlier_chapter_is_made_once(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(mutants, "ROOT", tmp_path)

    with about(2):
        folder = mutants.the_suite()
    assert folder == tmp_path / "mine_tests_2"
    assert capsys.readouterr().out == "Your tests of chapter 2 go to mine_tests_2; one is there.\n"

    (folder / "test_cinema.py").write_text("mine")
    with about(2):
        assert mutants.the_suite() == folder
    assert (folder / "test_cinema.py").read_text() == "mine"
    assert capsys.readouterr().out == ""


@pytest.mark.slow
@pytest.mark.parametrize("number", [1, 2, 3])
def test_tests_of_a_chapter_catch_all_that_can_be_made_there(number):
    tests = find_chapter(number).folder / "tests"

    done = subprocess.run(
        [sys.executable, "-m", "course", "mutants", str(number), str(tests)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr

"""The films: the shipped data is what the script makes of its source."""

import subprocess
import sys

import pytest
from course_files import ROOT, label
from whole_course import WholeCourse

DATA_FILES = sorted(ROOT.glob("*/cinema/data/movies.json"))


def test_script_makes_the_shipped_films_again(tmp_path):
    pytest.importorskip("bokeh_sampledata", reason="requirements/dev.txt is not installed")
    course = WholeCourse(tmp_path)
    copies = [course.folder / label(file) for file in DATA_FILES]
    for copy in copies:
        copy.write_text("[]")

    subprocess.run([sys.executable, "-m", "course.films"], cwd=course.folder, check=True)

    assert [copy.read_bytes() for copy in copies] == [file.read_bytes() for file in DATA_FILES]


def test_every_chapter_ships_the_same_films():
    assert len({file.read_bytes() for file in DATA_FILES}) == 1

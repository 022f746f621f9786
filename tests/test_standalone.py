"""A chapter stands alone: copied to an empty folder, it is installed, its tests load, and it runs.

In a new environment with nothing but its requirements, its tests are run by `.ci/lanes.py`: twice.
"""

import os
import venv
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import prose
import pytest
from console import Terminal, replay
from course_files import copy_files, label

from course.spine import chapters

pytestmark = [
    pytest.mark.needs_index,
    pytest.mark.skipif(os.name == "nt", reason="the lessons' commands are for bash"),
]

CHAPTERS = [chapter.folder for chapter in chapters()]


@pytest.fixture(scope="module")
def played():
    """Play what each lesson says of its chapter alone; all at once, since most of it is waiting."""
    with ThreadPoolExecutor() as pool:
        return dict(zip(CHAPTERS, pool.map(play_alone, CHAPTERS), strict=True))


def play_alone(chapter):
    """Type in the lesson's commands where there is nothing but the chapter and a new Python."""
    with TemporaryDirectory(prefix="alone-") as folder:
        copy_files(chapter, Path(folder))
        python = Path(folder, "environment")
        venv.create(python, with_pip=True, symlinks=True)
        with Terminal(folder, [python / "bin"]) as terminal:
            return replay(blocks_for(chapter), terminal)


def blocks_for(chapter):
    blocks = prose.read(chapter / "README.md").blocks
    return [block for block in blocks if block.is_for_the_chapter_alone]


@pytest.mark.parametrize("chapter", CHAPTERS, ids=label)
def test_lesson_says_how_to_install_test_and_run_the_chapter_alone(chapter):
    commands = "\n".join(block.text for block in blocks_for(chapter))

    assert "\n$ pip install -r requirements.txt\n" in commands
    assert "\n$ python -m unittest\n" in commands
    assert "\n$ flask --app cinema run " in commands


@pytest.mark.parametrize("chapter", CHAPTERS, ids=label)
def test_chapter_does_alone_what_its_lesson_says(chapter, played):
    if differences := list(chain.from_iterable(played[chapter].values())):
        pytest.fail("\n\n".join(differences), pytrace=False)

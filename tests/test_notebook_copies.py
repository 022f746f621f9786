"""`notebook` opens a copy: what you do in it survives, and git does not see it."""

import json
import subprocess

import pytest
from course_files import ROOT, is_left_by_running, tracked_files

from course.command_line import main
from course.commands import notebook as command
from course.jupyter import copies


def cell(text, slide="-"):
    metadata = {"slideshow": {"slide_type": slide}}
    return {"cell_type": "code", "metadata": metadata, "source": [text], "outputs": []}


PRINTED = [{"output_type": "stream", "name": "stdout", "text": ["2\n"]}]
TEXT = {"cell_type": "markdown", "metadata": {}, "source": ["Two."]}


def notebook(*texts):
    return json.dumps({"cells": [cell(text) for text in texts], "metadata": {}})


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course of the notebooks 2a and 2b, and the folder for copies of them."""
    monkeypatch.setattr(copies, "OURS", tmp_path / "notebooks")
    monkeypatch.setattr(copies, "MINE", tmp_path / "my_notebooks")
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "2a_create.ipynb").write_text(notebook("1 + 1"))
    (tmp_path / "notebooks" / "2b_read.ipynb").write_text(notebook("2 + 2"))
    (tmp_path / "notebooks" / "2b_read.json").write_text("[1, 2]")
    return tmp_path


def source(file):
    return ["".join(cell["source"]) for cell in json.loads(file.read_text())["cells"]]


def test_all_notebooks_and_their_data_are_copied(course):
    assert copies.update() == []

    mine = course / "my_notebooks"
    assert source(mine / "2a_create.ipynb") == ["1 + 1"]
    assert source(mine / "2b_read.ipynb") == ["2 + 2"]
    assert (mine / "2b_read.json").read_text() == "[1, 2]"


def test_a_copy_that_nobody_has_changed_follows_the_course(course):
    copies.update()
    (course / "notebooks" / "2a_create.ipynb").write_text(notebook("1 + 2"))

    assert copies.update() == []

    assert source(course / "my_notebooks" / "2a_create.ipynb") == ["1 + 2"]


def test_outputs_and_metadata_are_kept_and_are_no_change_of_yours(course):
    copies.update()
    mine = course / "my_notebooks" / "2a_create.ipynb"
    ran = json.loads(mine.read_text()) | {"metadata": {"kernelspec": {"name": "mine"}}}
    mine.write_text(json.dumps(ran))

    copies.update()
    assert json.loads(mine.read_text()) == ran

    (course / "notebooks" / "2a_create.ipynb").write_text(notebook("1 + 2"))
    assert copies.update() == []
    assert source(mine) == ["1 + 2"]


def test_a_copy_of_yours_stays_as_it_is_and_is_named_once_the_course_has_a_newer_one(course):
    copies.update()
    mine = course / "my_notebooks" / "2a_create.ipynb"
    mine.write_text(notebook("my own"))

    assert copies.update() == []
    (course / "notebooks" / "2a_create.ipynb").write_text(notebook("1 + 2"))
    assert copies.update() == ["2a_create.ipynb"]
    assert copies.update() == ["2a_create.ipynb"]

    assert source(mine) == ["my own"]


@pytest.mark.parametrize("record", ["", "[]", "no JSON", None])
def test_without_a_record_nothing_is_replaced(course, record):
    copies.update()
    mine = course / "my_notebooks" / "2a_create.ipynb"
    mine.write_text(notebook("my own"))
    kept = course / "my_notebooks" / copies.RECORD
    kept.unlink() if record is None else kept.write_text(record)
    (course / "notebooks" / "2a_create.ipynb").write_text(notebook("1 + 2"))

    assert copies.update() == ["2a_create.ipynb"]

    assert source(mine) == ["my own"]


@pytest.mark.parametrize("broken", ["", "no notebook", '{"cells": 1}', "[]"])
def test_a_copy_that_is_no_notebook_any_more_is_left_alone(course, broken):
    copies.update()
    mine = course / "my_notebooks" / "2a_create.ipynb"
    mine.write_text(broken)
    (course / "notebooks" / "2a_create.ipynb").write_text(notebook("1 + 2"))

    assert copies.update() == ["2a_create.ipynb"]

    assert mine.read_text() == broken


def test_a_copy_that_was_deleted_comes_back(course):
    copies.update()
    (course / "my_notebooks" / "2a_create.ipynb").unlink()

    copies.update()

    assert source(course / "my_notebooks" / "2a_create.ipynb") == ["1 + 1"]


def test_a_fresh_one_keeps_yours_under_another_name_each_time(course):
    copies.update()
    mine = course / "my_notebooks" / "2a_create.ipynb"
    for text in ("first", "second"):
        mine.write_text(notebook(text))
        copies.make_fresh("2a_create.ipynb")

    assert source(mine) == ["1 + 1"]
    assert source(mine.with_name("2a_create.1.ipynb")) == ["first"]
    assert source(mine.with_name("2a_create.2.ipynb")) == ["second"]
    assert copies.update() == []


def test_a_fresh_one_has_the_outputs_of_the_course_again(course):
    copies.update()
    mine = course / "my_notebooks" / "2a_create.ipynb"
    fresh = mine.read_bytes()
    mine.write_text(json.dumps(json.loads(mine.read_text()) | {"metadata": {"x": 1}}))

    assert copies.make_fresh("2a_create.ipynb") is None

    assert mine.read_bytes() == fresh
    assert not mine.with_name("2a_create.1.ipynb").exists()


def test_a_blank_one_has_your_cells_without_outputs_and_the_courses_keeps_them(course):
    original = course / "notebooks" / "2a_create.ipynb"
    cells = [cell("1 + 1") | {"outputs": PRINTED, "execution_count": 3}, TEXT]
    original.write_text(json.dumps({"cells": cells, "metadata": {"x": 1}}))
    before = original.read_bytes()
    copies.update()
    mine = course / "my_notebooks" / "2a_create.ipynb"
    mine.write_text(mine.read_text().replace("1 + 1", "my own"))

    assert copies.make_blank("2a_create.ipynb")

    assert json.loads(mine.read_text()) == {
        "cells": [cell("my own") | {"outputs": [], "execution_count": None}, TEXT],
        "metadata": {"x": 1},
    }
    assert original.read_bytes() == before


def test_a_blank_copy_follows_the_course_and_a_fresh_one_has_outputs_again(course):
    original = course / "notebooks" / "2a_create.ipynb"
    printed = json.dumps({"cells": [cell("1 + 2") | {"outputs": PRINTED}], "metadata": {}})
    copies.update()
    copies.make_blank("2a_create.ipynb")
    original.write_text(printed)

    assert copies.update() == []
    copies.make_blank("2a_create.ipynb")
    assert copies.make_fresh("2a_create.ipynb") is None

    mine = course / "my_notebooks" / "2a_create.ipynb"
    assert json.loads(mine.read_text()) == json.loads(printed)


def test_every_notebook_of_the_course_can_be_made_blank(course):
    for file in tracked_files(ROOT / "notebooks"):
        (course / "notebooks" / file.name).write_bytes(file.read_bytes())
    copies.update()

    for file in (file for file in tracked_files(ROOT / "notebooks") if file.suffix == ".ipynb"):
        mine = course / "my_notebooks" / file.name
        kept = source(mine)
        assert copies.make_blank(file.name)
        assert not any(cell.get("outputs") for cell in json.loads(mine.read_text())["cells"])
        assert source(mine) == kept


def test_speaker_notes_are_not_in_the_copy(course):
    cells = [cell("1 + 1", "slide"), cell("Say: two.", "notes"), cell("2 + 2", "subslide")]
    text = json.dumps({"cells": cells, "metadata": {}})
    (course / "notebooks" / "2a_create.ipynb").write_text(text)

    copies.update()

    assert source(course / "my_notebooks" / "2a_create.ipynb") == ["1 + 1", "2 + 2"]


def test_all_else_in_a_copy_is_as_in_the_original_to_the_byte(monkeypatch):
    monkeypatch.setattr(copies, "is_note", lambda _cell: False)
    files = tracked_files(ROOT / "notebooks")

    assert len(files) > 20
    for file in files:
        assert copies.content_of(file) == file.read_bytes(), file.name


# The command


@pytest.fixture
def started(course, monkeypatch):
    """What the command would have started, in that course."""
    started = []
    monkeypatch.setattr("course.setup.environment.ensure", lambda *_groups: "python")
    monkeypatch.setattr(command, "hand_over", lambda words, **_: started.extend(words))
    monkeypatch.setattr(command, "ROOT", course)
    return started


def url_of(started):
    (url,) = (word for word in started if word.startswith("--LabApp.default_url="))
    return url.partition("=")[2]


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("notebook", "/lab/tree/my_notebooks"),
        ("notebook 2a", "/lab/tree/my_notebooks/2a_create.ipynb"),
        ("notebook 2a --fresh", "/lab/tree/my_notebooks/2a_create.ipynb"),
        ("notebook 2a --blank", "/lab/tree/my_notebooks/2a_create.ipynb"),
        ("notebook 2a --fresh --blank", "/lab/tree/my_notebooks/2a_create.ipynb"),
        ("notebook 2a --original", "/lab/tree/notebooks/2a_create.ipynb"),
        ("notebook --original", "/lab/tree/notebooks"),
    ],
)
def test_it_opens_the_copy_but_for_those_who_write_the_course(started, course, typed, url):
    main(typed.split())

    assert url_of(started) == url
    assert (course / "my_notebooks").exists() == ("--original" not in typed)


def test_it_says_how_to_get_a_newer_one_only_when_that_one_is_opened(started, course, capsys):
    copies.update()
    (course / "my_notebooks" / "2a_create.ipynb").write_text(notebook("my own"))
    (course / "notebooks" / "2a_create.ipynb").write_text(notebook("1 + 2"))

    main(["notebook", "2b"])
    assert capsys.readouterr().out == ""

    main(["notebook", "2a"])
    assert capsys.readouterr().out == (
        "The course's notebook is a newer one; this is yours, with your changes. "
        "To have the new one: python3 -m course notebook 2a --fresh\n"
    )

    main(["notebook", "2a", "--fresh"])
    assert capsys.readouterr().out == "Yours is kept as my_notebooks/2a_create.1.ipynb.\n"
    assert started


def test_blank_opens_it_without_outputs_and_without_it_they_stay(started, course):
    content = {"cells": [cell("1 + 1") | {"outputs": PRINTED}], "metadata": {}}
    (course / "notebooks" / "2a_create.ipynb").write_text(json.dumps(content))
    mine = course / "my_notebooks" / "2a_create.ipynb"

    main(["notebook", "2a"])
    assert json.loads(mine.read_text())["cells"][0]["outputs"] == PRINTED

    main(["notebook", "2a", "--blank"])
    assert json.loads(mine.read_text())["cells"][0]["outputs"] == []
    assert started


@pytest.mark.parametrize("option", ["--fresh", "--blank"])
@pytest.mark.usefixtures("started")
def test_fresh_and_blank_want_to_know_which_one(option):
    with pytest.raises(SystemExit, match=rf"^Which one\? Try: .+ notebook 2a {option}$"):
        main(["notebook", option])


def test_the_courses_own_is_not_made_blank(started, course):
    before = (course / "notebooks" / "2a_create.ipynb").read_bytes()

    with pytest.raises(SystemExit) as refused:
        main(["notebook", "2a", "--original", "--blank"])

    assert str(refused.value) == (
        "--blank is for your copy; the course's own keeps its outputs. Leave one of them out."
    )
    assert (course / "notebooks" / "2a_create.ipynb").read_bytes() == before
    assert not started


@pytest.mark.parametrize("broken", ["", "[]", '{"cells": [1]}'])
def test_blank_says_what_to_do_with_a_copy_that_is_no_notebook(started, course, broken):
    copies.update()
    mine = course / "my_notebooks" / "2a_create.ipynb"
    mine.write_text(broken)

    with pytest.raises(SystemExit) as refused:
        main(["notebook", "2a", "--blank"])

    assert str(refused.value) == (
        "my_notebooks/2a_create.ipynb is no notebook any more. "
        "To get the course's: python3 -m course notebook 2a --fresh"
    )
    assert mine.read_text() == broken
    assert not started


def test_git_does_not_see_the_copies():
    assert is_left_by_running("my_notebooks/2a_create.ipynb")
    assert is_left_by_running("my_notebooks/.ipynb_checkpoints/x")
    assert not is_left_by_running("notebooks/2a_create.ipynb")


def test_pull_brings_the_next_version_beside_what_a_class_has_done(tmp_path):
    """As after a class: the copies were run and changed, and the course has a newer notebook."""

    def git(*words, cwd):
        name = ["-c", "user.name=a", "-c", "user.email=a@b.example"]
        subprocess.run(["git", *name, *words], cwd=cwd, check=True, capture_output=True)

    def status(folder):
        asked = ["git", "status", "--porcelain"]
        return subprocess.run(asked, cwd=folder, capture_output=True, text=True, check=True).stdout

    origin, clone = tmp_path / "origin", tmp_path / "clone"
    (origin / "notebooks").mkdir(parents=True)
    (origin / "notebooks" / "2a_create.ipynb").write_text(notebook("1 + 1"))
    (origin / ".gitignore").write_text((ROOT / ".gitignore").read_text())
    git("init", "-q", cwd=origin)
    git("add", "-A", cwd=origin)
    git("commit", "-qm", "first", cwd=origin)
    git("clone", "-q", str(origin), str(clone), cwd=tmp_path)
    (clone / "my_notebooks").mkdir()
    (clone / "my_notebooks" / "2a_create.ipynb").write_text(notebook("my own"))
    (origin / "notebooks" / "2a_create.ipynb").write_text(notebook("1 + 2"))
    git("commit", "-qam", "second", cwd=origin)

    assert status(clone) == ""
    git("pull", "-q", "--ff-only", cwd=clone)

    assert status(clone) == ""
    assert source(clone / "notebooks" / "2a_create.ipynb") == ["1 + 2"]
    assert source(clone / "my_notebooks" / "2a_create.ipynb") == ["my own"]

"""The lanes of CI: the ends of what is found on a machine, which may have one Python only."""

import importlib.util

from course_files import ROOT

spec = importlib.util.spec_from_file_location("lanes", ROOT / ".ci" / "lanes.py")
lanes = importlib.util.module_from_spec(spec)
spec.loader.exec_module(lanes)


def python(*version):
    return {"version_parts": dict(zip(("major", "minor", "patch"), version, strict=True))}


def test_lanes_are_the_oldest_and_the_newest_python_by_number():
    found = [python(3, 11, 10), python(3, 14, 0), python(3, 11, 9)]

    oldest, newest = lanes.lanes(found)

    assert (oldest.python, oldest.resolution) == (python(3, 11, 9), "lowest-direct")
    assert (newest.python, newest.resolution) == (python(3, 14, 0), "highest")


def test_one_python_takes_both_lanes():
    oldest, newest = lanes.lanes([python(3, 11, 2)])

    assert oldest.python == newest.python
    assert oldest.resolution != newest.resolution

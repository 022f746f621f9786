"""A copy of the whole course, in which lessons can be played without harm to a learner's files."""

from course_copy import CourseCopy
from course_files import ROOT, copy_files


class WholeCourse(CourseCopy):
    """All files of the course in another folder, with a .venv that borrows our packages."""

    def __init__(self, folder):
        self.folder = folder
        copy_files(ROOT, folder)
        self.borrow_packages()

    @property
    def programs(self):
        return self.folder / ".venv" / "bin"

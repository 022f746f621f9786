"""show the spine: chapters, sections, minutes, files"""

import os

from course.spine import ROOT, chapters
from course.terminal import painted

EXAMPLES = ("outline",)


def add_arguments(parser):
    """Take none."""


def main(options):
    for chapter in chapters():
        minutes = sum(section.minutes for section in chapter.sections)
        print(painted(f"{chapter!s:<64}{minutes:>4} minutes", "bold"))
        print(f"      {os.path.relpath(chapter.folder / 'README.md', ROOT)}")
        for section in chapter.sections:
            print(f"  {section.label:<5} {section.title:<58}{section.minutes:>4}")
            for file in section.files:
                print(f"      {os.path.relpath(file, ROOT)}")
        print()
    return 0

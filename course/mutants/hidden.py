"""Hides the source of a copy's API: it answers as before, and there is nothing to read."""

import shutil
import subprocess
from itertools import chain

from course.spine import FACTORY

NOT_THE_API = ("tests", "your_suite")
INSTEAD = "# Here stood a part of the API. Tests ask it, and don't read it.\n"
FACTORY_INSTEAD = INSTEAD + "def create_app(): ...\n"  # by which `start` knows what is an app


def sources_of(chapter):
    """Return the files of its packages, and of modules: chapter 1 is one."""
    packages = (file.parent for file in chapter.glob("*/__init__.py"))
    of_packages = (p.rglob("*.py") for p in packages if p.name not in NOT_THE_API)
    return [*chapter.glob("*.py"), *chain.from_iterable(of_packages)]


def hide(python, copy):
    """Let Python use what is compiled, whatever the source says; and let the source say nothing."""
    files = sources_of(copy)
    unchecked = ("-q", "-f", "--invalidation-mode", "unchecked-hash")
    folders = {copy / file.relative_to(copy).parts[0] for file in files}
    subprocess.run([python, "-m", "compileall", *unchecked, *folders], check=True)
    for file in files:
        is_app = FACTORY.search(file.read_text(encoding="utf-8"))
        file.write_text(FACTORY_INSTEAD if is_app else INSTEAD, encoding="utf-8")


def show_again(chapter, copy):
    """Put the source back, and let Python compile it anew."""
    for file in sources_of(chapter):
        place = copy / file.relative_to(chapter)
        shutil.copy2(file, place)
        for compiled in (place.parent / "__pycache__").glob(f"{place.stem}.*.pyc"):
            compiled.unlink()

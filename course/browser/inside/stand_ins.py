"""What stands in, in a browser, for what is missing there."""

import os
import shutil
import sys
from pathlib import Path
from types import ModuleType

from course.browser.inside.hashing import stand_in_for_openssl
from course.browser.inside.nesting import read_deep_json_carefully
from course.browser.inside.no_cryptography import stand_in_for_cryptography
from course.browser.inside.sockets import stand_in_for_sockets
from course.browser.inside.threads import stand_in_for_threads


def stand_in():
    """Prepare a browser's Python, and no other."""
    if sys.platform != "emscripten":
        return
    sys.dont_write_bytecode = True  # a file may be saved twice in a second, with the same size
    read_deep_json_carefully()
    stand_in_for_lxml()
    stand_in_for_openssl()
    stand_in_for_cryptography()
    stand_in_for_threads()
    stand_in_for_sockets()
    if not hasattr(os, "link"):
        os.link = link


def link(source, target):
    """Stand in for a hard link: an exclusive copy. Nobody else uses this file system."""
    with open(target, "xb") as file:  # noqa: PTH123 (target may be anything that os.link takes)
        file.write(Path(source).read_bytes())
    shutil.copymode(source, target)


def stand_in_for_lxml():
    """PyLD imports lxml, to find JSON-LD in pages of HTML. The course has none."""
    package, module = ModuleType("lxml"), ModuleType("lxml.html")
    package.html = module
    sys.modules.update({"lxml": package, "lxml.html": module})

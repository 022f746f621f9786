"""2.0 From one file to a package: its wings, whose imports go down only."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import TestCase

import cinema

PACKAGE = Path(cinema.__file__).parent
RULES = {  # a wing -> the wings that it may import, and the rule in words
    "http": (set(), "http/ imports no other wing, so that any project can use it"),
    "data": (set(), "data/ imports no other wing, so that what is kept needs no HTTP"),
    "users": ({"data", "http"}, "users/ imports data/ and http/ only"),
    "api": ({"users", "data", "http"}, "api/ imports users/, data/ and http/ only"),
}


def broken_rules(package):
    """Yield what is wrong with the imports of a package: the file, the line and the rule."""
    for wing, (allowed, rule) in RULES.items():
        for path in sorted((package / wing).rglob("*.py")):
            for line, imported in imports(path, package):
                if imported not in (wing, *allowed):
                    place = path.relative_to(package.parent).as_posix()
                    yield f"{place}, line {line} imports {imported}: {rule}."


def imports(path, package):
    """Yield the line of each import from the package itself, and which wing it is from."""
    folder = path.relative_to(package.parent).parent.parts  # ("cinema", "users", ...)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        for name in names_in(node, folder):
            top, _, inside = name.partition(".")
            if top == package.name:
                yield node.lineno, inside.partition(".")[0] or "__init__"


def names_in(node, folder):
    """Return the names that a statement imports, each whole: "cinema.data.database.db"."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        above = folder[: len(folder) + 1 - node.level] if node.level else ()  # a dot is one level
        start = ".".join(filter(None, (*above, node.module)))
        return [f"{start}.{alias.name}" for alias in node.names]
    return []


class WingsTest(TestCase):
    def test_imports_go_down_only(self):
        broken = list(broken_rules(PACKAGE))

        self.assertEqual(broken, [], "\n" + "\n".join(broken))

    def test_package_is_wings_a_factory_and_its_settings(self):
        wings = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
        modules = {path.name for path in PACKAGE.glob("*.py")}

        self.assertLessEqual(wings, RULES.keys(), "each folder should be one of the wings")
        self.assertLessEqual({"__init__.py", "config.py"}, modules)


class BrokenRuleTest(TestCase):
    """The rules themselves, tried on a package of two lines."""

    def broken_by(self, place, code):
        with TemporaryDirectory() as folder:
            path = Path(folder, "cinema", place)
            path.parent.mkdir(parents=True)
            path.write_text(code, encoding="utf-8")
            return list(broken_rules(Path(folder, "cinema")))

    def test_import_that_goes_up_is_told_with_file_line_and_rule(self):
        for place, code, imported in (
            ("http/caching.py", "import json\nfrom ..data.database import db", "data"),
            ("http/caching.py", "import json\nfrom .. import users", "users"),
            ("data/seed.py", "def seed():\n    from ..users.commands import add_user", "users"),
            ("data/models.py", "import json\nimport cinema.http.problems", "http"),
            ("users/authentication/basic.py", "import json\nfrom ...api import errors", "api"),
            ("users/user.py", "import json\nfrom cinema import config", "config"),
            ("api/movies.py", "import json\nimport cinema", "__init__"),
        ):
            with self.subTest(place=place, code=code):
                broken = self.broken_by(place, code)

                rule = RULES[place.partition("/")[0]][1]
                self.assertEqual(broken, [f"cinema/{place}, line 2 imports {imported}: {rule}."])

    def test_import_that_goes_down_breaks_no_rule(self):
        for place, code in (
            ("http/caching.py", "import redis\nfrom . import credentials\nfrom .ids import Id"),
            ("data/seed.py", "from .models import Movie\nfrom http import HTTPStatus"),
            (
                "users/authentication/basic.py",
                "from ...data.database import db\nfrom .. import user",
            ),
            ("api/movies.py", "from ..users import roles\nfrom cinema.http import problems"),
        ):
            with self.subTest(place=place, code=code):
                self.assertEqual(self.broken_by(place, code), [])


class ToolkitTest(TestCase):
    """`http/` can be copied into any project: its tests run in one that has no cinema."""

    @classmethod
    def setUpClass(cls):
        cls.project = Path(cls.enterClassContext(TemporaryDirectory()))
        shutil.copytree(PACKAGE / "http", cls.project / "toolkit")
        for path in Path(__file__).parent.glob("test_*_toolkit.py"):
            code = path.read_text(encoding="utf-8").replace("cinema.http", "toolkit")
            (cls.project / path.name).write_text(code, encoding="utf-8")

    def run_python(self, *arguments):
        """Run Python in the project, with nothing to import but that and what is installed."""
        lead = f"import sys; sys.path.insert(0, {str(self.project)!r}); "
        command, *more = arguments
        done = subprocess.run(
            [sys.executable, "-I", "-c", lead + command, *more],
            cwd=self.project,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        self.assertEqual(done.returncode, 0, f"http/ should work alone, and says:\n{done.stderr}")
        return done

    def test_project_has_no_cinema(self):
        self.run_python("import importlib.util; sys.exit(bool(importlib.util.find_spec('cinema')))")

    def test_each_module_can_be_imported(self):
        paths = [path.relative_to(PACKAGE / "http") for path in (PACKAGE / "http").rglob("*.py")]
        modules = [".".join(("toolkit", *path.with_suffix("").parts)) for path in sorted(paths)]

        self.run_python("; ".join(f"import {name.removesuffix('.__init__')}" for name in modules))

    def test_its_promises_hold_there(self):
        done = self.run_python("import unittest; unittest.main(module=None)", "discover")

        self.assertRegex(done.stderr, r"Ran [1-9]\d* tests?", "there should be tests of http/")

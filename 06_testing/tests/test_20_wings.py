"""2.0 From one file to a package: its wings, whose imports go down only."""

import ast
import unittest
from pathlib import Path

import cinema

PACKAGE = Path(cinema.__file__).parent
MAY_IMPORT = {  # a wing -> the wings that it may know
    "http": set(),
    "data": set(),
    "users": {"data", "http"},
    "api": {"users", "data", "http"},
}
RULES = {
    "http": "http/ knows nothing else of the package, so that any project can use it",
    "data": "data/ knows nothing else of the package, so that what is kept needs no HTTP",
    "users": "users/ knows data/ and http/ only",
    "api": "api/ knows users/, data/ and http/; it is the factory that knows api/",
}


def imports(path):
    """Return what a module imports of the package, as (line, name of the wing or top module)."""
    package = path.relative_to(PACKAGE).parent.parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1]
            names = [*base, *(node.module or "").split(".")] if node.module else [*base]
            for target in [names] if names else [[alias.name] for alias in node.names]:
                yield node.lineno, target[0]
        elif isinstance(node, ast.ImportFrom) and node.module.split(".")[0] == "cinema":
            yield node.lineno, (node.module.split(".") + [node.names[0].name])[1]
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == "cinema":
                    yield node.lineno, (alias.name.split(".") + ["__init__"])[1]


def broken_rules(wing):
    for path in sorted((PACKAGE / wing).rglob("*.py")):
        for line, target in imports(path):
            if target != wing and target not in MAY_IMPORT[wing]:
                place = f"cinema/{path.relative_to(PACKAGE).as_posix()}, line {line}"
                yield f"{place} imports {target}: {RULES[wing]}"


class WingsTest(unittest.TestCase):
    def test_imports_go_down_only(self):
        for wing in MAY_IMPORT:
            with self.subTest(wing=wing):
                self.assertEqual(list(broken_rules(wing)), [])

    def test_package_is_wings_a_factory_and_its_settings(self):
        wings = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}

        self.assertLessEqual(wings, MAY_IMPORT.keys())
        self.assertIn("config.py", {path.name for path in PACKAGE.glob("*.py")})


if __name__ == "__main__":
    unittest.main()

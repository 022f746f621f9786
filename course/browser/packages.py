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
FOR_CHAPTER = {  # beside NEEDED: only the page of that chapter loads them
    4: (
        *("joserfc", "flask-limiter", "limits", "ordered-set", "deprecated", "wrapt", "packaging"),
        *("flask-caching", "cachelib", "redis", "http-sf", "flask-swagger-ui"),
        *("http-message-signatures", "pyyaml"),  # these two for its tests
    ),
}
LEFT_OUT = re.compile(
    r"\.\./|.*__pycache__/|.*\.(so|pyd|pyc|pyi|pyx|pxd|c)$"
    r"|sqlalchemy/(testing|dialects/(mssql|mysql|oracle|postgresql)|ext/mypy)/"
    r"|flask_swagger_ui/dist/swagger-ui(-standalone-preset)?\.js$"  # the bundle has it all
    r"|[^/]+\.dist-info/(?!METADATA$)"
)


def archives(chapter=None):
    """Return the archives that the page of a chapter loads, or all, and the packages in each."""
    more = {
        f"packages{number}.zip": names
        for number, names in FOR_CHAPTER.items()
        if chapter in (None, number)
    }
    return {"packages.zip": NEEDED} | more


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

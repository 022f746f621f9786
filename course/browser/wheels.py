"""Makes of packages what Pyodide loads by name: wheels of compiled Python, and the lock of them."""

import hashlib
import zipfile
from dataclasses import dataclass
from importlib import metadata

from course.browser import packages

FOR_NOTEBOOKS = (  # beside what a chapter needs: IPython, as the kernel of JupyterLite runs it
    *("asttokens", "comm", "executing", "ipython", "ipython-pygments-lexers", "jedi"),
    *("matplotlib-inline", "packaging", "parso", "prompt-toolkit", "pure-eval", "pygments"),
    *("stack-data", "traitlets", "wcwidth"),
)
PURE = "Wheel-Version: 1.0\nGenerator: course\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


@dataclass
class Wheel:
    """A wheel in the folder of Python, and what a program must know to load it."""

    name: str
    version: str
    file_name: str
    sha256: str
    imports: tuple = ()

    @property
    def entry(self):
        """Return what pyodide-lock.json says of it."""
        return {
            "name": self.name,
            "version": self.version,
            "file_name": self.file_name,
            "install_dir": "site",
            "sha256": self.sha256,
            "package_type": "package",
            "imports": list(self.imports),
            "depends": [],  # all of them are loaded
        }


def make_all(compiled, folder):
    """Write a wheel for each package, of the files of an archive in which all are compiled."""
    with zipfile.ZipFile(compiled) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    for name in (*packages.NEEDED, *FOR_NOTEBOOKS):
        files = {}
        for path, _ in packages.files_of(name):
            known = f"{path}c" if f"{path}c" in contents else path
            files[known] = contents[known]
        yield write(folder, name, metadata.version(name), files)


def write(folder, name, version, files):
    """Write a wheel of these files; return the Wheel."""
    stem = stem_of(files) or f"{name.replace('-', '_')}-{version}"
    about = f"{stem}.dist-info"
    more = {f"{about}/WHEEL": PURE, f"{about}/RECORD": ""}
    more |= {f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"}
    path = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for file, content in (more | files).items():
            archive.writestr(zipfile.ZipInfo(file), content, zipfile.ZIP_DEFLATED)
    return known(path, name, version)


def known(path, name, version):
    return Wheel(name, version, path.name, hashlib.sha256(path.read_bytes()).hexdigest())


def stem_of(files):
    """Return the name and version as the packager wrote them: they begin a wheel's name."""
    about = [path.partition("/")[0] for path in files if path.endswith(".dist-info/METADATA")]
    return about[0].removesuffix(".dist-info") if about else None

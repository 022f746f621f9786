// Compiles Python packages with the Python that will run them: 
// node compile.mjs PYODIDE ZIP_IN ZIP_OUT OPTIMIZE (0, or 2 to leave out docstrings)
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [folder, source, target, optimize] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(`${folder}/pyodide.mjs`));
const python = await loadPyodide({ indexURL: `${folder}/` });
python.FS.mkdir("/in");
python.unpackArchive(new Uint8Array(readFileSync(source)), "zip", { extractDir: "/in" });
python.runPython(`
import compileall, py_compile, zipfile
from pathlib import Path

NEVER_STALE = py_compile.PycInvalidationMode.UNCHECKED_HASH
compileall.compile_dir(
    "/in", quiet=1, legacy=True, optimize=${Number(optimize)}, stripdir="/in", invalidation_mode=NEVER_STALE
)
with zipfile.ZipFile("/out.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
    for path in sorted(Path("/in").rglob("*")):
        if path.is_file() and not path.with_suffix(".pyc").exists() or path.suffix == ".pyc":
            entry = zipfile.ZipInfo(path.relative_to("/in").as_posix())  # always of the same time
            archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED, 9)
`);
writeFileSync(target, python.FS.readFile("/out.zip"));

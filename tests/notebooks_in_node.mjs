// Runs notebooks as the kernel of JupyterLite does, under Node: node notebooks_in_node.mjs SITE NAME ...
// Prints, for each, the errors of its cells and what all cells printed.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [site, ...names] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(`${site}/pyodide/pyodide.mjs`));
const lock = JSON.parse(readFileSync(`${site}/pyodide/pyodide-lock.json`, "utf-8"));
const RUN = `
import json, os
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config

os.chdir("/drive/notebooks")
config = Config()
config.HistoryManager.enabled = False
shell = InteractiveShell.instance(config=config)
shell.colors = "nocolor"
errors, printed = [], ""
for source in json.loads(sources):
    with capture_output() as captured:
        done = shell.run_cell(source)
    printed += captured.stdout + "".join(str(output.data) for output in captured.outputs)
    if not done.success:
        errors.append(f"{source[:200]}: {done.error_in_exec or done.error_before_exec!r}")
json.dumps({"errors": errors, "printed": printed})
`;

const told = {};
for (const name of names) {
  const python = await loadPyodide({
    indexURL: `${site}/pyodide/`,
    packages: Object.keys(lock.packages),
    stdout: () => {},
  });
  const notebook = JSON.parse(readFileSync(`${site}/lab/files/${name}.ipynb`, "utf-8"));
  const code = notebook.cells.filter((cell) => cell.cell_type === "code");
  const sources = code.map(({ source }) => [source].flat().join(""));
  python.FS.mkdirTree("/drive/notebooks");
  python.globals.set("sources", JSON.stringify(sources));
  told[name] = { cells: code.length, ...JSON.parse(python.runPython(RUN)) };
}
console.log(JSON.stringify(told));

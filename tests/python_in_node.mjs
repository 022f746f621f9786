// Runs chapters in Pyodide under Node, as the pages do: node python_in_node.mjs SITE LOADER ARCHIVE ...
// Reads a list of [job, details], as JSON, from its input; prints the list of their results.
import { readFileSync } from "node:fs";
import { text as textOf } from "node:stream/consumers";
import { pathToFileURL } from "node:url";

const [site, loader, ...archives] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(`${site}/pyodide/pyodide.mjs`));
const { openDesk } = await import(pathToFileURL(loader));

const text = (name) => readFileSync(`${site}/try/static/${name}`, "utf-8");
const read = async (name) => ({
  json: async () => JSON.parse(text(name)),
  arrayBuffer: async () => new Uint8Array(readFileSync(`${site}/try/static/${name}`)),
});

const desk = await openDesk(loadPyodide, { indexURL: `${site}/pyodide/` }, archives, read, () => {});
const jobs = JSON.parse(await textOf(process.stdin)); // read at once, a pipe may say EAGAIN
const results = jobs.map(([job, details]) => {
  const { files } = JSON.parse(text(`chapter${details.chapter}.json`));
  const more = ["start", "take_home"].includes(job) ? { originals: files } : {};
  return desk(job, { ...details, ...more });
});
console.log(JSON.stringify(results));

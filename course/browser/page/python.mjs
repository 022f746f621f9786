// Python with a chapter in it: the same in a worker of the page and, for tests, in Node.

const PACKAGES = "/lib/python3.14/site-packages";
const ROOT = "/course";

/** Load Python, archives of packages and the course; return what does a job. `read` fetches a file. */
export async function openDesk(loadPyodide, options, archives, read, tell) {
  const [python, course, ...packages] = await Promise.all([
    loadPyodide(options),
    read("course.json").then((answer) => answer.json()),
    ...archives.map((name) => read(name).then((answer) => answer.arrayBuffer())),
  ]);
  for (const archive of packages) python.unpackArchive(archive, "zip", { extractDir: PACKAGES });
  for (const [name, text] of Object.entries(course)) write(python, `${ROOT}/${name}`, text);
  python.runPython(`import sys; sys.path.insert(0, "${ROOT}")`);
  const desk = python.pyimport("course.browser.inside.desk");
  desk.listeners.append((text) => tell(JSON.parse(text)));
  return (job, arguments_) => JSON.parse(desk.do(job, JSON.stringify(arguments_)));
}

function write(python, path, text) {
  python.FS.mkdirTree(path.slice(0, path.lastIndexOf("/")));
  python.FS.writeFile(path, text);
}

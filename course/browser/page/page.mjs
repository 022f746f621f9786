// A page that runs a chapter: a request, its code, its promises, its tests.

import { Changes } from "./changes.mjs";
import { Editor } from "./editor.mjs";
import { at } from "./elements.mjs";
import { showPromises, showTests } from "./proof.mjs";
import { Hung, PythonWorker } from "./python-worker.mjs";
import { fillIn, prepareForm, readForm, showCookies, showExchange } from "./request.mjs";
import { keepForNextVisit } from "./next-visit.mjs";
import { prepareTheme } from "./theme.mjs";

const { archives, bytes: toLoad, chapter: number } = document.body.dataset;
const chapter = Number(number);
const here = new URL("./", import.meta.url);
const actions = ["check", "test", "restart", "download"].map(at);
actions.push(document.querySelector("#request button"));
const alone = () => [...actions, at("create"), at("forget"), ...at("examples").children];

let about, changes, editor, python;
let known = {}; // what the form calls $KEY, $PASSWORD and $CSRF
let unsaved = true; // what Python has is not what the editor has

prepareTheme();
begin().catch((error) => say(`This page could not be loaded: ${error.message}`));

async function begin() {
  await keepForNextVisit(new URL("../sw.js", here));
  const worker = new URL("worker.js", here);
  python = new PythonWorker(worker, archives, { loading: showProgress, ready: () => (at("progress").hidden = true) });
  about = await (await fetch(new URL(`chapter${chapter}.json`, here))).json();
  changes = new Changes(about);
  editor = new Editor(at("editor"), edited, () => act(restart));
  prepareForm(about, () => act(send));
  fillSelects();
  connect();
  followLink();
  await act(restart);
  if (linked().has("check")) act(check);
}

const linked = () => new URLSearchParams(location.hash.slice(1));

/** Do what the link asked for that leads here: fill in a request, open a file, choose a section. */
function followLink() {
  const parameters = linked();
  const file = `${about.folder}/${parameters.get("file")}`;
  open([...at("file").options].some(({ value }) => value === file) ? file : firstFile());
  fillIn(parameters);
  const section = parameters.get("check");
  if (about.promises.some(({ id }) => id === section)) at("section").value = section;
}

function fillSelects() {
  fillFiles();
  at("suite").replaceChildren(
    ...about.suites.map(({ name, pattern }) => new Option(name, pattern)),
    new Option("all of the chapter", "test_*.py"),
  );
  at("suite").value = about.suites.filter(({ name }) => name.startsWith(chapter))[0]?.pattern;
  at("section").replaceChildren(...about.promises.map(({ id, name }) => new Option(`up to ${name}`, id)));
  at("section").selectedIndex = about.promises.length - 1;
}

/** List the files that one can edit here: those that do something on this page. */
function fillFiles() {
  const runs = (name) => !about.notRun.some((folder) => shortName(name).startsWith(folder));
  const all = Object.keys({ ...about.files, ...changes.edits });
  const names = all.filter((name) => name.endsWith(".py") && runs(name));
  const isTest = (name) => name.includes("/tests/");
  names.sort((a, b) => isTest(a) - isTest(b) || (a < b ? -1 : 1));
  at("file").replaceChildren(...names.map((name) => new Option(shortName(name), name)));
}

const shortName = (path) => path.slice(path.indexOf("/") + 1);

function firstFile() {
  const names = [...at("file").options].map(({ value }) => value);
  return names.find((name) => /\/(cinema|movies)\.py$/.test(name)) ?? names[0];
}

function connect() {
  at("request").onsubmit = (event) => (event.preventDefault(), act(send));
  at("file").onchange = () => open(at("file").value);
  at("restart").onclick = () => act(restart);
  at("check").onclick = () => act(check);
  at("test").onclick = () => act(test);
  at("download").onclick = () => act(download);
  at("new").onsubmit = (event) => (event.preventDefault(), create());
  at("forget").onclick = () => act(forget);
  at("undo").onclick = () => undo([editor.path]);
  at("undo-all").onclick = () => undo(changes.paths);
  at("stop").onclick = () => python.stop(new Hung("stopped"));
  window.onhashchange = followLink;
}

function open(path) {
  at("file").value = path;
  editor.open(path, changes.text(path));
  showChanges();
}

function edited(path, text) {
  changes.note(path, text);
  changes.keep();
  unsaved = true;
  showChanges();
}

function create() {
  const name = at("new-name").value.trim();
  const why = changes.whyNot(name);
  at("new-trouble").hidden = !why;
  at("new-trouble").textContent = why ?? "";
  if (why) return;
  const path = changes.create(name);
  at("new-name").value = "";
  unsaved = true;
  fillFiles();
  open(path);
}

function undo(paths) {
  const { path } = editor;
  for (const each of paths) {
    changes.undo(each);
    editor.forget(each);
  }
  changes.keep();
  unsaved = true;
  fillFiles();
  open(path in about.files ? path : firstFile());
  act(restart);
}

function showChanges() {
  for (const option of at("file").options) {
    option.text = shortName(option.value) + mark(option.value);
  }
  at("undo").disabled = !(editor.path in changes.edits);
  at("undo").textContent = changes.isNew(editor.path) ? "Delete this file" : "Undo in this file";
  at("undo-all").disabled = !changes.paths.length;
}

function mark(path) {
  if (changes.isNew(path)) return " (new)";
  return path in changes.edits ? " (changed)" : "";
}

/** Do something with Python, while nothing else can be begun; tell what goes wrong. */
async function act(action) {
  if (actions.some(({ busy }) => busy)) return;
  setBusy(true);
  try {
    await action();
  } catch (error) {
    tell(error);
  } finally {
    setBusy(false);
  }
}

function setBusy(busy) {
  for (const button of alone()) button.disabled = button.busy = busy;
  at("stop").hidden = !busy;
}

function tell(error) {
  unsaved = true; // Python was loaded anew, or has not started the API
  if (error instanceof Hung) {
    const what = error.message === "stopped" ? "Stopped" : `No answer for a while (${error.message || "an endless loop?"})`;
    say(`${what}. Python is loaded again; your changes are kept.`);
  } else if (error instanceof Trouble) {
    say("The API does not start.");
    showTrouble(error.message);
  } else {
    say(`Python has ended (${error.message.split("\n")[0]}), and is loaded again. Your changes are kept.`);
  }
}

class Trouble extends Error {}

async function ask(job, details, options) {
  const { result, trouble, took } = await python.ask(job, { chapter: String(chapter), ...details }, options);
  if (trouble) throw new Trouble(trouble);
  return { ...result, took };
}

async function restart() {
  showTrouble("");
  say("Starting the API …");
  const { key: KEY, password: PASSWORD, took } = await ask("start", { originals: about.files, edits: changes.edits }, { patience: 30 });
  known = { KEY, PASSWORD };
  showCookies([]);
  unsaved = false;
  const how = changes.paths.length ? "runs with your changes" : "runs";
  say(`The API of chapter ${chapter} ${how} (started in ${(took / 1000).toFixed(1)} s).`);
}

async function saved() {
  if (unsaved) await restart();
}

async function send() {
  await saved();
  const answer = await ask("send", readForm(known));
  if (answer.csrf) known.CSRF = answer.csrf;
  showExchange(answer);
}

async function forget() {
  await ask("forget", {});
  showCookies([]);
}

async function test() {
  at("verdict").textContent = "Running …";
  try {
    await saved();
    const progress = ({ ran }) => ran && (at("verdict").textContent = `Test ${ran} …`);
    const result = await ask("test", { pattern: at("suite").value }, { patience: 40, progress });
    showTests(result);
  } catch (error) {
    at("verdict").textContent = "The tests did not end.";
    throw error;
  }
}

async function check() {
  at("promises").textContent = "Asking …";
  try {
    await saved();
    const details = { section: at("section").value, hardened: at("hardened").checked };
    const progress = ({ now }) => now && (at("promises").textContent = `Asking for ${now} …`);
    showPromises(await ask("check", details, { patience: 20, progress }));
  } catch (error) {
    at("promises").textContent = "The check did not end.";
    throw error;
  }
}

async function download() {
  await saved();
  const { zip } = await ask("take_home", { originals: about.files });
  const bytes = Uint8Array.from(atob(zip), (letter) => letter.charCodeAt(0));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([bytes], { type: "application/zip" }));
  link.download = `mine-chapter-${chapter}.zip`;
  link.click();
  URL.revokeObjectURL(link.href);
  at("home-note").hidden = false;
}

function say(text) {
  at("state").textContent = text;
}

function showTrouble(text) {
  at("trouble").hidden = !text;
  at("trouble").textContent = text;
}

function showProgress(bytes) {
  at("progress").hidden = false;
  at("progress").value = Math.min(bytes / toLoad, 0.99);
  say(`Loading Python … ${(bytes / 1e6).toFixed(0)} MB`);
}

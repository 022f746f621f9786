// A page that runs a chapter: a request, its code, its promises, its tests.

import { Changes } from "./changes.mjs";
import { Editor } from "./editor.mjs";
import { at } from "./elements.mjs";
import { showPromises, showTests } from "./proof.mjs";
import { Hung, PythonWorker } from "./python-worker.mjs";
import { fillIn, prepareForm, readForm, showExchange } from "./request.mjs";
import { keepForNextVisit } from "./next-visit.mjs";
import { prepareTheme } from "./theme.mjs";

const TO_LOAD = 18e6; // bytes, about: for the bar only
const chapter = Number(document.body.dataset.chapter);
const here = new URL("./", import.meta.url);
const actions = ["check", "test", "restart", "download"].map(at);
actions.push(document.querySelector("#request button"));

let about, changes, editor, python;
let key = "";
let unsaved = true; // what Python has is not what the editor has

prepareTheme();
begin().catch((error) => say(`This page could not be loaded: ${error.message}`));

async function begin() {
  await keepForNextVisit(new URL("../sw.js", here));
  const worker = new URL("worker.js", here);
  python = new PythonWorker(worker, { loading: showProgress, ready: () => (at("progress").hidden = true) });
  about = await (await fetch(new URL(`chapter${chapter}.json`, here))).json();
  changes = new Changes(about);
  editor = new Editor(at("editor"), edited, () => act(restart));
  prepareForm(about);
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
  open(file in about.files && parameters.has("file") ? file : firstFile());
  fillIn(parameters);
  const section = parameters.get("check");
  if (about.promises.some(({ id }) => id === section)) at("section").value = section;
}

function fillSelects() {
  const names = Object.keys(about.files).filter((name) => name.endsWith(".py"));
  const isTest = (name) => name.includes("/tests/");
  names.sort((a, b) => isTest(a) - isTest(b) || (a < b ? -1 : 1));
  at("file").replaceChildren(...names.map((name) => new Option(shortName(name), name)));
  at("suite").replaceChildren(
    ...about.suites.map(({ name, pattern }) => new Option(name, pattern)),
    new Option("all of the chapter", "test_*.py"),
  );
  at("suite").value = about.suites.filter(({ name }) => name.startsWith(chapter))[0]?.pattern;
  at("section").replaceChildren(...about.promises.map(({ id, name }) => new Option(`up to ${name}`, id)));
  at("section").selectedIndex = about.promises.length - 1;
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

function undo(paths) {
  for (const path of paths) changes.note(path, about.files[path]);
  changes.keep();
  editor.reset(changes.text(editor.path), paths.length > 1 || paths[0] !== editor.path);
  unsaved = true;
  showChanges();
  act(restart);
}

function showChanges() {
  for (const option of at("file").options) {
    option.text = shortName(option.value) + (option.value in changes.edits ? " (changed)" : "");
  }
  at("undo").disabled = !(editor.path in changes.edits);
  at("undo-all").disabled = !changes.paths.length;
}

/** Do something with Python, while nothing else can be begun; tell what goes wrong. */
async function act(action) {
  if (actions.some(({ busy }) => busy)) return;
  mark(true);
  try {
    await action();
  } catch (error) {
    tell(error);
  } finally {
    mark(false);
  }
}

function mark(busy) {
  for (const button of actions) button.disabled = button.busy = busy;
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
  const { key: own, took } = await ask("start", { originals: about.files, edits: changes.edits }, { patience: 30 });
  key = own;
  unsaved = false;
  const how = changes.paths.length ? "runs with your changes" : "runs";
  say(`The API of chapter ${chapter} ${how} (started in ${(took / 1000).toFixed(1)} s).`);
}

async function saved() {
  if (unsaved) await restart();
}

async function send() {
  await saved();
  showExchange(await ask("send", readForm(key)));
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
  at("progress").value = Math.min(bytes / TO_LOAD, 0.99);
  say(`Loading Python … ${(bytes / 1e6).toFixed(0)} MB`);
}

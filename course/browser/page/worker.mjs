// Python runs here, apart from the page: an endless loop in a chapter does not freeze the page.

import { loadPyodide } from "../../pyodide/pyodide.mjs";
import { openDesk } from "./python.mjs";

const here = new URL("./", import.meta.url);
const python = new URL("../../pyodide/", here).href;
countWhatIsLoaded();

const archives = self.name.split(" "); // not in the URL: what is kept for the next visit has none
const desk = openDesk(loadPyodide, { indexURL: python }, archives, read, (progress) => postMessage(progress));

async function read(name) {
  const answer = await fetch(new URL(name, here));
  if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
  return answer;
}

/** Tell the page how many bytes have come, whoever asks for them. */
function countWhatIsLoaded() {
  const fetched = globalThis.fetch;
  let loaded = 0;
  const counter = () =>
    new TransformStream({
      transform(chunk, controller) {
        loaded += chunk.byteLength;
        postMessage({ loaded });
        controller.enqueue(chunk);
      },
    });
  globalThis.fetch = async (...request) => {
    const answer = await fetched(...request);
    if (!answer.ok || !answer.body) return answer;
    return new Response(answer.body.pipeThrough(counter()), answer);
  };
}

onmessage = async ({ data: { id, job, details } }) => {
  const began = performance.now();
  try {
    const done = (await desk)(job, details);
    postMessage({ id, ...done, took: performance.now() - began });
  } catch (error) {
    postMessage({ id, error: String(error.message ?? error) });
  }
};

desk.then(
  () => postMessage({ ready: Math.round(performance.now()) }),
  (error) => postMessage({ lost: String(error.message ?? error) }),
);

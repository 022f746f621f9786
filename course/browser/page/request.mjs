// The form for a request, and the link that fills it in.

import { at } from "./elements.mjs";

const KEY = "Authorization: Bearer $KEY";

export function prepareForm({ takesKey }) {
  at("headers").value = takesKey ? KEY : "";
  at("key-note").hidden = !takesKey;
}

/** Take a request over from a link: #method=POST&path=…&header=Name: value&body=… */
export function fillIn(parameters) {
  if (!parameters.has("path")) return false;
  at("method").value = (parameters.get("method") ?? "GET").toUpperCase();
  if (at("method").selectedIndex < 0) at("method").value = "GET";
  at("path").value = parameters.get("path");
  at("headers").value = parameters.getAll("header").join("\n");
  at("body").value = parameters.get("body") ?? "";
  return true;
}

/** Return the request that the form holds; `key` takes the place of $KEY. */
export function readForm(key) {
  const headers = at("headers")
    .value.split("\n")
    .map((line) => /^\s*([!#$%&'*+.^_`|~\w-]+)\s*:\s*(.*?)\s*$/.exec(line))
    .filter(Boolean)
    .map(([, name, value]) => [name, value.replaceAll("$KEY", key)]);
  const body = at("body").value;
  if (body && !headers.some(([name]) => name.toLowerCase() === "content-type")) {
    headers.push(["Content-Type", "application/json"]);
  }
  const path = at("path").value.trim();
  const method = at("method").value;
  return { method, path: path.startsWith("/") ? path : `/${path}`, headers, body };
}

export function showExchange({ text, milliseconds, words }) {
  at("exchange").textContent = words ? `${text}\n\nThe API printed:\n${words}` : text;
  at("took").textContent = `${milliseconds} ms`;
}

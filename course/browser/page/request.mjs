// The form for a request, and the link that fills it in.

import { at, element } from "./elements.mjs";

/** Fill in the credentials of a chapter; make a button of each example, which sends it. */
export function prepareForm({ credentials, examples }, send) {
  at("headers").value = credentials;
  at("examples").replaceChildren(
    ...examples.map((example) => {
      const button = element("button", { type: "button" }, example.label);
      button.onclick = () => (show(example), send());
      return button;
    }),
  );
}

function show({ method, path, headers, body }) {
  at("method").value = method;
  at("path").value = path;
  at("headers").value = headers.join("\n");
  at("body").value = body;
}

/** Take a request over from a link: #method=POST&path=…&header=Name: value&body=… */
export function fillIn(parameters) {
  if (!parameters.has("path")) return false;
  show({
    method: (parameters.get("method") ?? "GET").toUpperCase(),
    path: parameters.get("path"),
    headers: parameters.getAll("header"),
    body: parameters.get("body") ?? "",
  });
  if (at("method").selectedIndex < 0) at("method").value = "GET";
  return true;
}

/** Return the request that the form holds; what is `known`, such as KEY, takes the place of $KEY. */
export function readForm(known) {
  const filled = (text) => text.replace(/\$([A-Z]+)/g, (word, name) => known[name] ?? word);
  const headers = at("headers")
    .value.split("\n")
    .map((line) => /^\s*([!#$%&'*+.^_`|~\w-]+)\s*:\s*(.*?)\s*$/.exec(line))
    .filter(Boolean)
    .map(([, name, value]) => [name, encoded(filled(value))]);
  const body = filled(at("body").value);
  if (body && !headers.some(([name]) => name.toLowerCase() === "content-type")) {
    headers.push(["Content-Type", "application/json"]);
  }
  const path = at("path").value.trim();
  const method = at("method").value;
  return { method, path: path.startsWith("/") ? path : `/${path}`, headers, body };
}

/** Encode the credentials of Basic as a client does: what has a colon is not encoded yet. */
function encoded(value) {
  return value.replace(/^(Basic )(.*:.*)$/i, (_, scheme, pair) => scheme + base64(pair));
}

function base64(text) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

export function showExchange({ text, milliseconds, words, cookies }) {
  at("exchange").textContent = words ? `${text}\n\nThe API printed:\n${words}` : text;
  at("took").textContent = `${milliseconds} ms`;
  showCookies(cookies);
}

export function showCookies(names) {
  at("cookies").hidden = !names.length;
  at("cookie-names").textContent = names.join(", ");
}

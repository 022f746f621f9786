// Shows what came of the tests and of the promises.

import { at, details, element } from "./elements.mjs";

export function showTests({ passed, of, failed, left_out: leftOut, seconds }) {
  const broken = Object.entries(failed);
  const rest = Object.entries(leftOut);
  const ran = broken.length + passed;
  const verdict = broken.length ? `${broken.length} failed` : ran ? "All that ran passed" : "None runs here";
  const needs = rest.length ? `; the other ${rest.length} need what a browser does not have` : "";
  at("verdict").replaceChildren(
    element(
      "p",
      { class: broken.length ? "bad" : ran ? "good" : "" },
      `${verdict}: ${passed} of ${of} tests passed in ${seconds} s${needs}.`,
    ),
    ...broken.map(([name, text], i) => {
      const shown = details(nameOf(name), element("pre", { tabindex: "0" }, text));
      shown.open = i === 0;
      return shown;
    }),
  );
  if (rest.length) at("verdict").append(leftOutList(rest));
}

function leftOutList(rest) {
  const reasons = [...new Set(rest.map(([, needed]) => needed))];
  const lists = reasons.map((reason) => {
    const names = rest.filter(([, needed]) => needed === reason).map(([name]) => nameOf(name));
    const list = element("ul", {}, ...names.map((name) => element("li", {}, name)));
    return details(`${names.length} need ${reason}`, list);
  });
  const where = element("p", {}, "On your machine, ", element("code", {}, "python3 -m course test"), " runs them.");
  return details(`Not run here: ${rest.length}`, where, ...lists);
}

function nameOf(test) {
  return test.split(".").slice(-2).join(".");
}

export function showPromises({ rows, first, broken, bar }) {
  at("promises").replaceChildren(
    element("ul", { class: "rows" }, ...rows.map(row)),
    ...(first ? [explanation(first, rows, broken[first])] : []),
    element("p", { class: first ? "bad" : "good" }, bar.replace(/^\[.*\] /, "")),
  );
}

function row({ label, tier, kept, of, promises }) {
  const all = kept === of;
  const colour = !of ? "" : all ? "good" : tier === "your turn" ? "" : "bad";
  const squares = promises.map(({ state }) => (state === "kept" ? "■" : "□")).join("");
  const more = tier === "promised" ? "" : ` ${tier}`;
  const count = of ? `${kept} of ${of}${more}` : `not asked here${more && `:${more}`}`;
  const summary = element(
    "span",
    {},
    `${label} `,
    element("span", { class: `squares ${colour}`, "aria-hidden": "true" }, squares),
    ` ${count}`,
  );
  return element("li", {}, details(summary, element("ul", {}, ...promises.map(line))));
}

const MARKS = { kept: "✓", broken: "✗", waits: "…", "not asked": "–" };

function line({ name, sentence, state, blamed, needs }) {
  const why = needs
    ? ` (not asked here: needs ${needs})`
    : state === "waits"
      ? ` (waits for ${blamed})`
      : "";
  return element("li", { id: name }, `${MARKS[state]} ${sentence}${why}`);
}

function explanation(name, rows, { exchanges, promised, page, step, source, words, hints }) {
  const { sentence } = rows.flatMap(({ promises }) => promises).find((each) => each.name === name);
  const link = `../../${page.replace(/README\.md$/, "index.html").replace(/\.md$/, ".html")}`;
  return element(
    "div",
    { class: "explanation" },
    element("h3", {}, `✗ ${sentence}`),
    ...exchanges.map((lines) => element("pre", { tabindex: "0" }, ...lines.map(marked))),
    element("p", {}, element("b", {}, "Promised: "), promised),
    element("p", {}, element("b", {}, "Read: "), element("a", { href: link }, `${step}`), ` (${source})`),
    words ? element("pre", { class: "trouble", tabindex: "0" }, `The API printed:\n${words}`) : null,
    hintButton(hints),
  );
}

function marked(text) {
  const line = `${text.slice(4)}\n`;
  return text.startsWith("  → ") || text.startsWith("  > ") ? element("span", { class: "here" }, line) : line;
}

function hintButton(hints) {
  if (!hints.length) return null;
  const list = element("ol");
  const button = element("button", { type: "button", id: "hint" }, "Hint");
  button.onclick = () => {
    list.append(element("li", {}, hints[list.children.length]));
    button.disabled = list.children.length === hints.length;
  };
  return element("div", {}, button, list);
}

// Draws the diagrams, and draws them again when the colours change.
const diagrams = [...document.querySelectorAll("pre.mermaid")];
const texts = diagrams.map((diagram) => diagram.textContent);
const prefersDark = matchMedia("(prefers-color-scheme: dark)");

function isDark() {
  const chosen = document.body.dataset.theme;
  return chosen === "dark" || (chosen !== "light" && prefersDark.matches);
}

let drawn;

async function draw() {
  if (isDark() === drawn) return;
  drawn = isDark();
  mermaid.initialize({ startOnLoad: false, theme: drawn ? "dark" : "neutral", securityLevel: "strict" });
  diagrams.forEach((diagram, i) => {
    diagram.removeAttribute("data-processed");
    diagram.textContent = texts[i];
  });
  await mermaid.run({ nodes: diagrams });
}

new MutationObserver(draw).observe(document.body, { attributeFilter: ["data-theme"] });
prefersDark.addEventListener("change", draw);
draw();

// Starts the deck, and draws its diagrams again when the theme changes.
const SIZE = { width: 1280, height: 720 };
const ROOM = SIZE.width - 96; // between the margins
const diagrams = [...document.querySelectorAll(".mermaid")].map((place) => ({
  place,
  source: place.textContent,
}));

async function draw() {
  if (!diagrams.length) return;
  const mermaid = await loadMermaid();
  const look = theme.now() === "dark" ? "dark" : "default";
  const font = getComputedStyle(document.body).fontFamily;
  mermaid.initialize({ startOnLoad: false, securityLevel: "strict", theme: look, fontFamily: font });
  for (const [index, { place, source }] of diagrams.entries()) {
    const { svg } = await mermaid.render(`diagram-${index}-${look}`, source);
    place.innerHTML = svg;
    const { width, height } = place.firstChild.viewBox.baseVal;
    const scale = Math.min(1, ROOM / width);
    place.parentElement.style.setProperty("--height", `${Math.ceil(height * scale)}px`);
  }
}

const ready = Promise.all([draw(), document.fonts.ready]).then(() =>
  Reveal.initialize({
    ...SIZE,
    plugins: [RevealNotes],
    margin: 0,
    maxScale: 6,
    center: false,
    display: "flex",
    hash: true,
    navigationMode: "linear",
    slideNumber: "c/t",
    transition: "none",
    backgroundTransition: "none",
    controls: false,
    pdfMaxPagesPerSlide: 1,
    pdfSeparateFragments: false,
    keyboard: { 68: theme.toggle },
  }),
);

function markFirstSlide() {
  document.body.classList.toggle("on-first-slide", Reveal.isFirstSlide());
}

ready.then(() => {
  markFirstSlide();
  Reveal.on("slidechanged", markFirstSlide);
  Reveal.registerKeyboardShortcut("D", "Light or dark");
  document.addEventListener("themechange", draw);
  document.body.dataset.ready = "yes";
});

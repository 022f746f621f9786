// Starts the deck: draws its diagrams, and makes letters larger where a slide has room.
const SIZE = { width: 1280, height: 720 };
const ROOM = SIZE.width - 96; // between the margins
const SCALES = [1.3, 1.2, 1.1];
const LIGHT = { theme: "default" };
const DARK = {
  theme: "dark",
  themeVariables: { noteBkgColor: "#39424c", noteTextColor: "#e8ebee", noteBorderColor: "#7a8693" },
};
const diagrams = [...document.querySelectorAll(".mermaid")].map((place) => ({
  place,
  source: place.textContent,
}));

async function draw() {
  if (!diagrams.length) return;
  const mermaid = await loadMermaid();
  const look = theme.now() === "dark" ? DARK : LIGHT;
  const fontFamily = getComputedStyle(document.body).fontFamily;
  mermaid.initialize({ startOnLoad: false, securityLevel: "strict", fontFamily, ...look });
  for (const [index, { place, source }] of diagrams.entries()) {
    const { svg } = await mermaid.render(`diagram-${index}-${look.theme}`, source);
    place.innerHTML = svg;
    const drawn = place.firstChild;
    drawn.setAttribute("preserveAspectRatio", "xMinYMid meet");
    const { width, height } = drawn.viewBox.baseVal;
    const scale = Math.min(SCALES[0], ROOM / width); // and less where there is no room for that
    place.parentElement.style.setProperty("--height", `${Math.ceil(height * scale)}px`);
  }
}

function enlarge() {
  const place = document.createElement("div");
  place.className = "reveal trial";
  place.innerHTML = '<div class="slides"></div>';
  document.body.append(place);
  for (const slide of document.querySelectorAll("section:not(:has(section, .picture, .diagram))")) {
    const copy = slide.cloneNode(true);
    place.firstChild.replaceChildren(copy);
    const before = rows(copy);
    const scale = SCALES.find((scale) => {
      copy.style.setProperty("--u", `${scale}px`);
      return fits(copy) && rows(copy) <= before;
    });
    if (scale) slide.style.setProperty("--u", `${scale}px`);
  }
  place.remove();
}

function fits(slide) {
  const parts = [slide, ...slide.querySelectorAll(".text, .code, .output, pre, table")];
  const room = slide.clientHeight - parseFloat(getComputedStyle(slide).paddingBottom);
  return (
    [...slide.children].every((block) => block.offsetTop + block.offsetHeight <= room) &&
    parts.every((e) => e.scrollHeight <= e.clientHeight + 1 && e.scrollWidth <= e.clientWidth + 1)
  );
}

function rows(slide) {
  // of what code printed: larger letters must not break its lines
  const printed = [...slide.querySelectorAll("pre.output, .output pre")];
  return printed.reduce((sum, pre) => {
    const lines = document.createRange();
    lines.selectNodeContents(pre);
    const { height } = lines.getBoundingClientRect();
    return sum + Math.round(height / parseFloat(getComputedStyle(pre).lineHeight));
  }, 0);
}

// The arrows up and down scroll an output that is longer than its place; elsewhere they lead on.
function scroll(direction) {
  const outputs = [...Reveal.getCurrentSlide().querySelectorAll(".output")];
  const shown = outputs.filter((output) => !output.closest(".fragment:not(.visible)"));
  const long = shown.find((output) => output.scrollHeight > output.clientHeight + 1);
  if (Reveal.isOverview()) return direction > 0 ? Reveal.down() : Reveal.up();
  if (long) return long.scrollBy({ top: direction * 84 });
  return direction > 0 ? Reveal.next() : Reveal.prev();
}

const fonts = Promise.all([...document.fonts].map((font) => font.load())); // before all is measured
const ready = fonts.then(draw).then(() => {
  enlarge();
  return Reveal.initialize({
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
    keyboard: { 38: () => scroll(-1), 40: () => scroll(1), 68: theme.toggle },
  });
});

function markFirstSlide() {
  document.body.classList.toggle("on-first-slide", Reveal.isFirstSlide());
}

ready.then(() => {
  markFirstSlide();
  Reveal.on("slidechanged", markFirstSlide);
  Reveal.registerKeyboardShortcut("D", "Light or dark");
  Reveal.registerKeyboardShortcut("↑ ↓", "Scroll a long output");
  document.addEventListener("themechange", draw);
  document.body.dataset.ready = "yes";
});

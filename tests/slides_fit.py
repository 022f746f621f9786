"""Tells which slides do not fit: `python3 tests/slides_fit.py [NAME ...]`.

Makes the decks of the notebooks whose names begin so, or of all, and measures each slide, with all
its fragments shown, at 1280 by 720 in headless Chromium.
"""

import sys
import tempfile
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from course.setup import environment
from course.setup.foreground import hand_over
from course.slides.deck import read_slides
from course.spine import ROOT

SIZE = {"width": 1280, "height": 720}
LEAST = 13  # pixels: the letters of a diagram
MEASURE = """
(async () => {
  const found = [];
  const label = (block) => block.dataset.cell;
  for (const { h, v } of Reveal.getSlides().map(Reveal.getIndices)) {
    Reveal.slide(h, v);
    while (Reveal.nextFragment());
    const slide = Reveal.getCurrentSlide();
    const blocks = [...slide.querySelectorAll(":scope > [data-cell]")];
    const bottom = Math.max(...blocks.map((block) => block.offsetTop + block.offsetHeight));
    const limit = slide.clientHeight - parseFloat(getComputedStyle(slide).paddingBottom);
    const over = Math.ceil(bottom - limit);
    const say = (cell, what) => found.push({ slide: slide.id, cell, what });
    if (over > 0) say(label(blocks.at(-1)), `${over} px too high`);
    for (const block of blocks) {
      for (const part of [block, ...block.querySelectorAll("pre, table")]) {
        if (part.closest(".output, .diagram")) continue;
        const wide = part.scrollWidth - part.clientWidth;
        if (wide > 0) { say(label(block), `cut at the right by ${wide} px`); break; }
      }
      const inner = block.scrollHeight - block.clientHeight;
      if (!block.matches(".output, .side, .picture") && inner > 0)
        say(label(block), `${inner} px of its text are cut`);
      for (const svg of block.querySelectorAll(".diagram svg")) {
        const { width, height } = svg.viewBox.baseVal;
        const scale = Math.min(svg.clientWidth / width, svg.clientHeight / height);
        const letters = 16 * scale;
        if (letters < LEAST) say(label(block), `diagram's letters are ${letters.toFixed(1)} px`);
      }
    }
  }
  return found;
})()
""".replace("LEAST", str(LEAST))


def main():
    python = environment.ensure("notebook", "dev", "checking")
    names = sys.argv[1:]
    if Path(sys.prefix) != environment.VENV:
        hand_over([python, __file__, *names], cwd=ROOT)
    notebooks = sorted(ROOT.glob("notebooks/*.ipynb"))
    chosen = [file for file in notebooks if not names or file.name.startswith(tuple(names))]
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        for notebook, faults in check(chosen, Path(folder)):
            bad += len(faults)
            print(f"{notebook.stem}: {len(faults) or 'all fits'}")
            for fault in [*faults, *orphans(notebook)]:
                print(
                    f"  slide {fault['slide']}, cell {fault['cell']}: {fault['what']}", flush=True
                )
    sys.exit(bad > 0)


def orphans(notebook):
    """Yield the slides that may begin with the comment on the output of the slide before.

    The others begin with a heading, or with a claim that ends in a colon.
    """
    before = None
    for slide in read_slides(notebook):
        first, last = slide.cells[0], before and before.cells[-1]
        text = first.source.partition("```")[0].strip()
        is_claim = first.is_code or text.startswith("#") or text.endswith(":")
        if last and last.is_code and last.outputs and not is_claim:
            words = " ".join(text.split()[:9])
            yield {"slide": slide.id, "cell": first.id, "what": f"comments on {last.id}? {words} …"}
        before = slide


def check(notebooks, folder):
    """Yield each notebook's name with what does not fit in its deck."""
    from chromium import Chromium  # noqa: PLC0415 (in .venv only, like the next)

    from course.slides.build import build  # noqa: PLC0415

    pages = build(notebooks, folder)
    with Chromium(folder / "profile") as browser:
        set_size(browser)
        for notebook, page in zip(notebooks, pages, strict=True):
            open_deck(browser, page.as_uri())
            yield notebook, browser.evaluate(MEASURE)


def open_deck(browser, url):
    browser.open(url)
    browser.wait_for("document.body.dataset.ready == 'yes'")


def set_size(browser):
    browser.call("Emulation.setDeviceMetricsOverride", **SIZE, deviceScaleFactor=1, mobile=False)


if __name__ == "__main__":
    main()

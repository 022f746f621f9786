"""Draws the bar chart of notebook 2b as SVG: matplotlib is C, and not for this browser edition.

As much of matplotlib's interface as that chart uses, and no more.
"""

import sys
from html import escape
from types import ModuleType

WIDTH, HEIGHT, MARGIN = 660, 220, 30  # pixels


def stand_in_for_matplotlib():
    package, pyplot = ModuleType("matplotlib"), ModuleType("matplotlib.pyplot")
    package.pyplot, pyplot.subplots, pyplot.show = pyplot, subplots, show
    sys.modules.update({"matplotlib": package, "matplotlib.pyplot": pyplot})


class Axes:
    """Bars with labels and a title."""

    last = None

    def __init__(self):
        self.title, self.spines, Axes.last = "", Spines(), self

    def bar(self, names, heights, color="#4477aa"):
        self.names, self.heights, self.color = names, heights, color

    def bar_label(self, _bars):
        """Do nothing: each bar is labelled."""

    def set(self, title="", **_others):
        self.title = title

    def svg(self):
        step = (WIDTH - 2 * MARGIN) / len(self.names)
        unit = (HEIGHT - 4 * MARGIN) / max(self.heights)
        bars = "".join(
            self.one(MARGIN + i * step, step, name, height, unit)
            for i, (name, height) in enumerate(zip(self.names, self.heights, strict=True))
        )
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
            f'width="{WIDTH}" role="img" aria-label="{escape(self.title)}" '
            'style="background: white" font-family="sans-serif" font-size="13" '
            f'text-anchor="middle"><text x="{WIDTH / 2}" y="{MARGIN * 0.7}" font-size="16">'
            f"{escape(self.title)}</text>{bars}</svg>"
        )

    def one(self, left, step, name, height, unit):
        tall, foot = height * unit, HEIGHT - MARGIN
        middle = left + step / 2
        return (
            f'<rect x="{left + step * 0.1:.0f}" y="{foot - tall:.0f}" width="{step * 0.8:.0f}" '
            f'height="{tall:.0f}" fill="{self.color}"/>'
            f'<text x="{middle:.0f}" y="{foot - tall - 5:.0f}">{height}</text>'
            f'<text x="{middle:.0f}" y="{foot + 17}">{escape(str(name))}</text>'
        )


class Spines:
    def __getitem__(self, _names):
        return self

    def set_visible(self, visible):
        """Do nothing: none is drawn."""


def subplots(**_options):
    return None, Axes()


def show():
    from IPython.display import SVG, display  # noqa: PLC0415 (in a notebook only)

    display(SVG(Axes.last.svg()))

"""`python3 -m course.slides`: makes all decks, which link to each other, in a second or two."""

from course.slides.build import build
from course.spine import ROOT

if __name__ == "__main__":
    build(sorted(ROOT.glob("notebooks/*.ipynb")))

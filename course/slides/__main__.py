"""`python3 -m course.slides`: makes all decks, which link to each other, in a second or two.

`python3 -m course.slides --blank`: each output comes one key after its code.
"""

import sys

from course.slides.build import build
from course.slides.deck import read_blank_slides, read_slides
from course.spine import ROOT

if __name__ == "__main__":
    read = read_blank_slides if "--blank" in sys.argv[1:] else read_slides
    build(sorted(ROOT.glob("notebooks/*.ipynb")), read=read)

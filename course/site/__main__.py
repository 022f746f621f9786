"""`python -m course.site FOLDER`, in the course's environment: builds the site there."""

import argparse
import sys
from pathlib import Path

from course.errors import CourseError
from course.site.build import build
from course.site.serve import serve


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--open", action="store_true")
    parser.add_argument("--without-browser", action="store_true")
    options = parser.parse_args()
    try:
        build(options.out, with_browser=not options.without_browser)
    except CourseError as error:
        sys.exit(str(error))
    print(f"The site is in {options.out}", flush=True)
    if options.open:
        serve(options.out)


if __name__ == "__main__":
    main()

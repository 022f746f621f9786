"""`python3 -m course`."""

import sys

from course.command_line import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""`python3 -m course`; from another folder than that of the course, `python3 ../course`."""

import sys

if not __package__:  # Python was given the folder `course`, and imports what is in it
    sys.path[0] += "/.."

from course.command_line import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

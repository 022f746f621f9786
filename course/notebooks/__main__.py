"""`python3 -m course.notebooks`."""

from course.notebooks.run import main

if __name__ == "__main__":
    main()

"""The one kind of error that the learner is meant to read."""


class CourseError(Exception):
    """What is wrong and what to do next, in one line."""

"""The one kind of error that the learner is meant to read."""


class CourseError(Exception):
    """What is wrong and what to do next, in one line."""

    def _render_traceback_(self):
        return str(self).splitlines()  # Jupyter: without the course's own modules

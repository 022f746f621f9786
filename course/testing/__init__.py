"""Runs the tests of the course, and reports what happened."""

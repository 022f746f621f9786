"""Runs the API of a chapter, for `run`, for notebooks and for tests."""

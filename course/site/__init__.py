"""Builds the course's website from the repository as it stands."""

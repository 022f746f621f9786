"""No forks."""

engines = set()

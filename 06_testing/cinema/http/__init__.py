"""The HTTP layer. Nothing here knows a movie, a user or a database."""

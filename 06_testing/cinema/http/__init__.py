"""How HTTP is spoken. Nothing here knows a movie, a user or a database."""

"""How HTTP is spoken: checks on every request, header fields on every response, errors."""

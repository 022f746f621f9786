"""No PostgreSQL."""

SCHEMES = ()
take_any_text = None

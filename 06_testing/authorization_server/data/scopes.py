"""The scopes that a client can request: each is a permission of users."""

SCOPES = {
    "movies:write": "Add, change and delete movies",
    "watchlists:read": "See your private watchlists",
    "watchlists:write": "Create, change and delete your watchlists",
}


def common(scope, allowed):
    """Return the allowed part of a scope, in the order of the table."""
    return " ".join(name for name in SCOPES if name in scope.split() and name in allowed)

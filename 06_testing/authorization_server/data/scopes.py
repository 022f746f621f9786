"""What a client can ask for: each scope is a permission of users, under the same name."""

SCOPES = {
    "movies:write": "Add, change and delete movies",
    "watchlists:read": "See your private watchlists",
    "watchlists:write": "Create, change and delete your watchlists",
}


def common(scope, allowed):
    """Return what of a scope is allowed, in the order of the table."""
    return " ".join(name for name in SCOPES if name in scope.split() and name in allowed)

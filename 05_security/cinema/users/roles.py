"""The roles that a user may have, and what each of them permits."""

PERMISSIONS = {  # by role; the same words are the scopes of OAuth 2
    "member": frozenset({"watchlists:read", "watchlists:write"}),
    "editor": frozenset({"watchlists:read", "watchlists:write", "movies:write"}),
}

"""The user's own resources: session, signing key, tokens, password."""

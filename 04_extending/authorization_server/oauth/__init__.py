"""Authlib, put together: grants, clients that authenticate, and tokens that are JWTs."""

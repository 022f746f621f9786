"""Runs the API of a chapter as in production: nginx, Valkey, PostgreSQL, several processes."""

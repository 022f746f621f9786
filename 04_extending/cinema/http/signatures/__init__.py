"""Signed requests (RFC 9421)."""

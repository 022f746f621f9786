"""The header fields that carry credentials."""

from flask import request

FIELDS = ("Authorization", "Cookie", "Signature", "Signature-Input")


def has_credentials():
    """Tell whether the request has any credentials, right or wrong."""
    return any(field in request.headers for field in FIELDS)

"""Credentials: which header fields carry what may prove who is asking."""

from flask import request

FIELDS = ("Authorization", "Cookie", "Signature", "Signature-Input")


def has_credentials():
    """Tell whether the request brings anything that may prove who is asking."""
    return any(field in request.headers for field in FIELDS)

"""Rules for what the API sends; it has already checked the password's quality."""

import binascii
from base64 import b64decode


def any_text(value):
    if not isinstance(value, str) or "\0" in value:
        raise ValueError("must be text, without U+0000")
    return value


def key_or_null(value):
    """Return the bytes of a key in Base64, or None."""
    try:
        return value and b64decode(value, validate=True)
    except (binascii.Error, TypeError, ValueError):
        raise ValueError("must be Base64, or null") from None

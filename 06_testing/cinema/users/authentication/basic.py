"""Basic authentication (RFC 7617): a name and a password with every request."""

import base64
import binascii
import re

from flask import request

from ..login import WrongCredentials
from ..passwords import WrongPassword, check_password

CHALLENGE = 'Basic realm="cinema", charset="UTF-8"'
CONTROL_CHARACTER = re.compile("[\0-\x1f\x7f-\x9f]")


def authenticate():
    """Return the Login of a request with Basic credentials, or None if it has none."""
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    name, password = decode(encoded.strip())
    try:
        return check_password(name, password)
    except WrongPassword:
        raise WrongCredentials("There is no user of this name and password.") from None


def decode(encoded):
    """Return name and password, split at the first colon: only the password may contain one."""
    try:
        pair = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, ValueError):  # ValueError: not ASCII, or not UTF-8 within
        pair = ""
    name, colon, password = pair.partition(":")
    if not colon or CONTROL_CHARACTER.search(pair):
        raise WrongCredentials("Send as Basic credentials the Base64 of name:password, in UTF-8.")
    return name, password

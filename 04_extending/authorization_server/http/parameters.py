"""Refuses malformed requests before Authlib reads them."""

import re
from urllib.parse import urlsplit

from authlib.oauth2.rfc6749 import InvalidRequestError
from cinema.http.json_body import whole_body
from flask import request
from werkzeug.exceptions import BadRequest

from .errors import ClientRefused

VISIBLE = re.compile(r"[ -~]*")  # characters of OAuth's parameters (RFC 6749, appendix A),
QUOTABLE = re.compile(r"[ !#-\[\]-~]*")  # those of them that an error may quote,
TEXT = re.compile(r"[^\0]*")  # and what our users type
CHARACTERS = {
    **dict.fromkeys(("client_id", "client_secret", "state", "csrf_token", "decision"), VISIBLE),
    **dict.fromkeys(("code", "code_challenge", "code_challenge_method", "code_verifier"), VISIBLE),
    **dict.fromkeys(("token", "token_type_hint", "refresh_token"), VISIBLE),
    **dict.fromkeys(("redirect_uri", "response_type", "grant_type", "scope"), QUOTABLE),
    **dict.fromkeys(("name", "password"), TEXT),
}


def init_app(app):
    app.before_request(refuse_unreadable_host)
    app.before_request(refuse_unreadable_body)
    app.before_request(refuse_unreadable_credentials)
    app.before_request(refuse_odd_parameters)


def refuse_unreadable_host():
    """Refuse a malformed host, such as "xn--": Authlib builds the URL of each request."""
    try:
        urlsplit(request.url)
    except ValueError:
        raise BadRequest("No host has this name.") from None


def refuse_unreadable_body():
    whole_body()  # raises if the body is wrong; Flask then parses the form from it


def refuse_unreadable_credentials():
    header = request.headers.get("Authorization", "")
    if not header.isascii() or (header and request.authorization is None):
        raise ClientRefused()


def refuse_odd_parameters():
    """Refuse repeated parameters and wrong characters; ignore unknown parameters.

    RFC 6749, section 3.1, requires it; Authlib fails with some of what we refuse here.
    """
    for parameters in (request.args, request.form):
        for name in CHARACTERS.keys() & parameters.keys():
            values = parameters.getlist(name)
            if len(values) > 1:
                raise InvalidRequestError(f"The parameter {name} is repeated.")
            if not CHARACTERS[name].fullmatch(values[0]):
                raise InvalidRequestError(f"The {name} has characters that it cannot have.")

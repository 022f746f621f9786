"""Parses a request's body: one JSON object, or a 4xx that says what is wrong with it."""

import json

from flask import request
from werkzeug.exceptions import (
    BadRequest,
    HTTPException,
    RequestEntityTooLarge,
    UnsupportedMediaType,
)

JSON = "application/json"
DEEPEST = 100  # levels of nested objects and lists
EXACT = 2**53  # floats above this skip whole numbers (RFC 7493, section 2.2)


class NotRead(UnsupportedMediaType):
    """A 415 with a header that names the accepted media types (RFC 9110, section 15.5.16)."""

    def __init__(self, description, **accept):
        super().__init__(description)
        self.accept = [(name.replace("_", "-"), value) for name, value in accept.items()]

    def get_headers(self, *args, **kwargs):
        return [*super().get_headers(*args, **kwargs), *self.accept]


def json_object(*media_types):
    """Return the body as a dictionary; its media type must be one of these (by default, JSON).

    Stricter than `request.get_json()`: JSON is UTF-8 and has no NaN (RFC 8259), and ambiguous JSON
    is refused too: a name given twice, a lone surrogate (RFC 7493). Raises UnsupportedMediaType,
    RequestEntityTooLarge or BadRequest.
    """
    read = media_types or (JSON,)
    if request.mimetype not in read:  # another +json, such as a patch, means something else
        raise NotRead(f"Send the body as {' or '.join(read)}.", Accept=", ".join(read))
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise NotRead("Send the body without a Content-Encoding.", Accept_Encoding="identity")
    value = parse(whole_body())
    if not isinstance(value, dict):
        raise BadRequest("The body is JSON, but not an object.")
    return value


def whole_body():
    """Return the body's bytes; refuse a body that is partial, too long or incomplete.

    Flask checks the declared length. A chunked body declares none, and Flask would silently cut it
    off at the limit. A partial body must not replace the whole (RFC 9110, section 14.5).
    """
    if "Content-Range" in request.headers:
        raise BadRequest("Send the whole body, without Content-Range.")
    length = request.content_length
    chunked = length is None and "wsgi.input_terminated" in request.environ
    try:
        body = request.get_data()
        goes_on = chunked and request.environ["wsgi.input"].read(1)
    except HTTPException:
        raise
    except Exception as error:  # each server has its own for an incomplete body
        raise BadRequest("The body did not arrive whole.") from error
    if goes_on:
        raise RequestEntityTooLarge()
    if len(body) < (length or 0):
        raise BadRequest("The body did not arrive whole.")
    return body


def parse(body):
    try:
        value = json.loads(
            body.decode(),
            object_pairs_hook=each_name_once,
            parse_float=number,
            parse_constant=no_such_number,
        )
        refuse_what_cannot_go_on(value)
    except UnicodeDecodeError as error:
        raise BadRequest("The body is not UTF-8.") from error
    except UnicodeEncodeError as error:
        raise BadRequest("The body has half of a surrogate pair in it.") from error
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise BadRequest(f"The body is not JSON: {error.msg}, at {place}.") from error
    except (RecursionError, ValueError) as error:  # ValueError: a number of 5,000 digits
        raise BadRequest("The body is nested too deeply, or has too long a number.") from error
    return value


def refuse_what_cannot_go_on(value, level=0):
    """Raise UnicodeEncodeError for a lone surrogate, RecursionError for too many levels."""
    if level > DEEPEST:
        raise RecursionError
    if isinstance(value, str):
        value.encode()
    elif isinstance(value, (list, dict)):
        parts = (*value.keys(), *value.values()) if isinstance(value, dict) else value
        for part in parts:
            refuse_what_cannot_go_on(part, level + 1)


def each_name_once(pairs):
    members = dict(pairs)
    if len(members) < len(pairs):
        raise BadRequest("The body gives a name twice.")
    return members


def number(written):
    """Return the int 5 for "5.0" and "50e-1" too: JSON has one kind of number (RFC 8259).

    JSON Schema's "integer" means any number that is whole, however it is written.
    """
    value = float(written)
    return int(value) if value.is_integer() and abs(value) < EXACT else value


def no_such_number(name):
    raise BadRequest(f"The body is not JSON: there is no number {name}.")

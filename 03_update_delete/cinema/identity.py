"""Keeps what a body says of an entity's identity in line with its URL."""

from .validation import Invalid


def without_identity(values, **identity):
    """Return the values without those that the URL gives already.

    So an entity can be sent back as it was read. Raises Invalid for a value that contradicts the
    URL.
    """
    reasons = {
        name: f"is {own} at this URL"
        for name, own in identity.items()
        if name in values and not same(values[name], own)
    }
    if reasons:
        raise Invalid(reasons)
    return {name: value for name, value in values.items() if name not in identity}


def same(value, own):
    return type(value) is type(own) and value == own  # in Python, but not in JSON, True == 1

"""Validation rules for values; all errors are reported together."""

import re


class Invalid(ValueError):
    """Some values are wrong; `reasons` maps each name to what its value must be."""

    def __init__(self, reasons):
        super().__init__(reasons)
        self.reasons = reasons


class Checked:
    """A mix-in for models: sets all members at once, and reports all errors together."""

    MEMBERS = ()  # what a client may set
    DEFAULTS = {}  # what a client may leave out

    def fill(self, values, **identity):
        """Set every member from a dictionary; one that is left out takes its default.

        `identity` holds the values that the URL determines. A body may repeat them, so that clients
        can send back what they read, but not contradict them. Raises Invalid, with a reason for
        each value that is wrong, missing or unknown.
        """
        values = self.DEFAULTS | identity | values
        reasons = {name: "is required" for name in self.MEMBERS if name not in values}
        for name, value in values.items():
            try:
                if name in identity:
                    agree(value, identity[name])
                if name in self.MEMBERS or name not in identity:
                    setattr(self, one_of(self.MEMBERS, name), value)
            except ValueError as error:
                reasons[name] = str(error)
        if reasons:
            raise Invalid(reasons)

    def members(self):
        """Return the members that a client may set, as a dictionary for `fill`."""
        return {name: getattr(self, name) for name in self.MEMBERS}


def agree(value, own):
    if type(value) is not type(own) or value != own:  # 1 == True in Python, but not in JSON
        raise ValueError(f"is {own} at this URL")


def slug(value):
    if not re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", value) or len(value) > 64:
        raise ValueError("must be 1 to 64 small letters or digits, in words joined by hyphens")
    return value


def one_of(choices, value):
    if value not in choices:
        raise ValueError(f"is not one of {', '.join(choices)}")
    return value


def text(value, most):
    if not isinstance(value, str) or not value.strip() or len(value) > most or "\0" in value:
        raise ValueError(f"must be text of 1 to {most} characters, not blank, without U+0000")
    return value


def members(values, **rules):
    """Return the values, each parsed by the rule of its name, in the order of the rules.

    Raises Invalid, with a reason for each value that is wrong, missing or unknown.
    """
    reasons = {name: f"is not one of {', '.join(rules)}" for name in values.keys() - rules.keys()}
    checked = []
    for name, rule in rules.items():
        try:
            checked.append(rule(values.get(name)))
        except ValueError as error:
            reasons[name] = str(error)
    if reasons:
        raise Invalid(reasons)
    return checked


def some_text(value):
    return text(value, most=1000)


def flag(value):
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def whole_number(value, least, most):
    if type(value) is not int or not least <= value <= most:  # isinstance() would let True pass
        raise ValueError(f"must be a whole number from {least} to {most}")
    return value


def imdb_id(value):
    if value is not None and not (isinstance(value, str) and re.fullmatch("tt[0-9]{7,8}", value)):
        raise ValueError("must be tt and 7 or 8 digits, or null")
    return value

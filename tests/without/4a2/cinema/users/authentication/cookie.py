"""No cookies."""


def authenticate():
    return None

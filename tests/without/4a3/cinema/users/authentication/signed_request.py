"""No signatures."""

ACCEPT_SIGNATURE = ""


def authenticate():
    return None

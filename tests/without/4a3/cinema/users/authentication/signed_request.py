"""No signatures."""


def accept_signature():
    return ""


def authenticate():
    return None

"""No cookies."""


def authenticate():
    return None


def init_app(_app):
    pass

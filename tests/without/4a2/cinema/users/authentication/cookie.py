"""No cookies."""


def init_app(_app):
    pass


def authenticate():
    return None

"""No service."""


def init_app(_app):
    pass

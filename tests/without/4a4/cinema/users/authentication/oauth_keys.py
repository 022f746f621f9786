"""No keys of an issuer."""


def init_app(_app):
    pass

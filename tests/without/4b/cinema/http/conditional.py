"""No conditions, and no ETag."""

UNVERSIONED = None


def init_app(_app, viewer):
    pass


def versioned(_find_version):
    return lambda view: view


def check_conditions(_entity):
    pass


def check_preconditions(_entity):
    pass


def quoted_etag(_entity):
    return ""

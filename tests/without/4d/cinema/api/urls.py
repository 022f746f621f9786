"""URLs of the one version that there is."""

from flask import url_for


def version_url(endpoint, **values):
    return url_for(f"v1.{endpoint}", **values)

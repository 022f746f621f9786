"""What each app of a chapter is told in production: where the others are, databases, secrets."""

import secrets

from course.serving.server import url
from course.spine import is_service

DATABASES = ("DATABASE_URL", "AUTH_SERVICE_DATABASE_URL")  # each on a server of its own
SECRETS = {  # of each app, and no more than it needs: made for a run, and kept nowhere
    "cinema": ("CINEMA_PASSWORD", "SECRET_KEY", "AUTH_SERVICE_SECRET"),
    "auth_service": ("AUTH_SERVICE_SECRET",),
    "authorization_server": (
        *("CINEMA_PASSWORD", "SECRET_KEY", "AUTH_SERVICE_SECRET"),
        *("AUTHORIZATION_SERVER_SECRET", "ROBOT_SECRET"),
    ),
}


class Settings:
    """The environment variables of a chapter's apps, which answer at the ports in `fronts`."""

    def __init__(self, chapter, fronts):
        self.chapter = chapter
        self.fronts = fronts
        self.cache_url = None
        self.databases = {}  # the URL of each, by its variable
        self.secrets = make_secrets() if chapter.in_earnest else {}

    def url(self, app):
        return url(self.fronts[app], secure=not is_service(app))

    def of(self, app):
        """Return what an app must know, and nothing that only another one must."""
        around = {f"{other.upper()}_URL": self.url(other) for other in self.chapter.apps} | {
            "CACHE_URL": self.cache_url or "",
            "REQUESTS_CA_BUNDLE": str(self.chapter.authority),
            "TRUSTED_PROXIES": "1",
        }
        if not self.chapter.in_earnest:
            return around
        database = "AUTH_SERVICE_DATABASE_URL" if is_service(app) else "DATABASE_URL"
        return (
            around
            | {"CINEMA_ENV": "production", "HTTPS_PORT": str(self.fronts["cinema"])}
            | {database: self.databases[database]}
            | {name: self.secrets[name] for name in SECRETS[app]}
        )


def make_secrets():
    names = {name for names in SECRETS.values() for name in names}
    return {name: secrets.token_urlsafe(32) for name in sorted(names)}

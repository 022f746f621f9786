"""The clients: programs that act for users, or for themselves."""

import hmac
import re

from authlib.oauth2.rfc6749 import ClientMixin
from cinema.data.database import db
from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from .digests import digest
from .scopes import common

LOOPBACK = re.compile(
    r"(?P<host>http://(?:127\.0\.0\.1|\[::1]))(?::[0-9]{1,5})?(?P<path>(?:[/?].*)?)"
)


class Client(ClientMixin, db.Model):
    """A registered program (RFC 6749, section 2).

    It is confidential if it has a secret: a program in a browser or on a phone can keep none. With
    a redirect URI it acts for users; without one, for itself.
    """

    __tablename__ = "oauth_client"

    id: Mapped[str] = mapped_column(primary_key=True)
    secret_hash: Mapped[str | None]
    redirect_uris: Mapped[list[str]] = mapped_column(JSON)
    scope: Mapped[str]

    def get_client_id(self):
        return self.id

    def get_default_redirect_uri(self):
        return self.redirect_uris[0] if len(self.redirect_uris) == 1 else None

    def get_allowed_scope(self, scope):
        """Return the requested scope, by default all; None if it is more than was registered."""
        asked, registered = set((scope or self.scope).split()), set(self.scope.split())
        return common(self.scope, asked) if asked and asked <= registered else None

    def check_redirect_uri(self, redirect_uri):
        """Tell whether a redirect URI is registered, to the letter (RFC 9700, section 2.1).

        With one exception: on the user's own machine, any port will do (RFC 8252, section 7.3).
        """
        native = {without_port(uri) for uri in self.redirect_uris} - {None}
        return redirect_uri in self.redirect_uris or without_port(redirect_uri) in native

    def check_client_secret(self, client_secret):
        known = self.secret_hash or ""  # which matches no secret
        return hmac.compare_digest(digest(client_secret), known)

    def check_endpoint_auth_method(self, method, _endpoint):
        return method == ("client_secret_basic" if self.secret_hash else "none")

    def check_response_type(self, response_type):
        return response_type == "code"

    def check_grant_type(self, grant_type):
        return bool(self.redirect_uris) is (grant_type != "client_credentials")


def without_port(redirect_uri):
    """Return a redirect URI of the user's machine without its port; None for any other."""
    found = LOOPBACK.fullmatch(redirect_uri)
    return found and found["host"] + found["path"]


def find_client(client_id):
    """Return the client of this id, or None."""
    return db.session.get(Client, client_id)

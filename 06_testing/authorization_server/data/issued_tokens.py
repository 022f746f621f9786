"""Issued tokens, by their hashes; a revoked token is deleted."""

import time

from authlib.oauth2.rfc6749 import TokenMixin
from cinema.data.database import db
from sqlalchemy import ForeignKey, delete
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .clients import Client
from .consents import Consent
from .digests import digest


class AccessToken(TokenMixin, db.Model):
    """An issued access token; the token itself contains all that the API needs."""

    __tablename__ = "oauth_access_token"

    hash: Mapped[str] = mapped_column(primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey(Client.id, ondelete="CASCADE"))
    consent_id: Mapped[int | None] = mapped_column(ForeignKey(Consent.id, ondelete="CASCADE"))
    scope: Mapped[str]
    issued_at: Mapped[int]
    expires_at: Mapped[int] = mapped_column(index=True)
    consent: Mapped[Consent | None] = relationship()

    @property
    def subject(self):
        return self.consent.user_name if self.consent else self.client_id

    def check_client(self, client):
        return self.client_id == client.id

    def is_expired(self):
        return self.expires_at <= time.time()

    def is_revoked(self):
        """Tell whether the user's password was changed; otherwise, a revoked token is deleted."""
        return self.consent is not None and self.consent.giver is None

    def revoke(self):
        if self.consent:
            self.consent.withdraw()
        else:
            db.session.delete(self)


class RefreshToken(TokenMixin, db.Model):
    """A refresh token: good for one new access token, and the next refresh token."""

    __tablename__ = "oauth_refresh_token"

    hash: Mapped[str] = mapped_column(primary_key=True)
    consent_id: Mapped[int] = mapped_column(ForeignKey(Consent.id, ondelete="CASCADE"))
    issued_at: Mapped[int]
    used: Mapped[bool] = mapped_column(default=False)
    consent: Mapped[Consent] = relationship()

    @property
    def client_id(self):
        return self.consent.client_id

    @property
    def subject(self):
        return self.consent.user_name

    @property
    def scope(self):
        return self.consent.scope

    @property
    def expires_at(self):
        return self.consent.expires_at

    def get_scope(self):
        return self.scope

    def check_client(self, client):
        return self.client_id == client.id

    def is_expired(self):
        return self.expires_at <= time.time()

    def is_revoked(self):
        return self.used or self.consent.giver is None

    def revoke(self):
        self.consent.withdraw()


def find_token(value):
    """Return an access or refresh token, or None."""
    key = digest(value)
    return db.session.get(AccessToken, key) or db.session.get(RefreshToken, key)


def forget_what_has_expired():
    for kind in (Consent, AccessToken):
        db.session.execute(delete(kind).where(kind.expires_at <= int(time.time())))

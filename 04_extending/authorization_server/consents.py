"""What users have allowed to clients, and the codes that carry the news to them."""

from authlib.oauth2.rfc6749 import AuthorizationCodeMixin
from cinema.data.database import db
from sqlalchemy import ForeignKey, delete
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .clients import Client

CONSENT_LASTS = 30 * 24 * 3600  # seconds; then the user is asked again
CODE_LASTS = 60


class Consent(db.Model):
    """A user has allowed something to a client. Without it, codes and tokens are nothing."""

    __tablename__ = "oauth_consent"

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey(Client.id, ondelete="CASCADE"))
    user_name: Mapped[str]
    scope: Mapped[str]
    expires_at: Mapped[int] = mapped_column(index=True)

    def withdraw(self):
        """End it, and with it, by the database's own rule, every code and token."""
        db.session.execute(delete(Consent).where(Consent.id == self.id))


class AuthorizationCode(AuthorizationCodeMixin, db.Model):
    """What the browser carries to the client, which changes it for tokens: once, and soon."""

    __tablename__ = "oauth_code"

    hash: Mapped[str] = mapped_column(primary_key=True)
    consent_id: Mapped[int] = mapped_column(ForeignKey(Consent.id, ondelete="CASCADE"))
    redirect_uri: Mapped[str | None]
    code_challenge: Mapped[str]
    expires_at: Mapped[int]
    used: Mapped[bool] = mapped_column(default=False)
    consent: Mapped[Consent] = relationship()

    def get_redirect_uri(self):
        return self.redirect_uri

    def get_scope(self):
        return self.consent.scope

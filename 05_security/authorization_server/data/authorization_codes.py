"""Authorization codes, which the browser takes to the client after the user's consent."""

from authlib.oauth2.rfc6749 import AuthorizationCodeMixin
from cinema.data.database import db
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .consents import Consent

CODE_LASTS = 60  # seconds


class AuthorizationCode(AuthorizationCodeMixin, db.Model):
    """A code that the client exchanges for tokens, once and within a minute."""

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

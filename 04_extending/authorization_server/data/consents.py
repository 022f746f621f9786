"""Consents: what users have allowed clients to do."""

from cinema.data.database import db
from sqlalchemy import ForeignKey, delete
from sqlalchemy.orm import Mapped, mapped_column

from .clients import Client

CONSENT_LASTS = 30 * 24 * 3600  # seconds; then the user is asked again


class Consent(db.Model):
    """A user's consent for a client; its codes and tokens are valid only as long as it exists."""

    __tablename__ = "oauth_consent"

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey(Client.id, ondelete="CASCADE"))
    user_name: Mapped[str]
    scope: Mapped[str]
    expires_at: Mapped[int] = mapped_column(index=True)

    def withdraw(self):
        """Delete the consent; the database deletes its codes and tokens, too."""
        db.session.execute(delete(Consent).where(Consent.id == self.id))

"""What users have allowed to clients."""

from cinema.data.database import db
from sqlalchemy import ForeignKey, delete
from sqlalchemy.orm import Mapped, mapped_column

from .clients import Client
from .resource_owners import find_resource_owner

CONSENT_LASTS = 30 * 24 * 3600  # seconds; then the user is asked again


class Consent(db.Model):
    """A user has allowed something to a client. Without it, codes and tokens are nothing."""

    __tablename__ = "oauth_consent"

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey(Client.id, ondelete="CASCADE"))
    user_name: Mapped[str]
    stamp: Mapped[str]  # the user's, when they logged in to consent
    scope: Mapped[str]
    expires_at: Mapped[int] = mapped_column(index=True)

    @property
    def giver(self):
        """Return the user as they are now, or None if they have another password since."""
        return find_resource_owner(self.user_name, self.stamp)

    def withdraw(self):
        """End it, and with it, by the database's own rule, every code and token."""
        db.session.execute(delete(Consent).where(Consent.id == self.id))

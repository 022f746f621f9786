"""No sessions: a table that stays empty, from which a new password deletes them."""

from sqlalchemy.orm import Mapped, mapped_column

from ..data.database import db


class LoginSession(db.Model):
    user_name: Mapped[str] = mapped_column(primary_key=True)

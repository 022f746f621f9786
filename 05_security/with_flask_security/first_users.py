"""The users of the first start: alice, an editor, and bob, a member, as in the cinema."""

from cinema.users.roles import PERMISSIONS
from flask import current_app
from flask_security import hash_password
from sqlalchemy import select

from .models import User, db, users

FIRST_USERS = {"alice@cinema.example": "editor", "bob@cinema.example": "member"}


def add_first_users():
    """Add them if there are no users, so that a deleted user stays deleted."""
    for role, permissions in PERMISSIONS.items():
        users.find_or_create_role(role, permissions=sorted(permissions))
    if db.session.scalar(select(User.id).limit(1)) is None:
        for email, role in FIRST_USERS.items():
            password = hash_password(current_app.config["PASSWORD"])
            users.create_user(email=email, password=password, roles=[role])
    db.session.commit()

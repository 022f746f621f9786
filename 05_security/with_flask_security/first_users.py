"""The users of the first start: alice, an editor, and bob, a member, as in the cinema."""

from cinema.users.roles import PERMISSIONS
from flask import current_app
from flask_security import hash_password

from .models import db, users

FIRST_USERS = {"alice@cinema.example": "editor", "bob@cinema.example": "member"}


def add_first_users():
    for role, permissions in PERMISSIONS.items():
        users.find_or_create_role(role, permissions=sorted(permissions))
    for email, role in FIRST_USERS.items():
        if users.find_user(email=email) is None:
            password = hash_password(current_app.config["PASSWORD"])
            users.create_user(email=email, password=password, roles=[role])
    db.session.commit()

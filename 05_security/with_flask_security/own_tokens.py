"""A user's tokens: whose they are, and how to revoke them all at once."""

from flask import Blueprint
from flask_security import auth_required, current_user

from .models import db, users

blueprint = Blueprint("own_tokens", __name__)


@blueprint.get("")
@auth_required("token")
def get_bearer():
    """Return the token's user; tokens are not stored, so they cannot be listed."""
    permissions = {name for role in current_user.roles for name in role.get_permissions()}
    return {"user": current_user.email, "permissions": sorted(permissions)}


@blueprint.delete("")
@auth_required("token")
def delete_tokens():
    users.set_uniquifier(current_user)  # all tokens with the old one are invalid now
    db.session.commit()
    return "", 204

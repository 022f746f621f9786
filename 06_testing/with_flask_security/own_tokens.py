"""A user's tokens: who they are for, and the one way to revoke them, which is all at once."""

from flask import Blueprint
from flask_security import auth_required, current_user

from .models import db, users

blueprint = Blueprint("own_tokens", __name__)


@blueprint.get("")
@auth_required("token")
def get_bearer():
    """Tell who has sent the token: nothing of a token is kept that could be listed."""
    permissions = {name for role in current_user.roles for name in role.get_permissions()}
    return {"user": current_user.email, "permissions": sorted(permissions)}


@blueprint.delete("")
@auth_required("token")
def delete_tokens():
    users.set_uniquifier(current_user)  # every token that has the old one in it is worthless now
    db.session.commit()
    return "", 204

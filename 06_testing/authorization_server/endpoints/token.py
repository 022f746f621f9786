"""The token endpoint: a client trades a code, a refresh token or its secret for tokens."""

from cinema.data.database import writing
from flask import Blueprint

from ..oauth.provider import provider

blueprint = Blueprint("token", __name__)


@blueprint.post("/token")
def give_tokens():
    with writing():  # two requests with the same code: one is the second
        return provider.create_token_response()

"""The authorization endpoint: a user logs in, consents, and is sent back to the client."""

from urllib.parse import urlencode

from authlib.common.urls import add_params_to_uri
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import AccessDeniedError
from cinema.data.database import writing
from cinema.users.passwords import WrongPassword, check_password
from flask import Blueprint, current_app, redirect, request, url_for
from werkzeug.exceptions import BadRequest, HTTPException

from ..data.scopes import SCOPES
from ..oauth.provider import provider
from ..pages import login
from ..pages.csrf import check_csrf_token
from ..pages.html import error_page, form_page

blueprint = Blueprint("authorize", __name__)


@blueprint.get("/authorize")
def ask_user():
    grant = provider.get_consent_grant(end_user=login.current_user())
    if grant.request.user is None:
        return form_page("login.html", grant)
    wishes = [SCOPES[name] for name in scope_to_give(grant).split()]
    return form_page("consent.html", grant, user=grant.request.user, wishes=wishes)


@blueprint.post("/login")
def log_in():
    grant = provider.get_consent_grant()
    check_csrf_token()
    try:
        user = check_password(request.form.get("name", ""), request.form.get("password", ""))
    except WrongPassword:
        return form_page("login.html", grant, 403, failed=True)
    login.log_in(user.name)
    return redirect_to_question()


@blueprint.post("/authorize")
def decide():
    grant = provider.get_consent_grant(end_user=login.current_user())
    check_csrf_token()
    if grant.request.user is None:
        return redirect_to_question()
    scope_to_give(grant)
    consents = request.form.get("decision") == "allow"
    login.log_out()
    with writing():
        return to_client(
            provider.create_authorization_response(
                grant.request, grant_user=grant.request.user if consents else None, grant=grant
            )
        )


@blueprint.errorhandler(OAuth2Error)
def answer_wrong_request(error):
    """Report an error to the client, or only to the user if the client may not be ours."""
    if error.redirect_uri:
        return to_client(provider.handle_error_response(None, error))
    return answer_http_error(BadRequest(error.get_error_description()))


@blueprint.errorhandler(HTTPException)
def answer_http_error(error):
    return error_page(error)


def scope_to_give(grant):
    """Return the part of the scope that the user can give; raise AccessDeniedError if none."""
    scope = grant.request.user.can_give(grant.request.scope)
    if not scope:
        raise AccessDeniedError(redirect_uri=grant.redirect_uri, state=grant.request.payload.state)
    return scope


def redirect_to_question():
    """Redirect to the form by GET, with all parameters of the client."""
    return redirect(f"{url_for('.ask_user')}?{urlencode(request.args)}", 303)


def to_client(response):
    """Add our issuer URL to the redirect (RFC 9207), so that the client knows who answers."""
    issuer = current_app.config["AUTHORIZATION_SERVER_URL"]
    response.location = add_params_to_uri(response.location, {"iss": issuer})
    response.status_code = 303  # the browser must not post our form to the client
    return response

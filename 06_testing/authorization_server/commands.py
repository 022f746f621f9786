"""Commands to register clients: `flask --app authorization_server seed`, and one more."""

from urllib.parse import urlsplit

import click
from authlib.common.security import is_secure_transport
from cinema.data import validation
from cinema.data.database import db, writing
from cinema.users.user import User
from flask import current_app
from flask.cli import with_appcontext

from .data.clients import Client, find_client
from .data.digests import digest, new_secret
from .data.scopes import SCOPES

CALLBACK = "http://127.0.0.1:8204/callback"


def init_app(app):
    app.cli.add_command(seed)
    app.cli.add_command(create_client)


@click.command()
@with_appcontext
def seed():
    """Register the clients of the lesson that are not there yet."""
    robot_secret = digest(current_app.config["ROBOT_SECRET"])
    clients = [
        Client(id="movie-night", redirect_uris=[CALLBACK], scope=" ".join(SCOPES)),
        Client(id="cinema-robot", secret_hash=robot_secret, redirect_uris=[], scope="movies:write"),
    ]
    with writing():
        new = [client.id for client in clients if find_client(client.id) is None]
        for client in clients:
            db.session.merge(client)  # the robot's secret may have changed
    click.echo(f"New clients: {', '.join(new)}." if new else "No new clients.")


def a_redirect_uri(_context, _parameter, values):
    for uri in values:
        parts = urlsplit(uri)
        if not is_secure_transport(uri) or parts.fragment or not parts.netloc.isascii():
            raise click.BadParameter(f"{uri} must be https://, or http:// on this machine.")
    return values


def a_slug(_context, _parameter, value):
    try:
        return validation.slug(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


@click.command()
@click.argument("name", callback=a_slug)
@click.option("--redirect-uri", "redirect_uris", multiple=True, callback=a_redirect_uri)
@click.option("--confidential", is_flag=True, help="It can keep a secret; make it one.")
@click.option("--scope", "scopes", type=click.Choice(tuple(SCOPES)), multiple=True, required=True)
@with_appcontext
def create_client(name, redirect_uris, confidential, scopes):
    """Register a client: with a redirect URI it acts for users, without one for itself."""
    if not redirect_uris and not confidential:
        raise click.UsageError("Give a --redirect-uri, or make the client --confidential.")
    secret = new_secret() if confidential else None
    client = Client(id=name, redirect_uris=list(redirect_uris), scope=" ".join(scopes))
    client.secret_hash = digest(secret) if secret else None
    with writing():
        if find_client(name) or db.session.get(User, name):  # in tokens, both are a `sub`
            raise click.ClickException(f"There is a client or a user {name} already.")
        db.session.add(client)
    click.echo(f"client_id: {name}")
    if secret:
        click.echo(f"client_secret: {secret} (keep it: we have only its hash)")

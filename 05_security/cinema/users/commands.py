"""The commands that make users, change their passwords and delete them."""

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import select

from ..data.database import db, writing
from ..data.models import Watchlist
from . import credentials
from .password_rules import check_new_password
from .passwords import change_password
from .roles import PERMISSIONS
from .user import User, find_user

FIRST_USERS = {"alice": "editor", "bob": "member"}


def init_app(app):
    app.cli.add_command(create_user)
    app.cli.add_command(set_password)
    app.cli.add_command(delete_user)


def add_first_users():
    """Add alice, an editor, and bob, a member, if there are no users; return their names."""
    if db.session.scalar(select(User.name).limit(1)):
        return []  # never recreate a deleted user with the first password
    for name, role in FIRST_USERS.items():
        add_user(name, role, current_app.config["PASSWORD"])
    return list(FIRST_USERS)


def load_first_users():
    """Add the first users, and report it; to be called by `flask seed`."""
    new = add_first_users()
    return f"New users: {', '.join(new)}." if new else "No new users: there are users already."


def add_user(name, role, password):
    """Add a user; a crash in between leaves only an unused password."""
    user = User(name=name, role=role)
    credentials.set_password(name, password)
    db.session.add(user)


password_option = click.option(
    "--password",
    prompt=True,
    hide_input=True,
    confirmation_prompt=True,
    help="If left out, you are asked for it, and nobody finds it among your commands.",
)


@click.command()
@click.argument("name")
@click.option("--role", type=click.Choice(tuple(PERMISSIONS)), default="member", show_default=True)
@password_option
@with_appcontext
def create_user(name, role, password):
    """Add a user."""
    refuse_unfit(password, name)
    with writing():
        if db.session.get(User, name):
            raise click.ClickException(f"There is a user {name} already.")
        try:
            add_user(name, role, password)
        except ValueError as error:
            raise click.ClickException(f"The name {error}.") from None
    click.echo(f"{name} is a user now: {role}.")


@click.command()
@click.argument("name")
@password_option
@with_appcontext
def set_password(name, password):
    """Change a user's password, and end their sessions, tokens, signing key and OAuth consents."""
    refuse_unfit(password, name)
    refuse_unknown(name)
    change_password(name, password)
    click.echo(f"{name} has a new password.")


@click.command()
@click.argument("name")
@with_appcontext
def delete_user(name):
    """Delete a user, with all that is theirs: watchlists, sessions, tokens, credentials."""
    refuse_unknown(name)
    with writing():
        for watchlist in db.session.scalars(select(Watchlist).where(Watchlist.owner == name)):
            db.session.delete(watchlist)  # by the session, which renews the list's version
        db.session.delete(db.session.get(User, name))
    credentials.delete(name)
    click.echo(f"{name} is no user any more.")


def refuse_unfit(password, name):
    try:
        check_new_password(password, name)
    except ValueError as error:
        raise click.BadParameter(f"{error}.", param_hint="--password") from None


def refuse_unknown(name):
    if find_user(name) is None:
        raise click.ClickException(f"There is no user {name}.")

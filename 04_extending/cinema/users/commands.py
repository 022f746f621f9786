"""The commands that make users and change their passwords."""

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import delete, select

from ..data.database import db, writing
from .authentication.basic import CONTROL_CHARACTER
from .passwords import hash_password
from .roles import PERMISSIONS
from .sessions import LoginSession
from .user import User

FIRST_USERS = {"alice": "editor", "bob": "member"}
SHORTEST, LONGEST = 8, 1000  # characters (NIST SP 800-63B: at least 8, and 64 must be possible)


def init_app(app):
    app.cli.add_command(create_user)
    app.cli.add_command(set_password)


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
    db.session.add(User(name=name, role=role, password_hash=hash_password(password)))


def check_new_password(_context, _option, password):
    if not SHORTEST <= len(password) <= LONGEST or CONTROL_CHARACTER.search(password):
        raise click.BadParameter(
            f"a password is {SHORTEST} to {LONGEST} characters, none of control."
        )
    return password


password_option = click.option(
    "--password",
    prompt=True,
    hide_input=True,
    confirmation_prompt=True,
    callback=check_new_password,
    help="If left out, you are asked for it, and nobody finds it among your commands.",
)


@click.command()
@click.argument("name")
@click.option("--role", type=click.Choice(tuple(PERMISSIONS)), default="member", show_default=True)
@password_option
@with_appcontext
def create_user(name, role, password):
    """Add a user."""
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
    """Change a user's password, and end their sessions and their signing key."""
    with writing():
        user = db.session.get(User, name)
        if user is None:
            raise click.ClickException(f"There is no user {name}.")
        user.password_hash, user.signing_key = hash_password(password), None
        db.session.execute(delete(LoginSession).where(LoginSession.user_name == name))
    click.echo(f"{name} has a new password.")

"""Chapter 5: passwords and signing keys in a database of their own; tokens; sessions that last."""

import secrets
from datetime import timedelta

import sqlalchemy as sa
from alembic import op
from cinema.data.database import CREDENTIALS, db

revision = "0002"
down_revision = "0001"
branch_labels = depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LIFE = timedelta(hours=12)  # of a session in chapter 4

user = sa.table("user", *map(sa.column, ("name", "stamp", "password_hash", "signing_key")))
login_session = sa.table(
    "login_session",
    *map(sa.column, ("token_hash", "login")),
    *(sa.column(name, sa.DateTime) for name in ("begun", "expires")),
)
consent = sa.table("oauth_consent", *map(sa.column, ("user_name", "stamp")))
secrets_of_users = sa.select(user.c.name, user.c.password_hash, user.c.signing_key)


def upgrade(name):
    if name == CREDENTIALS:
        make_credentials()
    else:
        refuse_to_lose_passwords()
        drop_credentials()
        give_consents_a_stamp()
        give_sessions_a_beginning()
        make_tokens()


def downgrade(name):
    raise NotImplementedError(
        "Chapter 4 can't read chapter 5's passwords: go back by a copy from before the upgrade."
    )


def make_credentials():
    """Create the table, and copy the credentials from the main database, if it has them."""
    credential = op.create_table(
        "credential",
        sa.Column("user_name", TEXT, primary_key=True),
        sa.Column("password_hash", TEXT, nullable=False),
        sa.Column("signing_key", sa.LargeBinary),
    )
    if main_holds_passwords():
        rows = db.session.connection().execute(secrets_of_users)
        op.bulk_insert(
            credential, [dict(zip(credential.c.keys(), row, strict=True)) for row in rows]
        )


def main_holds_passwords():
    """Tell whether there is a main database, and it is still that of chapter 4."""
    if None not in db.engines or not (found := sa.inspect(db.session.connection())).has_table(
        "user"
    ):
        return False
    return "password_hash" in {column["name"] for column in found.get_columns("user")}


def refuse_to_lose_passwords():
    users = op.get_bind().scalar(sa.select(sa.func.count()).select_from(user))
    if users and CREDENTIALS not in db.engines:
        raise RuntimeError(
            "Upgrade once without AUTH_SERVICE_URL: the passwords have to move first."
        )


def drop_credentials():
    if op.get_bind().dialect.name == "sqlite":  # otherwise the old bytes stay in the file
        op.execute("PRAGMA secure_delete = ON")
    add_column("user", "stamp", TEXT, "")
    for name in op.get_bind().scalars(sa.select(user.c.name)).all():
        op.execute(user.update().where(user.c.name == name).values(stamp=secrets.token_hex(8)))
    op.drop_column("user", "password_hash")
    op.drop_column("user", "signing_key")


def give_consents_a_stamp():
    """Keep existing consents valid until the user changes the password."""
    if not sa.inspect(op.get_bind()).has_table("oauth_consent"):
        return  # no authorization server was ever started here; it will make its tables itself
    add_column("oauth_consent", "stamp", TEXT, "")
    stamp = sa.select(user.c.stamp).where(user.c.name == consent.c.user_name).scalar_subquery()
    op.execute(consent.update().values(stamp=sa.func.coalesce(stamp, "")))


def give_sessions_a_beginning():
    add_column("login_session", "login", TEXT, "")
    add_column("login_session", "remembered", sa.Boolean, sa.false())
    add_column("login_session", "begun", sa.DateTime, "1970-01-01 00:00:00")
    op.create_index("ix_login_session_login", "login_session", ["login"])
    sessions = sa.select(login_session.c.token_hash, login_session.c.expires)
    for token_hash, expires in op.get_bind().execute(sessions).all():
        values = {"login": secrets.token_urlsafe(16), "begun": expires - LIFE}
        its_row = login_session.c.token_hash == token_hash
        op.execute(login_session.update().where(its_row).values(values))


def make_tokens():
    op.create_table(
        "api_token",
        sa.Column("id", NUMBER, primary_key=True),
        sa.Column("user_name", TEXT, nullable=False),
        sa.Column("token_hash", TEXT, nullable=False),
        sa.Column("ending", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("scope", TEXT, nullable=False),
        sa.Column("created", sa.DateTime, nullable=False),
        sa.Column("expires", sa.DateTime, nullable=False),
        sa.ForeignKeyConstraint(["user_name"], ["user.name"], ondelete="CASCADE"),
        sa.UniqueConstraint("token_hash"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_api_token_user_name", "api_token", ["user_name"])


def add_column(table, name, kind, default):
    """Add a column that is not nullable, with a default for the existing rows.

    Alembic's batch mode would create a new table for SQLite. We cannot use it: its DROP TABLE would
    delete rows in other tables, by their foreign keys.
    """
    op.add_column(table, sa.Column(name, kind, nullable=False, server_default=default))

"""The tables of chapter 4; a database from chapter 4 is stamped with this revision."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INDEXES = {
    "movie": ("title", "director", "year", "runtime"),
    "login_session": ("user_name",),
    "watchlist": ("owner",),
    "watchlist_item": ("movie_id",),
    "used_nonce": ("created",),
    "kept_answer": ("received",),
    "oauth_consent": ("expires_at",),
    "oauth_access_token": ("expires_at",),
}


def upgrade(name):
    if name == "main":
        make_tables_of_the_api()
        make_tables_of_the_authorization_server()
        for table, columns in INDEXES.items():
            for column in columns:
                op.create_index(f"ix_{table}_{column}", table, [column])


def downgrade(name):
    raise NotImplementedError("Before chapter 4 there is nothing to go back to.")


def column(name, kind=TEXT, **options):
    return sa.Column(name, kind, **({"nullable": False} | options))


def key(*names):
    return sa.PrimaryKeyConstraint(*names)


def reference(column, target):
    return sa.ForeignKeyConstraint([column], [target], ondelete="CASCADE")


def make_tables_of_the_api():
    op.create_table(
        "movie",
        column("id", NUMBER, primary_key=True),
        column("title"),
        column("director"),
        column("year", NUMBER),
        column("runtime", NUMBER),
        column("imdb_id", nullable=True),
        column("version", NUMBER),
        sa.UniqueConstraint("imdb_id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "user",
        column("name"),
        column("role"),
        column("password_hash"),
        column("signing_key", sa.LargeBinary, nullable=True),
        key("name"),
    )
    op.create_table(
        "login_session",
        column("token_hash"),
        column("user_name"),
        column("expires", sa.DateTime),
        key("token_hash"),
        reference("user_name", "user.name"),
    )
    op.create_table(
        "watchlist",
        column("name"),
        column("title"),
        column("private", sa.Boolean),
        column("owner"),
        column("version", NUMBER),
        key("name"),
        reference("owner", "user.name"),
    )
    op.create_table(
        "watchlist_item",
        column("watchlist_name"),
        column("position", NUMBER),
        column("movie_id", NUMBER),
        key("watchlist_name", "position"),
        reference("watchlist_name", "watchlist.name"),
        reference("movie_id", "movie.id"),
    )
    op.create_table("revision", column("kind"), column("number", NUMBER), key("kind"))
    op.create_table(
        "used_nonce",
        column("keyid"),
        column("nonce"),
        column("created", NUMBER),
        key("keyid", "nonce"),
    )
    op.create_table(
        "kept_answer",
        column("user_name"),
        column("key"),
        column("fingerprint"),
        column("received", sa.Double),
        column("status", NUMBER),
        column("headers", sa.JSON),
        column("body", sa.LargeBinary),
        key("user_name", "key"),
    )


def make_tables_of_the_authorization_server():
    op.create_table(
        "oauth_client",
        column("id"),
        column("secret_hash", nullable=True),
        column("redirect_uris", sa.JSON),
        column("scope"),
        key("id"),
    )
    op.create_table(
        "oauth_consent",
        column("id", NUMBER, primary_key=True),
        column("client_id"),
        column("user_name"),
        column("scope"),
        column("expires_at", NUMBER),
        reference("client_id", "oauth_client.id"),
    )
    op.create_table(
        "oauth_code",
        column("hash"),
        column("consent_id", NUMBER),
        column("redirect_uri", nullable=True),
        column("code_challenge"),
        column("expires_at", NUMBER),
        column("used", sa.Boolean),
        key("hash"),
        reference("consent_id", "oauth_consent.id"),
    )
    op.create_table(
        "oauth_access_token",
        column("hash"),
        column("client_id"),
        column("consent_id", NUMBER, nullable=True),
        column("scope"),
        column("issued_at", NUMBER),
        column("expires_at", NUMBER),
        key("hash"),
        reference("client_id", "oauth_client.id"),
        reference("consent_id", "oauth_consent.id"),
    )
    op.create_table(
        "oauth_refresh_token",
        column("hash"),
        column("consent_id", NUMBER),
        column("issued_at", NUMBER),
        column("used", sa.Boolean),
        key("hash"),
        reference("consent_id", "oauth_consent.id"),
    )

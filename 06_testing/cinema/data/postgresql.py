"""PostgreSQL in the place of SQLite: how it is opened, and what its text cannot hold."""

from psycopg.types.string import StrDumper

SCHEMES = ("postgres", "postgresql")  # of a URL; they mean the same
PATIENCE = "-c lock_timeout=5s -c statement_timeout=60s -c idle_in_transaction_session_timeout=60s"


def options(url):
    """Return the options of an engine."""
    return {
        "url": url.set(drivername="postgresql+psycopg"),
        "pool_timeout": 5,  # seconds that a request waits for a connection
        "pool_pre_ping": True,  # a connection that was lost while nobody used it is made anew
        "connect_args": {"connect_timeout": 5, "options": PATIENCE},  # seconds
    }


class AnyText(StrDumper):
    """Text as a value for PostgreSQL, which knows no U+0000: who looks for it finds nothing.

    To be kept, text with U+0000 is refused long before.
    """

    def dump(self, text):
        return super().dump(text.replace("\0", "\N{REPLACEMENT CHARACTER}"))


def take_any_text(connection, _record):
    connection.adapters.register_dumper(str, AnyText)

"""PostgreSQL instead of SQLite: engine options, and a type for text with U+0000."""

from psycopg.types.string import StrDumper

SCHEMES = ("postgres", "postgresql")  # URL schemes; both mean PostgreSQL
PATIENCE = "-c lock_timeout=5s -c statement_timeout=60s -c idle_in_transaction_session_timeout=60s"


def options(url):
    """Return the options of an engine."""
    return {
        "url": url.set(drivername="postgresql+psycopg"),
        "pool_timeout": 5,  # seconds that a request waits for a connection
        "pool_pre_ping": True,  # replaces connections that were lost while idle
        "connect_args": {"connect_timeout": 5, "options": PATIENCE},  # seconds
    }


class AnyText(StrDumper):
    """Text for PostgreSQL, which cannot store U+0000: a search for such text finds nothing.

    Validation refuses it before it is stored.
    """

    def dump(self, text):
        return super().dump(text.replace("\0", "\N{REPLACEMENT CHARACTER}"))


def take_any_text(connection, _record):
    connection.adapters.register_dumper(str, AnyText)

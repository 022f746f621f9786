"""Runs migrations in all databases, for Flask-Migrate: `flask --app cinema db upgrade`."""

import authorization_server  # noqa: F401 (its tables are in the same database)
from alembic import context
from cinema.data.database import db
from cinema.data.schema import writing_everywhere

MAIN_LAST = reversed  # rows are copied before they are deleted

with writing_everywhere() as connections:
    for bind_key, connection in MAIN_LAST(connections.items()):
        name = bind_key or "main"
        context.configure(
            connection=connection,
            target_metadata=db.metadatas[bind_key],
            upgrade_token=f"{name}_upgrades",
            downgrade_token=f"{name}_downgrades",
        )
        context.run_migrations(name=name)

"""${message}"""

import sqlalchemy as sa
from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = depends_on = None


def upgrade(name):
    globals()[f"upgrade_{name}"]()


def downgrade(name):
    globals()[f"downgrade_{name}"]()

% for name in ("main", "credentials"):

def upgrade_${name}():
    ${context.get(f"{name}_upgrades") or "pass"}


def downgrade_${name}():
    ${context.get(f"{name}_downgrades") or "pass"}

% endfor

"""Where the tests look inside: what work costs, what is kept, the moment before a turn to write.

Costs are seconds of the processor, which nothing else that runs can make more. So a test can ask
whether a slow hash was computed, whoever has computed it, and by what function.
"""

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from time import thread_time

from cinema.data.database import db
from sqlalchemy import event, select

COSTLY = {"ARGON2_MEMORY_COST": 8, "ARGON2_TIME_COST": 5000}  # some times what else a request costs
BEGINS_A_TURN = re.compile("BEGIN|SELECT pg_advisory_xact_lock")  # as `writing` begins it


def work_of(action):
    """Return the least of three times: what was more had another reason."""
    return min(work_of_one(action) for _ in range(3))


def work_of_one(action):
    before = thread_time()
    action()
    return thread_time() - before


def kept_hash(name):
    """Return the hash that is kept of a user's password, wherever it is; None if there is none."""
    [table] = (
        table
        for metadata in db.metadatas.values()
        for table in metadata.tables.values()
        if "password_hash" in table.columns
    )
    [key] = table.primary_key
    with db.engines[table.metadata.info["bind_key"]].connect() as connection:
        return connection.scalar(select(table.c.password_hash).where(key == name))


def by_another(action):
    """Do something in a thread of its own: in ours, it would share our request, and its session."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(action).result()


@contextmanager
def overtaken_by(action, app, always=True):
    """Let something else be done first, once, when a request has read, and is about to write.

    A request that does not write is an error, if not said otherwise.
    """
    actions = [action]

    def overtake(_connection, _cursor, statement, *_):
        if actions and BEGINS_A_TURN.match(statement):
            by_another(actions.pop())

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", overtake)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", overtake)
    assert not (always and actions), (
        "else nothing was overtaken: the request has not taken its turn"
    )

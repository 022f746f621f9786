"""What something costs: seconds of the processor, which nothing else that runs can make more.

So a test can ask whether a slow hash was computed, whoever has computed it, and by what function.
"""

from time import thread_time

COSTLY = {"ARGON2_MEMORY_COST": 8, "ARGON2_TIME_COST": 5000}  # some times what else a request costs


def work_of(action):
    """Return the least of three times: what was more had another reason."""
    return min(work_of_one(action) for _ in range(3))


def work_of_one(action):
    before = thread_time()
    action()
    return thread_time() - before

"""Asks an API for its promises, one after the other, and tells what came of each."""

from dataclasses import dataclass

from course.building.progress import BROKEN, KEPT, NOT_ASKED, WAITS
from course.building.promise import (
    HARDENED,
    PROMISED,
    YOUR_TURN,
    Absent,
    Promise,
    Waits,
    do_nothing,
    promises_of,
    sections,
    up_to,
)
from course.building.wire import BASIC, BEARER, Broken

IMPATIENCE = 1  # seconds, once an answer has not come


@dataclass
class Outcome:
    """What came of a promise."""

    promise: Promise
    state: str
    broken: Broken | None = None  # why, if it is broken; and what broke in the set-up, if it waits
    blamed: str | None = None  # the name of the promise that it waits for


def wanted(section, tiers=(PROMISED, YOUR_TURN)):
    """Return the promises up to a section, its own first; "your turn" of this section only."""
    *earlier, current = up_to(section)
    own = [promise for promise in promises_of(current) if promise.tier in tiers]
    before = [promise for each in earlier for promise in promises_of(each)]
    return own + [each for each in before if each.tier in tiers and each.tier != YOUR_TURN]


def tiers(hardened=False):
    return (PROMISED, YOUR_TURN, HARDENED) if hardened else (PROMISED, YOUR_TURN)


def scheme_of(section):
    """Return how clients of a section's API sign in, by its lesson."""
    return {"1": None, "2": BEARER, "3": BEARER}.get(section[0], BASIC)


def ask_all(api, promises, tell=do_nothing):
    """Return the outcomes of all promises, in the order of the course.

    `tell` is called with those of the first section, as soon as they are there.
    """
    own = sum(promise.section == promises[0].section for promise in promises)
    outcomes = []
    for outcome in ask(api, promises):
        outcomes.append(outcome)
        if len(outcomes) == own:
            tell(outcomes)
    return settled(outcomes)


def ask(api, promises):
    """Yield the Outcome of each promise."""
    api.learn_scheme(scheme_of(promises[0].section) if promises else None)
    names = {promise.check.__name__: promise.name for promise in promises}
    lost = {}  # the name of a function whose promise is not kept -> the promise that is to blame
    for promise in promises:
        outcome = ask_one(api, promise, names, lost)
        if outcome.state in (BROKEN, WAITS):
            lost[promise.check.__name__] = outcome.blamed or promise.name
        if outcome.state == BROKEN:
            note_words(api, outcome.broken)
        yield outcome


def ask_one(api, promise, names, lost):
    if promise.control and api.control is None:
        return Outcome(promise, NOT_ASKED)
    if waiting := [name for name in promise.after if name in lost]:
        return Outcome(promise, WAITS, blamed=lost[waiting[0]])
    if api.control:
        api.control.new_words()  # what was said before is not about this promise
    try:
        promise.check(api)
    except Waits as waits:
        broken = waits.broken or Broken("an answer; there was none a moment ago")
        blamed = lost.get(waits.function) or names.get(waits.function)
        if blamed in (None, promise.name):
            return Outcome(promise, BROKEN, broken)
        return Outcome(promise, WAITS, broken, blamed)
    except Absent:
        return Outcome(promise, NOT_ASKED)
    except Broken as broken:
        return Outcome(promise, BROKEN, broken)
    except (LookupError, TypeError, AttributeError, ValueError) as error:  # of an odd answer
        shown = [api.last.exchange] if api.last else []
        promised = f"an answer of the shape that the lesson shows ({type(error).__name__}: {error})"
        return Outcome(promise, BROKEN, Broken(promised, *shown))
    return Outcome(promise, KEPT)


def settled(outcomes):
    """Put outcomes in the order of the course.

    Nobody waits for a promise that is kept, and nothing is kept by accident, without what it needs.
    """
    kept = {outcome.promise.name for outcome in outcomes if outcome.state == KEPT}
    lost = {o.promise.check.__name__: o.promise.name for o in outcomes if is_lost(o)}
    for outcome in outcomes:
        if outcome.state == WAITS and outcome.blamed in kept:
            outcome.state = BROKEN
        missing = [lost[name] for name in outcome.promise.after if name in lost]
        if outcome.state == KEPT and missing:
            outcome.state, outcome.blamed = WAITS, missing[0]
    ids = list(sections())
    return sorted(outcomes, key=lambda outcome: ids.index(outcome.promise.section))


def is_lost(outcome):
    return outcome.state in (BROKEN, WAITS)


def note_words(api, broken):
    """Note what the server printed; see that one is there to answer the next promise."""
    if broken.hung:
        api.patience = IMPATIENCE  # once was long enough
    if api.control:
        broken.words = api.control.explain(broken)
        api.control.revive(broken.hung)

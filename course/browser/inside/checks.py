"""`check` in a browser: the same promises, asked in the same way, told as data for the page."""

import re
from collections import Counter
from dataclasses import replace
from functools import wraps

from course.browser.inside.control import Api, Control
from course.browser.inside.missing import missing
from course.building import report
from course.building.asking import BROKEN, KEPT, NOT_ASKED, ask_all, tiers, wanted
from course.building.promise import Absent
from course.spine import find_section

PLACE = re.compile(r"(?P<page>\S+), “(?P<step>.+)” \((?P<source>.+)\)")


def check(folder, section, hardened, tell):
    """Ask the API in a folder for every promise up to a section; return what came of them."""
    left_out = {}  # a promise's name -> what it needs that a browser does not have
    promises = [
        for_a_browser(promise, left_out, tell) for promise in wanted(section, tiers(hardened))
    ]
    with Control(folder) as control:
        control.start()
        outcomes = ask_all(Api(control), promises)
    first = report.to_explain(outcomes)
    return {
        "rows": [row for each in sections_of(outcomes) for row in rows(each, outcomes, left_out)],
        "first": first and first.promise.name,
        "broken": {o.promise.name: explanation(o) for o in outcomes if o.state == BROKEN},
        "bar": report.bar(outcomes),
    }


def for_a_browser(promise, left_out, tell):
    """Return a promise that is not asked, rather than broken, if it needs what is missing."""

    @wraps(promise.check)
    def check(api):
        tell({"now": promise.name})
        try:
            promise.check(api)
        except RuntimeError as error:
            if not (needed := missing(str(error))):
                raise
            left_out[promise.name] = needed
            raise Absent(needed) from None

    return replace(promise, check=check)


def sections_of(outcomes):
    return dict.fromkeys(outcome.promise.section for outcome in outcomes)


def rows(section, outcomes, left_out):
    """Return a row for each tier of a section that has promises."""
    for tier in report.TIERS:
        here = [o for o in outcomes if (o.promise.section, o.promise.tier) == (section, tier)]
        if here:
            states = Counter(outcome.state for outcome in here)
            yield {
                "label": find_section(section).label,
                "tier": tier,
                "kept": states[KEPT],
                "of": len(here) - states[NOT_ASKED],
                "promises": [summary(outcome, left_out) for outcome in here],
            }


def summary(outcome, left_out):
    name = outcome.promise.name
    return {
        "name": name,
        "sentence": outcome.promise.sentence,
        "state": outcome.state,
        "blamed": outcome.blamed,
        "needs": left_out.get(name),
    }


def explanation(outcome):
    """Return what helps with a broken promise: what `course.building.report` prints, in parts."""
    promise, broken = outcome.promise, outcome.broken
    place = PLACE.fullmatch(report.place(promise))
    return {
        "exchanges": [list(report.marked(each, broken.mark)) for each in broken.exchanges],
        "promised": broken.promised,
        "page": place["page"],
        "step": place["step"],
        "source": place["source"],
        "words": broken.words if broken.is_the_servers else "",
        "hints": promise.hints,
    }

"""What the page asks of Python: one function a job, whose arguments and results are JSON."""

import json
import time

import requests

from course.browser.inside import api, checks, files, suites
from course.browser.inside.application import explaining
from course.building.settings import NothingToCheck
from course.notebooks.show import exchange
from course.spine import find_chapter

listeners = []  # functions that pass progress, as JSON, on to the page
visitors = {}  # chapter -> the Session that keeps its cookies, as a browser would


def do(job, arguments):
    """Do a job; return its result, or what the visitor should read instead, as JSON."""
    try:
        result = {"result": JOBS[job](**json.loads(arguments))}
    except NothingToCheck as why:
        result = {"trouble": str(why)}
    return json.dumps(result)


def say(progress):
    for listener in listeners:
        listener(json.dumps(progress))


def start(chapter, originals, edits):
    """Lay the chapter's files with the visitor's changes, and start its API."""
    files.lay(originals | edits)
    with explaining(find_chapter(chapter).folder):
        running = api.start(chapter)
    visitors[chapter] = new_visitor()
    return {"url": running, "key": running.key, "password": running.password}


def new_visitor():
    session = requests.Session()
    session.headers.clear()
    return session


def send(chapter, method, path, headers, body):
    """Send a request as `requests` would; return the exchange as the course shows it."""
    running = api.running[find_chapter(chapter).number]
    session = visitors[chapter]
    began = time.perf_counter()
    response = session.request(
        method,
        running + path,
        headers=[] if not headers else dict(headers),
        data=body.encode() if body else None,
        allow_redirects=False,
    )
    milliseconds = round((time.perf_counter() - began) * 1000, 1)
    return {
        "text": exchange(response),
        "status": response.status_code,
        "milliseconds": milliseconds,
        "words": running.log[-4000:] if response.status_code >= 500 else "",
        "cookies": list(session.cookies.keys()),
        "csrf": csrf_token_in(response),
    }


def csrf_token_in(response):
    """Return the token that a login told, for the next request; None if there is none."""
    try:
        body = response.json()
    except ValueError:
        return None
    return body.get("csrf_token") if isinstance(body, dict) else None


def forget(chapter):
    """Forget the cookies."""
    visitors[chapter] = new_visitor()
    return {}


def test(chapter, pattern):
    return suites.run_suites(find_chapter(chapter).folder, pattern, say)


def check(chapter, section, hardened):
    return checks.check(find_chapter(chapter).folder, section, hardened, say)


def take_home(chapter, originals):
    return {"zip": files.to_take_home(find_chapter(chapter), originals)}


JOBS = {job.__name__: job for job in (start, send, forget, test, check, take_home)}

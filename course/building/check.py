"""Checks once, or again and again: starts the API, asks, reports, notes."""

import json
import socket
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from course.building import progress, report, settings
from course.building.asking import BROKEN, WAITS, ask_all, scheme_of, tiers, wanted
from course.building.folder import shown
from course.building.promise import YOUR_TURN, book_of, do_nothing
from course.building.server import Server, get_ready_for
from course.building.settings import NothingToCheck
from course.building.watch import INTERVAL, Watch
from course.building.wire import BASIC, BEARER, Api

ALL_KEPT, NOT_ALL, NOTHING = 0, 1, 2  # exit codes
QUIET_TIME = 0.06  # seconds without a change: an editor may write in two steps


@dataclass
class Asked:
    """What is to be checked: a section, of an API in a folder or at a URL."""

    section: str
    folder: Path
    url: str | None = None
    hardened: bool = False
    key: str | None = None
    password: str | None = None
    show: str | None = None  # the promise to explain, if it is broken; else the first one

    @property
    def promises(self):
        return wanted(self.section, tiers(self.hardened))


def outcomes_of(asked, tell=do_nothing, ready=None):
    """Return the outcomes of all promises; raise NothingToCheck if there is no API to ask.

    `tell` is called with those of the section itself, before earlier sections are asked. `ready`
    lets the API start quicker.
    """
    if url := asked.url or settings.read(asked.folder).url:
        reach(url)
        told = settings.read(asked.folder)
        password = asked.password or told.alice or ""
        credentials = {
            "key": asked.key or told.key or "",
            "editor": ("alice", password),
            "member": ("bob", told.bob or password),
        }
        api = Api(url, credentials)
        must_have_credentials(api, asked.section)
        return ask_all(api, asked.promises, tell)
    if not asked.folder.is_dir():
        raise NothingToCheck(f"There is no folder {asked.folder}.")
    with Server(asked.folder, ready) as own:
        url = own.start(book_of(asked.section).begin)
        api = Api(url, own.credentials, control=own, authority=own.authority)
        return ask_all(api, asked.promises, tell)


def must_have_credentials(api, section):
    """Raise NothingToCheck if the API asks for a key or a password, and nobody has told us one."""
    api.learn_scheme(scheme_of(section))
    if api.scheme == BEARER and not api.has_credentials(BEARER):
        raise NothingToCheck(
            f'{api.url} takes a key. Name it: --key KEY, or in {settings.FILE}: key = "KEY"'
        )
    if api.scheme == BASIC and not api.has_credentials(BASIC):
        raise NothingToCheck(
            f"{api.url} takes passwords. Name that of alice and bob: --password PASSWORD, "
            f'or in {settings.FILE}: alice = "…" and bob = "…"'
        )


def reach(url):
    """Raise NothingToCheck unless somebody listens there."""
    parts = urlsplit(url if "//" in url else f"//{url}")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise NothingToCheck(f"{url} is no URL of an API. One looks like http://127.0.0.1:5001")
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        socket.create_connection((parts.hostname, port), timeout=2).close()
    except (OSError, ValueError) as error:
        raise NothingToCheck(
            f"Nothing answers at {url} ({getattr(error, 'strerror', None) or error}). "
            "Start your API in another terminal, or leave --url out."
        ) from None


def check_once(asked, hints=0, as_json=False, ready=None):
    """Check, print and note; return the exit code."""
    printer = report.Printer(hints, asked.show, asked.folder)
    try:
        outcomes = outcomes_of(asked, do_nothing if as_json else printer.tell_first, ready)
    except NothingToCheck as why:
        progress.note_nothing(asked.folder, asked.url)
        print(json.dumps({"error": str(why)}) if as_json else why)
        return NOTHING
    progress.note(asked.folder, asked.section, outcomes, asked.url)
    if as_json:
        print(json.dumps({outcome.promise.name: outcome.state for outcome in outcomes}, indent=1))
    else:
        printer.tell_rest(outcomes)
    asked_for = [each for each in outcomes if each.promise.tier != YOUR_TURN]
    return NOT_ALL if any(each.state in (BROKEN, WAITS) for each in asked_for) else ALL_KEPT


def check_again_and_again(asked):
    """Check, and again after each save, until somebody types q."""
    typed, hints = [], 0
    threading.Thread(target=listen, args=(typed,), daemon=True).start()
    watch, ready = Watch(asked.folder), None
    try:
        while True:
            watch.begin()
            clear()
            began = time.monotonic()
            check_once(asked, hints, ready=ready)
            print(f"\n({time.monotonic() - began:.1f} s) ", end="")
            saved = f"Save a file in {shown(asked.folder)}/"
            print(f"{saved}: checked again. h + Enter: a hint. q + Enter: the end.", flush=True)
            watch.note_checked()
            if ready:
                ready.end()
            ready = get_ready(asked)
            line = wait_for_more(watch, typed)
            hints = hints + 1 if line == "h" else 0
            if line == "q":
                return ALL_KEPT
    finally:
        if ready:
            ready.end()


def wait_for_more(watch, typed):
    """Wait for a save, or for a line; return the line."""
    while not watch.saved() and not typed:
        time.sleep(INTERVAL)
    wait_for_quiet(watch)
    return typed.pop(0) if typed else ""


def get_ready(asked):
    """Load all but the learner's own code for the next check, if the API starts as Flask's do."""
    try:
        told = settings.read(asked.folder)
    except NothingToCheck:  # the next check will say so
        return None
    if asked.url or told.url or told.start is not None or not asked.folder.is_dir():
        return None
    return get_ready_for(asked.folder, 1 + sum(promise.starts for promise in asked.promises))


def wait_for_quiet(watch):
    while True:
        watch.begin()
        time.sleep(QUIET_TIME)
        if not watch.saved():
            return


def listen(typed):
    for line in sys.stdin:
        typed.append(line.strip().lower())


def clear():
    print("\033[2J\033[H" if sys.stdout.isatty() else "-" * 60, flush=True)

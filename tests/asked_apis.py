"""Asks an API in a folder for promises; it starts in a process that finds its libraries loaded."""

import atexit
from functools import cache

from course.building.asking import ask_all
from course.building.server import Server, get_ready_for
from course.building.wire import Api
from course.serving.ready import Forks
from course.spine import find_chapter


def outcomes_of(folder, promises):
    """Start the API in a folder; return what came of each promise, by its name."""
    with Server(folder, libraries()) as server:
        url = server.start()
        api = Api(url, server.credentials, control=server, authority=server.authority)
        return {outcome.promise.name: outcome for outcome in ask_all(api, promises)}


@cache
def libraries():
    """Load what chapter 5 imports, which is what all chapters import; once for all tests."""
    ready = get_ready_for(find_chapter(5).folder, kind=Forks)
    atexit.register(ready.end)
    return ready

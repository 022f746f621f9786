"""What `run` says when a chapter's API answers: where, with which database, and what to try."""

import os
import re

from course.serving.server import urls_of
from course.spine import PLAIN, ROOT
from course.terminal import painted

KEPT = {  # in the folder `instance`, by the first start
    "api_key": "API key     in {}",
    "password": "password    in {}, of the users alice and bob",
}


def describe_database(chapter):
    if not chapter.has_database:
        return "none yet: chapter 1 keeps three movies in a Python list"
    if "DATABASE_URL" in os.environ:
        return "the one that DATABASE_URL names"
    file = chapter.instance / "cinema.db"
    state = "kept from last time; --fresh begins with a new one" if file.exists() else "new"
    return f"{file.relative_to(ROOT)} ({state})"


def introduce(chapter, ports, database):
    urls = urls_of(chapter, ports)
    lines = [
        "",
        painted(f"Chapter {chapter}", "bold"),
        f"  running at  {painted(urls['cinema'], 'cyan')}",
        *describe_tls(chapter, urls),
        *(f"  beside it   {urls[app]} ({app})" for app in chapter.companions),
        f"  database    {database}",
        *describe_secrets(chapter),
        "  to stop     Ctrl-C",
        "",
        "Try in a second terminal:",
        *(f"  {request}" for request in requests_to_try(chapter, ports)),
        "",
    ]
    print("\n".join(lines), flush=True)  # in one piece, since the server prints here as well


def describe_tls(chapter, urls):
    if chapter.has_tls:
        yield f"  to trust    {chapter.authority.relative_to(ROOT)} (the authority behind it)"
        yield f"  plain HTTP  {urls[PLAIN]} (leads there, or refuses)"


def describe_secrets(chapter):
    for name, description in KEPT.items():
        file = chapter.instance / name
        if file.exists():
            yield "  " + description.format(file.relative_to(ROOT))


def requests_to_try(chapter, ports):
    """Return the lesson's first three requests as they are typed here."""
    curl = "curl.exe" if os.name == "nt" else "curl"  # PowerShell has another `curl`
    here = {f":{wanted}": f":{ports[app]}" for app, wanted in chapter.preferred_ports.items()}
    for request in chapter.requests_to_try[:3]:
        yield re.sub("|".join(here), lambda port: here[port[0]], request.replace("curl", curl, 1))

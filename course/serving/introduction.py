"""What `run` says when a chapter's API answers: where, with which database, and what to try."""

import os
import re

from course.serving.server import urls_of
from course.setup.surroundings import exported_settings, past_proxies, proxies_in_the_way
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


def introduce(chapter, ports, database, processes):
    """Say it; `processes` are the ids of the apps, by which one can stop each alone."""
    urls = urls_of(chapter, ports)
    lines = [
        "",
        painted(f"Chapter {chapter}", "bold"),
        f"  running at  {painted(urls['cinema'], 'cyan')}",
        *describe_tls(chapter, urls),
        *(
            f"  beside it   {urls[app]} ({app}, process {processes[app]})"
            for app in chapter.companions
        ),
        f"  database    {database}",
        *describe_secrets(chapter),
        *describe_exported(exported_settings_of(chapter)),
        "  your code   is loaded again when you save a file",
        "  to stop     Ctrl-C",
        "",
        "Try in a second terminal:",
        *describe_proxies(),
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
        if file.exists() and is_named(name, chapter):
            yield "  " + description.format(file.relative_to(ROOT))


def is_named(secret, chapter):
    """Tell whether its code names a secret: a learner's folder may have a key of an earlier day."""
    files = (chapter.folder / "cinema").rglob("*.py")
    return any(secret in file.read_text(encoding="utf-8") for file in files)


def exported_settings_of(chapter):
    """Return the exported settings that the chapter's apps read."""
    files = (*chapter.folder.glob("*/config.py"), *chapter.folder.glob("*/production.py"))
    code = "\n".join(file.read_text(encoding="utf-8") for file in files)
    return [name for name in exported_settings() if f'"{name}"' in code]


def describe_exported(names):
    if names:
        yield f"  obeyed      {', '.join(names)} (exported here; unset what you did not mean)"


def describe_proxies():
    if names := proxies_in_the_way():
        yield f"  {past_proxies()}  # else curl asks the proxy of {', '.join(names)}"


def requests_to_try(chapter, ports):
    """Return the lesson's first three requests as they are typed here."""
    curl = "curl.exe" if os.name == "nt" else "curl"  # PowerShell has another `curl`
    here = {f":{wanted}": f":{ports[app]}" for app, wanted in chapter.preferred_ports.items()}
    for request in chapter.requests_to_try[:3]:
        yield re.sub("|".join(here), lambda port: here[port[0]], request.replace("curl", curl, 1))

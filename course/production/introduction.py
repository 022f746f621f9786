"""What `stack` says when all runs: where, with which databases, and what to try."""

import os

from course.serving.introduction import (
    describe_exported,
    describe_proxies,
    describe_secrets,
    exported_settings_of,
)
from course.serving.server import url
from course.spine import PLAIN, ROOT
from course.terminal import painted

TO_TRY = (  # with the chapter's URL and that of its certificate authority
    "{curl} {url}/v1/movies/3",
    "{curl} {url}/v1/movies/3  # X-Cache says HIT: nginx has kept it",
    "{curl} {url}/v1/watchlists --user alice  # BYPASS; curl asks for the password",
)


def introduce(stack):
    chapter, settings = stack.chapter, stack.settings
    curl = "curl.exe" if os.name == "nt" else "curl"
    authority = os.path.relpath(chapter.authority, ROOT)
    requests_to_try = (
        request.format(curl=f"{curl} -i --cacert {authority}", url=settings.url("cinema"))
        for request in TO_TRY
    )
    lines = [
        "",
        painted(f"Chapter {chapter}, as in production", "bold"),
        f"  running at  {painted(settings.url('cinema'), 'cyan')}",
        *(f"  beside it   {settings.url(app)} ({app})" for app in chapter.companions),
        *describe_what_is_in_earnest(chapter, settings),
        f"  cache       {settings.cache_url or 'each process has its own'}",
        *([] if settings.secrets else describe_secrets(chapter)),
        *describe_exported(obeyed(chapter, settings)),
        f"  to trust    {authority}{'' if settings.secrets else ' (made for this run alone)'}",
        f"  logs        in {stack.folder}",
        "  to stop     Ctrl-C",
        "",
        "Try in a second terminal:",
        *describe_proxies(),
        *(f"  {request}" for request in requests_to_try),
        "",
    ]
    print("\n".join(lines), flush=True)


def obeyed(chapter, settings):
    """Return the exported settings in whose place the stack puts none of its own."""
    told = settings.of("cinema")
    return [name for name in exported_settings_of(chapter) if name not in told]


def describe_what_is_in_earnest(chapter, settings):
    if chapter.has_tls:
        yield f"  plain HTTP  {url(settings.fronts[PLAIN])} (leads there, or refuses)"
    for name, address in settings.databases.items():
        place = address.rpartition("@")[2]  # the password before it is nobody's concern
        yield f"  database    postgresql://{place} ({name})"
    if settings.secrets:
        password = settings.secrets["CINEMA_PASSWORD"]
        yield f"  password    {password} (of alice and bob, for this run alone)"

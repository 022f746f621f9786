"""The same API, faster: each module replaces one plain part by a fast one."""

import os

import cinema

from . import (
    answers,
    checkpoints,
    coroutines,
    counters,
    json_bodies,
    list_rows,
    proven_passwords,
    read_rows,
    sessions,
    urls,
    written_rows,
)

TECHNIQUES = {  # in this order: later ones may build on earlier ones
    "json_bodies": json_bodies,
    "coroutines": coroutines,
    "sessions": sessions,
    "urls": urls,
    "counters": counters,
    "proven_passwords": proven_passwords,
    "read_rows": read_rows,
    "list_rows": list_rows,
    "written_rows": written_rows,
    "checkpoints": checkpoints,
    "answers": answers,
}


def create_app(settings=None, techniques=None):
    """Create the application with these techniques; by default, those in FAST, or all."""
    names = os.environ.get("FAST", "all").split(",") if techniques is None else techniques
    modules = chosen(names)
    app = cinema.create_app(settings)
    for module in modules:
        module.init_app(app)
    return app


def chosen(names):
    """Return the modules of these techniques; raise ValueError if a name is unknown."""
    names = {name.strip() for name in names} - {""}
    if unknown := names - TECHNIQUES.keys() - {"all"}:
        raise ValueError(
            f"FAST names {', '.join(sorted(unknown))}. There is: {', '.join(TECHNIQUES)}, all."
        )
    return [module for name, module in TECHNIQUES.items() if {name, "all"} & names]

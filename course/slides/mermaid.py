"""Finds Mermaid inside JupyterLab, which brings it in parts for its own page.

A part is a script that hands over a few modules, which name each other, and parts to come, by
number. `parts.js` tells look/mermaid.js which file each part is, and where to begin.
"""

import json
import re

BEGINNING = re.compile(  # in JupyterLab: what it waits for, and the module that it then has
    r"version;let \w+=\w+=\(await Promise\.all\(\[(?P<parts>[^\]]+)\]\)"
    r"\.then\(\w+\.bind\(\w+,(?P<module>\d+)\)\)\)\.default"
)
NUMBER_OF_PART = re.compile(r"\.e\((\d+)\)")


class NoMermaid(Exception):
    """JupyterLab has it in another form than the one that is known here."""


def find(folder):
    """Return what `parts.js` says, and the files that it names."""
    beginning = BEGINNING.search(text_of(folder, "jlab_core.*.js"))
    if not beginning:
        raise NoMermaid(folder)
    main = text_of(folder, "main.*.js")
    first = NUMBER_OF_PART.findall(beginning["parts"])
    files, shared, waiting = {}, {}, list(first)
    while waiting:
        part = waiting.pop()
        if part in files or part in shared:
            continue
        if found := next(folder.glob(f"{part}.*.js"), None):
            files[part] = found.name
            waiting += NUMBER_OF_PART.findall(found.read_text(encoding="utf-8"))
        else:
            shared[part] = shared_module(main, part)
            waiting += shared[part]["parts"]
    module = beginning["module"]
    return {"first": first, "module": module, "files": files, "shared": shared}


def shared_module(main, part):
    """Return which module a part without a file stands for: one that JupyterLab shares."""
    name = re.search(rf'\b{part}:\["(\d+)"\]', main)
    own = name and re.search(
        rf"\b{name[1]}:\{{shareScope:.*?fallback:\(\)=>(?P<parts>.*?)"
        rf"\.then\(\(\)=>\(\)=>\w+\((?P<module>\d+)\)\)",
        main,
    )
    if not own:
        raise NoMermaid(part)
    parts = NUMBER_OF_PART.findall(own["parts"])
    return {"name": name[1], "parts": parts, "module": own["module"]}


def text_of(folder, pattern):
    found = next(folder.glob(pattern), None)
    if not found:
        raise NoMermaid(folder / pattern)
    return found.read_text(encoding="utf-8")


def parts_script(found):
    return f"const MERMAID_PARTS = {json.dumps(found, indent=1)};\n"

"""A section on one printed page: what its lesson and its promises say, and nothing else."""

import html
import re
from collections import Counter
from dataclasses import dataclass
from http import HTTPStatus

from course import tasks
from course.building.promise import HARDENED, PROMISED, promises_of, sections
from course.spine import find_chapter, written
from course.terminal import COURSE

STEP = re.compile(r"^##+ (?!\d\.)(.+)$", re.MULTILINE)
FOLDED = re.compile(r"^<details>.*?^</details>", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NEW_WORDS = re.compile(r"^\*\*New words:\*\* (.+?)\n\n", re.MULTILINE | re.DOTALL)
AIM = re.compile(r"^\*\*(You will \w+|The promise\.)\*\* (.+?)\n\n", re.MULTILINE | re.DOTALL)
STATUS = re.compile(r"(?:HTTP/1\.[01] |`)([2-5]\d\d)\b")
IN_PROMISE = re.compile(r"\b([2-5]\d\d)\b(?! (?:characters|levels|movies|seconds|bytes|minutes|,))")
RESPONSE = re.compile(r"^HTTP/1\.1 \d{3}.*\n((?:[A-Z][\w-]*: .*\n)*)", re.MULTILINE)
SENT = re.compile(r"-H ['\"]([A-Z][\w-]*): ([^'\"]*)['\"]")
NAMED = re.compile(r"`([A-Z][A-Za-z]*(?:-[A-Za-z]+)*)(?::[^`]*)?`")
CURL = re.compile(r"^\$ (curl (?:.*\\\n)*.*)$", re.MULTILINE)
METHOD = re.compile(r"-X ([A-Z]+)")
KNOWN = {  # fields that many sections name, and few show
    *("Accept", "Accept-Patch", "Age", "Allow", "Authorization", "Cache-Control", "Content-Type"),
    *("Cookie", "ETag", "Host", "If-Match", "If-None-Match", "Link", "Location", "Origin"),
    *("Prefer", "Preference-Applied", "Retry-After", "Set-Cookie", "Signature", "Vary"),
    *("Idempotency-Key", "RateLimit", "RateLimit-Policy", "Deprecation", "Sunset"),
    *("Strict-Transport-Security", "WWW-Authenticate", "X-Cache", "X-CSRF-Token"),
    *("Accept-Signature", "Signature-Input", "Content-Digest", "X-Forwarded-For"),
    *("X-MyAPI-Error-Code", "Content-Language", "Sec-Fetch-Site", "X-Content-Type-Options"),
}
LARGE, ROOMY = 11, 2300  # points: of the text; and so many characters of it fit on a page with ease
LONGEST_COMMAND, LONGEST_VALUE = 180, 60  # characters
STYLE = """
@page { size: A4; margin: 11mm }
body { font: SIZEpt/1.3 system-ui, sans-serif; color: #000; background: #fff; margin: 0 }
h1 { font-size: 1.7em; margin: 0 0 .3em } h1 small { font-weight: normal; font-size: .6em }
h2 { font-size: 1.1em; margin: .7em 0 .2em; border-bottom: 1px solid #000 }
section:first-child h2 { margin-top: 0 }
main { columns: 2; column-gap: 7mm } p { margin: .2em 0 }
section { break-inside: auto } li, tr { break-inside: avoid } h2 { break-after: avoid }
ul { margin: 0; padding-left: 1.1em } ul.check { list-style: "☐ " }
table { border-collapse: collapse; width: 100% } td { vertical-align: top; padding: 0 .4em .1em 0 }
code, pre { font: .93em ui-monospace, monospace; overflow-wrap: anywhere }
pre { margin: .2em 0; white-space: pre-wrap } .source { color: #444; font-size: .85em }
@media print { nav { display: none } }
@media screen { body { max-width: 190mm; margin: 5mm auto; padding: 0 5mm } }
@media screen and (max-width: 150mm) { main { columns: 1 } }
"""


@dataclass
class Handout:
    """What goes on the page; the texts are Markdown."""

    title: str
    aim: str
    words: str
    promises: list
    hardened: list
    statuses: dict  # a code -> what is said of it, or ""
    fields: dict  # a name -> (who sends it, a value from the lesson or "")
    requests: list
    commands: list
    questions: list  # the tasks: (id, text)
    steps: list  # headings of a lesson without promises


def read(section):
    """Read a section's handout out of its lesson and its promises."""
    chapter = find_chapter(section.id[0])
    lesson = FOLDED.sub("", chapter.text_of(section))
    shown = "\n".join(text for language, text in BLOCK.findall(lesson) if language == "console")
    promises = promises_of(section.id) if section.id in sections() else ()
    aims = [" ".join(found[1].split()) for found in AIM.findall(lesson)]
    return Handout(
        title=f"{section.label} {section.title}",
        aim=aims[0] if aims else "",
        words=", ".join(" ".join(each.split()).rstrip(".") for each in NEW_WORDS.findall(lesson)),
        promises=[each for each in promises if each.tier == PROMISED],
        hardened=[each for each in promises if each.tier == HARDENED],
        statuses=statuses(lesson, promises),
        fields=fields_in(lesson, shown, promises),
        requests=requests_in(shown),
        commands=commands(section, promises),
        questions=[(task.id, task.question) for task in tasks.tasks_of_section(section)],
        steps=[] if promises else [x for x in STEP.findall(lesson) if x != "Your turn"],
    )


def statuses(lesson, promises):
    """Return the status codes that occur, each with the first promise that names it."""
    said = {}
    for promise in promises:
        for code in IN_PROMISE.findall(promise.sentence):
            said.setdefault(int(code), promise.sentence)
    found = {int(code) for code in STATUS.findall(lesson)} | set(said)
    known = {status.value for status in HTTPStatus} - {300}  # most often three hundred of something
    return {code: said.get(code, "") for code in sorted(found & known)}


def fields_in(lesson, shown, promises):
    """Return the header fields that occur, with who sends them, and the first value shown."""
    sent = dict(reversed(SENT.findall(shown)))
    heads = "".join(RESPONSE.findall(shown)).splitlines()
    answered = dict(reversed([line.split(": ", 1) for line in heads]))
    text = lesson + "\n".join(f"{each.sentence} {' '.join(each.hints)}" for each in promises)
    named = Counter(name for name in NAMED.findall(text) if name in KNOWN)
    names = sorted({*sent, *answered, *named})
    return {name: (sender(name, sent, answered), value(name, sent, answered)) for name in names}


def sender(name, sent, answered):
    who = [who for who, fields in (("client", sent), ("API", answered)) if name in fields]
    return " and ".join(who)


def value(name, sent, answered):
    shown = sent.get(name) or answered.get(name) or ""
    return shown if len(shown) <= LONGEST_VALUE else f"{shown[:LONGEST_VALUE]}…"


def requests_in(shown):
    """Return the first request of each method."""
    first = {}
    for command in CURL.findall(shown):
        found = METHOD.search(command)
        method = found[1] if found else "POST" if " -d " in command else "GET"
        if len(command) <= LONGEST_COMMAND:
            first.setdefault(method, command)
    return list(first.values())


def commands(section, promises):
    name = written(section.id)
    found = [f"run {section.id[0]}", f"notebook {name}", f"test {name}"]
    if promises:
        found += [f"check {section.id} --watch", "hint", f"solution {section.id}"]
    elif section.id[0] == "6":
        found += [f"mutants --section {name}"]
    own = [f"solution {task.id}" for task in tasks.tasks_of_section(section)]
    return [f"{COURSE} {each}" for each in (*found, *own)]


# -- as a page -----------------------------------------------------------------------------------


def page(section, above=""):
    """Return a section's handout as a page of HTML that needs nothing else.

    `above` is HTML for the screen, which is not printed.
    """
    told = read(section)
    body = "".join(parts(told))
    size = LARGE * min(1, ROOMY / len(re.sub("<[^>]+>", "", body))) ** 0.5
    style = STYLE.replace("SIZE", f"{size:.1f}")
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width">'
        f"<title>{html.escape(told.title)}</title><style>{style}</style></head>\n<body>{above}"
        f"<h1>{html.escape(told.title)}</h1>\n<p>{inline(told.aim)}</p>\n<main>{body}</main>"
        f"</body></html>\n"
    )


def parts(told):
    yield part("New words", f"<p>{inline(told.words)}</p>" if told.words else "")
    yield part("What the API promises", checklist(told.promises))
    yield part("Steps", "".join(f"<p>{inline(step)}</p>" for step in told.steps))
    yield part("Status codes", table(status_rows(told.statuses)))
    yield part("Header fields", table(field_rows(told.fields)))
    yield part("Requests to try", "".join(f"<pre>{html.escape(x)}</pre>" for x in told.requests))
    yield part("For hostile clients", checklist(told.hardened))
    yield part("Commands", f"<pre>{html.escape(chr(10).join(told.commands))}</pre>")
    rows = "".join(f"<p><b>{name}</b> {inline(text)}</p>" for name, text in told.questions)
    yield part("Your turn", rows)


def part(title, content):
    return f"<section><h2>{title}</h2>{content}</section>\n" if content else ""


def checklist(promises):
    rows = "".join(
        f'<li>{inline(each.sentence)} <span class="source">{inline(each.source)}</span></li>'
        for each in promises
    )
    return f'<ul class="check">{rows}</ul>' if rows else ""


def status_rows(statuses):
    for code, said in statuses.items():
        yield f"<b>{code}</b>", f"{HTTPStatus(code).phrase}. {inline(said)}"


def field_rows(fields):
    for name, (who, shown) in fields.items():
        yield f"<code>{name}</code>", who, f"<code>{html.escape(shown)}</code>" if shown else ""


def table(rows):
    cells = ["".join(f"<td>{cell}</td>" for cell in row) for row in rows]
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in cells)}</table>" if cells else ""


def inline(markdown):
    """Write a line of Markdown as HTML: code, emphasis, and the text of links."""
    text = html.escape(" ".join(markdown.split()), quote=False)
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", text)
    text = re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", text)
    text = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", text)
    return re.sub(r"(?<!\w)\*(\S.*?\S)\*(?!\w)", r"<i>\1</i>", text)

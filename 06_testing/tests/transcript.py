"""The golden transcript: exchanges with the API as they are on the wire, kept in transcript.http.

In the file, each exchange begins with ### and what it shows; then come the request and the answer.
In the folder of the chapter, `../.venv/bin/python -m tests.transcript` asks again whatever stands
there, and writes down what is answered now. Of a new exchange, write the request only.

What varies is written as its name, in braces. A request that has the name sends what the last
answer with it had.
"""

import re
import sys
from difflib import unified_diff
from http import HTTPStatus
from pathlib import Path

from . import ALICE, BOB, cinema_of_three_movies

FILE = Path(__file__).with_name("transcript.http")
VARIES = {  # by its name: a pattern of what stands before it, and of itself
    "count": r"(;r=)\d+",  # of the requests that are left
    "seconds": r"(;t=)\d+",
    "nonce": r'(;nonce=")[^"]+',
    "session": r"(-session=)[\w.-]+",
    "csrf_token": r'("csrf_token":")[^"]+',
    "token": r'("token":")[^"]+',
    "ending": r'("ending":")[^"]+',
    "time": r'("(?:created|expires)":")[^"]+',
}
CREDENTIALS = {"alice": ALICE["Authorization"], "bob": BOB["Authorization"]}


def read():
    return FILE.read_text(encoding="utf-8")


def renew():
    FILE.write_text(ask_again(), encoding="utf-8")


def ask_again():
    """Send all requests of the file, one after the other; return what it would say then."""
    app, database, snapshot = cinema_of_three_movies(HTTPS=True)
    database.deserialize(snapshot)
    for store in app.extensions["cache"].values():
        store.clear()
    browser, known = app.test_client(), dict(CREDENTIALS)
    exchanges = []
    for title, request in requests():
        check(title, request, known)
        answer = send(browser, re.sub(r"\{(\w+)\}", lambda name: known[name[1]], request))
        exchanges.append(f"### {title}\n{request}\n\n{written(answer, known)}\n")
    return "\n".join(exchanges)


def requests():
    """Return the title and the request of each exchange in the file."""
    for exchange in re.split("^### ", read(), flags=re.MULTILINE)[1:]:
        title, _, messages = exchange.partition("\n")
        yield title, messages.partition("\n\nHTTP/1.1 ")[0].strip()


def check(title, request, known):
    """Raise ValueError, with the title, if a request cannot be sent as it is written."""
    if not re.match(r"\S+ \S+ HTTP/1\.1$", request, re.MULTILINE):
        raise ValueError(f"### {title}\nshould begin as in: GET https://localhost/ HTTP/1.1")
    for name in re.findall(r"\{(\w+)\}", request):
        if name not in known:
            raise ValueError(f"### {title}\nsends {{{name}}}, which no answer before it has told")


def send(browser, request):
    head, _, body = request.partition("\n\n")
    first, *fields = head.split("\n")
    method, url, _ = first.split(" ")
    headers = [field.split(": ", 1) for field in fields]
    return browser.open(url, method=method, headers=headers, data=body.encode())


def written(answer, known):
    """Return an answer as it is on the wire, but for what varies; know that from now on."""
    first = f"HTTP/1.1 {answer.status_code} {HTTPStatus(answer.status_code).phrase}"
    fields = (f"{name}: {value}" for name, value in answer.headers)
    text = "\n".join((first, *fields, "", answer.text)).rstrip("\n")
    for name, pattern in VARIES.items():
        if found := re.search(pattern, text):
            known[name] = found[0].removeprefix(found[1])
        text = re.sub(pattern, rf"\1{{{name}}}", text)
    return text


def difference(old, new):
    """Return what has changed, line by line, and how to accept it; nothing if nothing has."""
    lines = "".join(
        unified_diff(old.splitlines(True), new.splitlines(True), FILE.name, "the API now", n=8)
    )
    command = f"{sys.executable} -m tests.transcript"
    return lines and f"\n{lines}\nIf that is what you want, in the chapter's folder: {command}"


if __name__ == "__main__":
    renew()

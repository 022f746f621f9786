"""A lesson's `curl` commands as links that carry the request over to the page that runs it."""

import re
import shlex
from dataclasses import dataclass, field
from urllib.parse import urlencode

COMMAND = re.compile(r"^\$ (curl (?:.*\\\n)*.*)$", re.MULTILINE)
ADDRESS = re.compile(r"http://127\.0\.0\.1:800(?P<chapter>\d)(?P<path>/.*)")
KNOWN_VARIABLE = re.compile(r"\$(KEY|PASSWORD|CSRF)\b")  # which the page fills in
FORM = "Content-Type: application/x-www-form-urlencoded"  # as curl calls a body by itself


class NotARequest(Exception):
    """A command that does more than send one request."""


@dataclass
class Request:
    """What a `curl` command sends, and to which chapter's API."""

    chapter: int = 0
    path: str = ""
    method: str = ""
    headers: list = field(default_factory=list)
    body: str = ""

    @property
    def fragment(self):
        """Return it as the part of a URL behind #."""
        said = [("method", self.method), ("path", self.path)]
        said += [("header", header) for header in self.headers]
        return urlencode([*said, *([("body", self.body)] if self.body else [])])


def requests_in(block):
    """Return the requests of a console block that one can send from a page as well."""
    found = []
    for command in COMMAND.findall(block):
        try:
            found.append(read_request(command))
        except NotARequest:
            continue
    return found


def read_request(command):
    """Understand a `curl` command. Raises NotARequest where there is more to it."""
    request, words = Request(), iter(words_of(command))
    for word in words:
        match word:
            case "-i":
                pass
            case "-I":
                request.method = "HEAD"
            case "-X" | "-H" | "-u" | "-d" | "-b" | "-c":
                note_option(request, word, next(words, ""))
            case _:
                address = ADDRESS.fullmatch(word)
                if not address:
                    raise NotARequest(command)
                request.chapter, request.path = int(address["chapter"]), address["path"]
    if not request.path:
        raise NotARequest(command)
    return with_defaults(request)


def note_option(request, option, value):
    match option:
        case "-X":
            request.method = value
        case "-H":
            request.headers.append(value)
        case "-u":
            request.headers.append(f"Authorization: Basic {value}")
        case "-d":
            request.body = value
        case "-b" | "-c":
            pass  # a file of cookies, which the page keeps by itself


def words_of(command):
    """Return the words after `curl`, if the shell has nothing to do but to split them."""
    try:
        words = shlex.split(command.replace("\\\n", " "))[1:]
    except ValueError:  # a quotation that goes on in the next line
        raise NotARequest(command) from None
    if any("$" in KNOWN_VARIABLE.sub("", word) or word in "|;&>" for word in words):
        raise NotARequest(command)
    return words


def with_defaults(request):
    """Fill in what curl adds by itself."""
    request.method = request.method or ("POST" if request.body else "GET")
    names = [header.partition(":")[0].lower() for header in request.headers]
    if request.body and "content-type" not in names:
        request.headers.append(FORM)
    return request

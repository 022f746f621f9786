"""Requests to the API that is checked, just as they are on the wire, and demands on its answers.

Of the standard library only: `check` needs nothing installed but what the learner's API needs.
"""

import json
import re
import socket
import ssl
from base64 import b64decode, b64encode
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Event, Timer
from urllib.parse import quote, urljoin, urlsplit

PATIENCE = 5  # seconds for a whole answer
LARGEST = 4_000_000  # bytes
LONGEST_SHOWN = 900  # characters of a body
READS = {"GET", "HEAD", "OPTIONS"}
QUIET = {"user-agent", "accept-encoding", "connection", "date", "server", "host"}
QUIET |= {"ratelimit", "ratelimit-policy", "keep-alive", "transfer-encoding"}
OFTEN = {  # answers that are seldom meant
    301: "does your route end in a slash?",
    308: "does your route end in a slash?",
    404: "is there a route for it?",
    405: "is the route there for this method?",
}
LINK = re.compile(r"<([^>]*)>((?:[^,<\"]|\"[^\"]*\")*)")  # RFC 8288, section 3
REL = re.compile(r"""(?i);\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,]+))""")
PARTS = re.compile(r"[/.\[\]]")  # between the parts of a path: #/movies/0, body.movies[0]
OF_ALL_PROBLEMS = {"type", "title", "status", "detail", "instance"}  # RFC 9457, section 3.1
ECHOES = {"input", "ctx", "received"}  # what a library repeats of the request, in its errors
BASIC, BEARER = "basic", "bearer"
SCHEME, QUOTED = re.compile(rf"(?:^|,)\s*({BASIC}|{BEARER})\b"), re.compile('"[^"]*"')
SENT = {  # what a request has that was refused
    None: "a request without Authorization",
    "Basic": "Basic, with a name and a password",
    "Bearer": "Bearer, with a key or a token",
}
AUTHORIZATION = re.compile("^Authorization: (\\S+)", re.MULTILINE | re.IGNORECASE)


class Broken(Exception):
    """A promise is not kept: what was promised, and the exchange that shows it.

    `mark` is a pattern: the line of the exchange that it finds is the one to look at.
    """

    def __init__(self, promised, *exchanges, mark=None, hung=False):
        super().__init__(promised)
        self.promised, self.exchanges, self.mark, self.hung = promised, exchanges, mark, hung
        self.words = ""  # what the server printed meanwhile

    @property
    def answered(self):
        return any("\nHTTP/1.1 " in exchange for exchange in self.exchanges)

    @property
    def is_the_servers(self):
        """Tell whether the server's own words matter: it answered 5xx, or nothing at all."""
        last = self.exchanges[-1] if self.exchanges else ""
        return not re.search(r"^HTTP/1.1 [1-4]", last, re.MULTILINE)


class Api:
    """The API that is checked: sends requests, signed in as whoever a promise says.

    `send` tells who asks by `who`: "editor" may write everything (the default for writes), "member"
    is another user, and "nobody" has no credentials (the default for reads).
    """

    def __init__(self, url, credentials=None, control=None, authority=None):
        self.url, self.credentials, self.control = url.rstrip("/"), credentials or {}, control
        self.patience, self.last, self.made, self.hopeless = PATIENCE, None, {}, set()
        self.scheme = None
        is_tls = urlsplit(url).scheme == "https"
        self.tls = ssl.create_default_context(cafile=authority) if is_tls else None

    def learn_scheme(self, section_has):
        """Ask how one signs in: chapter 2 has a key, chapter 4 users, and chapter 1 nothing.

        Of several schemes that an API takes, it is the first that lets us in: that of the section
        before others. If none does, or nothing is told, it is that of the section.
        """
        offered = self.schemes_offered()
        order = [each for each in (section_has, BASIC, BEARER) if each in offered]
        first = order[0] if order else section_has
        several = dict.fromkeys(order) if len(offered) > 1 else ()
        self.scheme = next((each for each in several if self.lets_in(each)), first)

    def schemes_offered(self):
        """Return the schemes that a 401 names in WWW-Authenticate (RFC 9110, 11.6.1)."""
        told = ""
        with suppress(Broken):
            told = self.send("POST", "/v1/movies", who="nobody", json={}).value("WWW-Authenticate")
        return set(SCHEME.findall(QUOTED.sub("", told.lower())))

    def lets_in(self, scheme):
        """Tell whether the credentials of this scheme are taken: then only the body is bad."""
        self.scheme = scheme
        with suppress(Broken):
            if self.has_credentials(scheme):
                return self.send("POST", "/v1/movies", who="editor", json={}).status != 401
        return False

    def has_credentials(self, scheme):
        """Tell whether we were told the key, or the password of the editor."""
        key, (_, password) = self.credentials.get("key"), self.credentials.get("editor", ("", ""))
        return bool(key if scheme == BEARER else password)

    def authorization(self, who):
        """Return the value of the header with which somebody signs in; None for nobody."""
        if who == "nobody" or self.scheme is None:
            return None
        if self.scheme == BASIC:
            return basic(*self.credentials[who])
        return f"Bearer {self.credentials['key']}" if who == "editor" else None

    def get(self, url, headers=None, who="nobody"):
        return self.send("GET", url, headers=headers, who=who)

    def send(self, method, url, who=None, headers=None, body=None, **json_body):
        """Send a request just as it is given, and return the whole Answer; follow no redirect.

        `body` is bytes, or an iterator of bytes for a body in chunks; `json=` is sent as JSON.
        Raises Broken if there is no answer, or no end of it.
        """
        headers = dict(headers or {})
        who = who or ("nobody" if method in READS else "editor")
        if "Authorization" not in headers and (known := self.authorization(who)):
            headers = {"Authorization": known} | headers
        if "json" in json_body:
            body = json.dumps(json_body["json"], ensure_ascii=False).encode()
            headers = {"Content-Type": "application/json"} | headers
        url = urljoin(f"{self.url}/", url)
        target = target_of(url)
        asked = message(f"{method} {target} HTTP/1.1", headers.items(), body)
        try:
            self.last = Answer(*self.exchange(method, url, headers, body), url, asked)
        except TimeoutError:
            promised = f"a whole answer within {self.patience} seconds"
            raise Broken(promised, asked, hung=True) from None
        except (OSError, HTTPException) as error:
            promised = f"a whole answer; the connection broke ({type(error).__name__})"
            raise Broken(promised, asked) from None
        return self.last

    def exchange(self, method, url, headers, body):
        """Return the response, read to its end, and its content; raise TimeoutError if it is late.

        A time limit of a socket is for each piece, and drips would never end: so a timer hangs up.
        """
        late = Event()
        connection = self.connect(url)
        connection.connect()
        timer = Timer(self.patience, hang_up, (connection.sock, late))
        timer.start()
        try:
            with suppress(BrokenPipeError, ConnectionResetError):  # it may have answered already
                connection.request(method, target_of(url), body=body, headers=headers)
            response = connection.getresponse()
            content = response.read(LARGEST)
        except (OSError, HTTPException):
            if late.is_set():
                raise TimeoutError from None
            raise
        finally:
            timer.cancel()
            connection.close()
        if late.is_set() or len(content) == LARGEST:
            raise TimeoutError
        return response, content

    def connect(self, url):
        place = urlsplit(url)
        if place.scheme == "https":
            return HTTPSConnection(
                place.hostname, place.port, timeout=self.patience, context=self.tls
            )
        return HTTPConnection(place.hostname, place.port, timeout=self.patience)

    def once(self, name, make):
        """Return what `make` returned when it was first asked for: data for several promises."""
        if name not in self.made:
            self.made[name] = make()
        return self.made[name]


def hang_up(connection, late):
    late.set()
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def target_of(url):
    """Return what stands in a request's first line: a path and a query, percent-encoded."""
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return quote(target, safe="%/?:@!$&'()*+,;=-._~[]")


def basic(name, password):
    return f"Basic {b64encode(f'{name}:{password}'.encode()).decode()}"


class Answer:
    """An answer; each `must` raises Broken with this exchange unless it holds."""

    def __init__(self, response, content, url, asked):
        self.status, self.headers, self.content = response.status, response.headers, content
        self.url, self.asked, self.text = url, asked, content.decode(errors="replace")
        self.media_type = self.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        first_line = f"HTTP/1.1 {self.status} {response.reason}"
        self.exchange = f"{asked}\n\n{message(first_line, self.headers.items(), content)}"

    @property
    def credentials_sent(self):
        """Say which credentials the request had."""
        scheme = AUTHORIZATION.search(self.asked)
        return SENT.get(scheme and scheme[1], f"Authorization: {scheme and scheme[1]}")

    def fields(self, name):
        """Return the values of all header fields of a name."""
        return self.headers.get_all(name, [])

    def value(self, name):
        """Return the value of a field: a list may come in several fields (RFC 9110, 5.3)."""
        return ", ".join(self.fields(name))

    def must(self, condition, promised, mark=None):
        """Demand something; `mark` is a pattern for the line of the exchange that shows it."""
        if not condition:
            raise Broken(promised, self.exchange, mark=mark)
        return self

    def must_be(self, *statuses):
        promised = f"status {' or '.join(map(str, statuses))}"
        if self.status in OFTEN:
            promised += f" (you answer {self.status}: {OFTEN[self.status]})"
        if self.status == 401:
            promised += f" (you answer 401 to {self.credentials_sent})"
        return self.must(self.status in statuses, promised, mark=r"^HTTP/1\.1 ")

    def must_have(self, name, pattern=".", promised=None):
        """Demand a header field that a pattern is found in, whatever the case; return its value."""
        value = self.value(name)
        wanted = "" if pattern == "." else f": {plain(pattern)}"
        promised = promised or f"a header {name}{wanted}"
        self.must(re.search(pattern, value, re.IGNORECASE), promised, header_line(name))
        return value

    def must_not_have(self, name, pattern="."):
        value = self.value(name)
        found = re.search(pattern, value, re.IGNORECASE)
        return self.must(not found, f"no header {name}: {value}", header_line(name))

    @property
    def object(self):
        """The body, which must be a JSON object."""
        is_json = self.media_type == "application/json" or self.media_type.endswith("+json")
        named = self.media_type or "a body without Content-Type"
        self.must(is_json, f"JSON, not {named}", header_line("Content-Type"))
        try:
            value = json.loads(self.content)
        except ValueError:
            raise Broken("a body that is JSON", self.exchange) from None
        self.must(isinstance(value, dict), "a JSON object")
        return value

    def must_have_members(self, members):
        """Demand these members with these values; others are welcome."""
        for name, value in members.items():
            shown = json.dumps(value, ensure_ascii=False)
            found = self.object.get(name, ...)
            same = found == value and isinstance(found, bool) == isinstance(value, bool)
            self.must(same, f'"{name}": {shown}', member_line(name))
        return self

    def must_be_problem(self, *statuses):
        """Demand the one shape of errors (RFC 9457); further members are welcome."""
        self.must_be(*statuses)
        expected = "application/problem+json"
        self.must(
            self.media_type == expected, f"Content-Type: {expected}", header_line("Content-Type")
        )
        self.must(
            self.object.get("status") == self.status,
            f'a member "status" that is {self.status}',
            member_line("status"),
        )
        for name in ("title", "detail"):
            value = self.object.get(name)
            good = isinstance(value, str) and value.strip()
            self.must(good, f'a "{name}" with some text', member_line(name))
        return self

    def must_name(self, *names):
        """Demand that the problem names each: by a key, a value, or a part of a pointer."""
        told = {name: value for name, value in self.object.items() if name not in OF_ALL_PROBLEMS}
        missing = [name for name in names if name not in words_of(told)]
        promised = f'a member "errors" with a reason for each of {", ".join(names)}'
        if told:
            promised += f"; there is none for {', '.join(missing)}"
        return self.must(not missing, promised, member_line("errors"))

    def link(self, relation):
        """Return where a Link leads to: with or without quotes, in one field or several."""
        for url, parameters in LINK.findall(", ".join(self.fields("Link"))):
            told = REL.search(parameters)
            if told and relation in (told[1] or told[2]).lower().split():
                return urljoin(self.url, url)
        return None

    def leads_to(self, url):
        """Return a URL as the client would ask for it: absolute, whatever the answer wrote."""
        return urljoin(self.url, url)

    def is_ours(self, url):
        """Tell whether a URL leads to the API that is asked, and not elsewhere in the world."""
        return urlsplit(self.leads_to(url))[:2] == urlsplit(self.url)[:2]

    @property
    def allowed(self):
        return {word.strip().upper() for word in self.value("Allow").split(",")} - {""}


def same_place(url, other):
    """Tell whether two URLs, absolute or relative, lead to the same path and query."""
    return urlsplit(url)[2:4] == urlsplit(other)[2:4]


def plain(pattern):
    """Return a simple pattern, of a text with a beginning or an end, as that text."""
    return re.sub(r"[\\^$]", "", pattern)


def header_line(name):
    return rf"(?i)^{re.escape(name)}:"


def member_line(name):
    return rf'^  "{re.escape(name)}":'  # of the object itself, not of one within it


def words_of(value):
    """Return the names that somebody would look for in the value of a JSON document."""
    if isinstance(value, dict):
        told = {name: part for name, part in value.items() if name not in ECHOES}
        return set().union(*map(words_of, [*told, *told.values()]))
    if isinstance(value, list):
        return set().union(*map(words_of, value))
    text = str(value)
    parts = PARTS.split(text)
    is_path = not re.search(r"\s", text)  # "#/movies/0" names movies; a sentence names nothing
    return {*(parts if is_path else parts[-1:]), text.partition(":")[0].strip()}


def message(first_line, headers, body):
    """Write a request or an answer as text, without what every message has."""
    lines = [first_line]
    for name, value in headers:
        if name.lower() not in QUIET and (name.lower(), value) != ("accept", "*/*"):
            lines.append(f"{name}: {without_secret(name, value)}")
    if body is None or body == b"":
        return "\n".join(lines)
    text = body.decode(errors="replace") if isinstance(body, bytes) else "(a body in chunks)"
    with suppress(ValueError, RecursionError):  # what is no JSON is shown as it is
        text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    if len(text) > LONGEST_SHOWN:
        text = f"{text[:400]}\n… ({len(text):,} characters)"
    return "\n".join([*lines, "", text])


def without_secret(name, value):
    scheme, _, rest = value.partition(" ")
    if name.lower() != "authorization" or not rest or is_malformed(scheme, rest):
        return value
    return f"{scheme} …"


def is_malformed(scheme, credentials):
    """Tell whether these are no name and password, but what a hostile client sends for them."""
    try:
        return scheme == "Basic" and ":" not in b64decode(credentials, validate=True).decode()
    except ValueError:
        return True

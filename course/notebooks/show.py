"""Shows HTTP exchanges as they are on the wire, less what changes from run to run."""

import json
import re

NOISE = {
    *("accept-encoding", "connection", "date", "host", "server", "user-agent"),
    *("ratelimit", "ratelimit-policy"),  # which count what else was asked
}
SECRET_IN_HEADER = {
    "authorization": r"(?<= ).+",  # the scheme is none
    "cookie": r"(?<=session=)[^;]+",
    "set-cookie": r"(?<=session=)[^;]+",
    "x-csrf-token": r".+",
    "accept-signature": r"(?<=nonce=\")[^\"]+",
    "signature": r"(?<=:).+(?=:)",
    "signature-input": r"(?<=created=)\d+|(?<=nonce=\")[^\"]+",
}
SECRET_MEMBERS = {"access_token", "csrf_token", "key", "password", "refresh_token", "token"}
SECRET_MEMBERS |= {"current", "new"}  # passwords, when one takes the place of the other
NEW_MEMBERS = {"created", "ending", "expires"}  # of a token that was just made
SECRET_PARAMETERS = re.compile(  # of a URL, or of a form
    r"((?:^|[?&])(?:code|code_challenge|code_verifier|csrf_token|password|refresh_token|state)=)"
    r"[^&\s]+",
    re.MULTILINE,
)
REQUEST_ID = re.compile(r"urn:uuid:[\w-]+")
OWN_ORIGIN = re.compile(r"(https?(?:://|%3A%2F%2F)127\.0\.0\.1)(?::|%3A)\d+")
LONG_LIST, LIST_START = 5, 3
LONG_TEXT, TEXT_START = 2000, 200


def show(*responses):
    """Print each exchange, redirects included: the request, a blank line, the response.

    Left out are the headers that every message has, and Content-Length where the body itself is
    there to see. A credential, and what else is new each time, becomes ••••, and a URL of the
    running server loses its port. JSON is indented; its lists of more than five, and texts of more
    than 2,000 characters, are cut short.
    """
    steps = [step for response in responses for step in (*response.history, response)]
    print("\n\n".join(exchange(response) for response in steps))


def exchange(response):
    request = response.request
    version = f"HTTP/{response.raw.version / 10}"
    asked = message(f"{request.method} {request.path_url} {version}", request)
    answered = message(f"{version} {response.status_code} {response.reason}", response)
    whole = SECRET_PARAMETERS.sub(r"\1••••", f"{asked}\n\n{answered}")
    return OWN_ORIGIN.sub(r"\1", REQUEST_ID.sub("urn:uuid:••••", whole))


def message(first_line, sent):
    """Write a request or a response as text."""
    body = readable(sent.body if hasattr(sent, "body") else sent.content)
    lines = [first_line]
    for name, value in sent.headers.items():
        if matters(name.lower(), value, body):
            lines.append(f"{name}: {without_secret(name, value)}")
    if body:
        lines += ["", body]
    return "\n".join(lines)


def matters(name, value, body):
    if name == "content-length":
        return not body and value != "0"  # HEAD: the only trace of the body that GET would bring
    return name not in NOISE and (name, value) != ("accept", "*/*")


def without_secret(name, value):
    secret = SECRET_IN_HEADER.get(name.lower())
    return re.sub(secret, "••••", value) if secret else value


def readable(body):
    """Return a body as text, indented if it is JSON."""
    if not isinstance(body, (str, bytes, type(None))):
        return "(a body in chunks)"
    text = body.decode(errors="replace") if isinstance(body, bytes) else body or ""
    try:
        content = json.loads(text, object_pairs_hook=members)
        text = json.dumps(abridged(without_secrets(content)), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        pass  # shown as it is
    if len(text) > LONG_TEXT:
        text = f"{text[:TEXT_START]}… ({len(text):,} characters)"
    return text.rstrip()


def members(pairs):
    """Refuse to read an object with a member twice: reading it would lose the first."""
    if len(dict(pairs)) < len(pairs):
        raise ValueError
    return dict(pairs)


def without_secrets(content):
    """Hide an object's members that are secret or new, but not what `errors` says of them."""
    if not isinstance(content, dict):
        return content
    return content | dict.fromkeys((SECRET_MEMBERS | NEW_MEMBERS) & content.keys(), "••••")


def abridged(content):
    if isinstance(content, dict):
        return {name: abridged(value) for name, value in content.items()}
    if isinstance(content, list):
        start = content if len(content) <= LONG_LIST else content[:LIST_START]
        rest = [f"… and {len(content) - LIST_START} more"] if start is not content else []
        return [abridged(item) for item in start] + rest
    return content

"""Compares what a lesson prints with what really came, and what it quotes with the code.

A lesson may print JSON over several lines, show some of the headers only, and write … (as a line of
its own also ...) for what does not matter.
"""

import json
import re
import textwrap

ANYTHING = ("…", "...")
VARYING_HEADERS = ("date", "server", "connection")
GAP = re.compile(r"^\s*(?:…|\.\.\.)\n", re.MULTILINE)
JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|…|\.\.\.|[\w.+-]+|\S')


def agree(shown, got):
    """Tell whether what a lesson shows is true of what was printed."""
    shown, got = shown.strip("\n"), got.replace("\r\n", "\n").strip("\n")
    if shown.startswith("HTTP/"):
        return exchanges_agree(shown, got)
    return bodies_agree(shown, got)


def exchanges_agree(shown, got):
    """Compare two responses as `curl -i` prints them."""
    shown_head, _, shown_body = shown.partition("\n\n")
    head, _, body = got.partition("\n\n")
    shown_status, *shown_headers = shown_head.splitlines()
    status, *headers = head.splitlines() or [""]
    return (
        shown_status == status
        and all(header_is_among(header, headers) for header in shown_headers)
        and bodies_agree(shown_body, body)
    )


def header_is_among(shown, headers):
    name = shown.partition(":")[0].lower()
    if name in VARYING_HEADERS:
        return True
    return any(sequences_agree([normal(shown)], [normal(header)]) for header in headers)


def normal(header):
    """Write a header in the one way that does not matter: name in small letters, Allow in order."""
    name, _, value = header.partition(":")
    value = value.strip()
    if name.lower() == "allow":
        value = ", ".join(sorted(value.split(", ")))
    return f"{name.lower()}: {value}"


def bodies_agree(shown, got):
    if is_json(got):
        return sequences_agree(json_tokens(shown), json_tokens(got))
    return sequences_agree(lines(shown), lines(got))


def is_json(text):
    try:
        return isinstance(json.loads(text), (dict, list))
    except ValueError:
        return False


def json_tokens(text):
    return [normal_string(token) for token in JSON_TOKEN.findall(text)]


def normal_string(token):
    """Write a JSON string without the escapes that it can do without."""
    try:
        return json.dumps(json.loads(token), ensure_ascii=False)
    except ValueError:
        return token


def lines(text):
    return [line.rstrip() for line in text.strip("\n").splitlines()]


def sequences_agree(shown, got):
    """Compare part by part; … is any number of parts, and within a part any text."""
    pattern = "".join(
        r"(?:.*\n)*?" if part.strip() in ANYTHING else re.escape(part).replace("…", ".*") + r"\n"
        for part in shown
    )
    return re.fullmatch(pattern, "".join(f"{part}\n" for part in got)) is not None


def runs_agree(shown, got):
    """Compare what a run of tests prints, whatever their number and their time."""
    return agree(without_counts(shown), without_counts(got))


def without_counts(text):
    text = re.sub(r"\b\d+\.\d+|\b[1-9]\d*\b", "N", text)  # 0 stays: 0 failed is a promise
    return re.sub(r"([.=\- ])\1+", r"\1", text)


def is_quoted_from(source, quotation):
    """Tell whether the lines are there, in order, with other lines only where a … stands."""
    code, start = source.splitlines(), 0
    for part in GAP.split(quotation):
        quoted = textwrap.dedent(part).splitlines()
        start = find(quoted, code, start)
        if start is None:
            return False
        start += len(quoted)
    return True


def find(quoted, code, start):
    """Return the first place, from `start` on, where the quoted lines stand, however indented."""
    for place in range(start, len(code) - len(quoted) + 1):
        there = "\n".join(code[place : place + len(quoted)])
        if textwrap.dedent(there).splitlines() == quoted:
            return place
    return None

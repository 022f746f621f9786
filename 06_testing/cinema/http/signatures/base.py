"""Builds the bytes that an HTTP message signature is computed over (RFC 9421, section 2)."""

import re

import http_sf

DEFAULT_PORTS = {"http": ":80", "https": ":443"}
URL = re.compile(r"(?=[!-~]+\Z)(https?)://([^/?#@]+)(/[^?#]*)?(\?[^#]*)?(?:#.*)?")


class BadSignature(ValueError):
    """A signature is missing or wrong; the message tells the client why."""


def components_of(method, url, headers):
    """Return the components of a request that can be signed: fields (2.1) and derived ones (2.2).

    The URL is absolute, its path and query as sent: "%2F" and "/" differ.
    """
    parts = URL.fullmatch(url)
    if not parts:
        raise BadSignature("The URL is not an absolute one of printable ASCII.")
    scheme, authority, path, query = parts.groups("")
    path = path or "/"
    return fields_of(headers) | {
        "@method": method,
        "@target-uri": f"{scheme}://{authority}{path}{query}",
        "@authority": authority.lower().removesuffix(DEFAULT_PORTS[scheme]),
        "@scheme": scheme,
        "@request-target": path + query,
        "@path": path,
        "@query": query or "?",
    }


def fields_of(headers):
    fields = {}
    for name, lines in headers.items():
        value = " ".join(line.strip(" \t") for line in lines.split("\r\n"))
        fields.setdefault(name.lower(), []).append(value)
    return {name: ", ".join(values) for name, values in fields.items()}


def signature_base(components, parameters):
    """Return the bytes to sign: a line for each component, and one for the parameters (2.5)."""
    for name, value in components.items():
        if not (value.isascii() and value.replace("\t", " ").isprintable()):  # no forged lines
            raise BadSignature(f'"{name}" has characters that cannot be signed.')
    lines = [f'"{name}": {value}' for name, value in components.items()]
    lines.append(f'"@signature-params": {http_sf.ser([(list(components), parameters)])}')
    return "\n".join(lines).encode("ascii")

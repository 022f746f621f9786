"""Signs and verifies HTTP requests by RFC 9421 with hmac-sha256, their bodies by RFC 9530."""

import hashlib
import hmac
from dataclasses import dataclass

import http_sf

from .base import BadSignature, components_of, signature_base

ALWAYS_COVERED = ("@method", "@authority", "@path", "@query")
COVERED_IF_SENT = ("content-type", "content-digest", "if-match", "idempotency-key")
DIGESTS = {"sha-256": hashlib.sha256, "sha-512": hashlib.sha512}
LONGEST_FIELD = 2_000  # characters; a signature takes about 250
LONGEST_NAME = 128  # characters of a keyid or a nonce
WINDOW = 300  # seconds that a signature is valid
CLOCK_SKEW = 30  # seconds that a client's clock may be ahead of ours


@dataclass(frozen=True)
class Signature:
    """A parsed signature; trust it only after `verify` and `verify_digest`."""

    keyid: str
    created: int
    nonce: str
    components: dict  # the signed ones, with their values: {"@method": "POST", ...}
    parameters: dict  # all of them, in their order: they are signed too
    value: bytes


def sign(key, keyid, method, url, headers, body, created, nonce):
    """Return the headers to add: Signature-Input, Signature and, if there is a body, its digest."""
    added = {"Content-Digest": content_digest(body)} if body else {}
    available = components_of(method, url, {**headers, **added})
    names = [name for name in ALWAYS_COVERED + COVERED_IF_SENT if name in available]
    parameters = {"created": created, "keyid": keyid, "nonce": nonce}
    base = signature_base({name: available[name] for name in names}, parameters)
    return added | {
        "Signature-Input": http_sf.ser({"sig": (names, parameters)}),
        "Signature": http_sf.ser({"sig": hmac.digest(key, base, "sha256")}),
    }


def ask_for_signature(sent, nonce):
    """Return the Accept-Signature for a request that has these header fields (section 5.1).

    It names the components to sign, `created` without a value, and the nonce to use. It has no
    keyid, because only the client knows which key it has.
    """
    names = [*ALWAYS_COVERED, *(name for name in COVERED_IF_SENT if name in sent)]
    return http_sf.ser({"cinema": (names, {"created": True, "nonce": nonce})})


def read_signature(method, url, headers):
    """Parse a request's Signature; raise BadSignature if it is malformed or covers too little."""
    available = components_of(method, url, headers)
    inputs = dictionary("signature-input", available)
    values = dictionary("signature", available)
    if len(inputs) != 1 or inputs.keys() != values.keys():
        raise BadSignature("Send one signature, under one label in Signature-Input and Signature.")
    [(items, parameters)], [(value, _)] = inputs.values(), values.values()
    if not isinstance(items, list) or not isinstance(value, bytes):
        raise BadSignature('Send Signature-Input: sig=("@method" ...);... and Signature: sig=:...:')
    check_parameters(parameters)
    keyid, created, nonce = (parameters[name] for name in ("keyid", "created", "nonce"))
    return Signature(keyid, created, nonce, covered(items, available), parameters, value)


def verify(signature, key, now, window=WINDOW):
    """Raise BadSignature if the request was not signed with this key, or is too old."""
    if signature.created > now + CLOCK_SKEW:
        raise BadSignature("The signature was created in the future. Check your clock.")
    end = signature.created + window
    if now > min(end, signature.parameters.get("expires", end)):
        raise BadSignature(f"The signature has expired; it is good for {window} seconds at most.")
    base = signature_base(signature.components, signature.parameters)
    if not hmac.compare_digest(hmac.digest(key, base, "sha256"), signature.value):
        raise BadSignature("The signature does not fit the request.")


def content_digest(body):
    return http_sf.ser({"sha-256": hashlib.sha256(body).digest()})


def verify_digest(signature, body):
    """Raise BadSignature if the body does not match the signed Content-Digest."""
    if not body and "content-digest" not in signature.components:
        return
    digests = dictionary("content-digest", signature.components)
    known = [name for name in digests if name in DIGESTS]
    if not known:
        raise BadSignature(f"Content-Digest needs one of {', '.join(DIGESTS)}.")
    if any(digests[name][0] != DIGESTS[name](body).digest() for name in known):
        raise BadSignature("The body does not fit its Content-Digest.")


def dictionary(name, components):
    """Parse a header as a Dictionary (RFC 9651): key to (value, parameters)."""
    field = components.get(name, "")
    if not 0 < len(field) <= LONGEST_FIELD:
        raise BadSignature(f"Send the header {name}, of at most {LONGEST_FIELD} characters.")
    try:
        return http_sf.parse(field.encode("ascii"), None, "dictionary", refuse_twice)
    except ValueError as error:  # or it is not ASCII
        raise BadSignature(f"The header {name} is malformed: {error}.") from error


def refuse_twice(key, _kind):
    raise BadSignature(f"{key} is given twice")


def check_parameters(parameters):
    for name in ("keyid", "nonce"):
        text = parameters.get(name)
        if not isinstance(text, str) or not 1 <= len(text) <= LONGEST_NAME:
            raise BadSignature(f"Send {name}, a string of 1 to {LONGEST_NAME} characters.")
    for seconds in (parameters.get("created"), parameters.get("expires", 0)):
        if type(seconds) is not int:  # True is an int, too
            raise BadSignature("Send created, and expires if at all, in whole seconds since 1970.")
    if parameters.get("alg", "hmac-sha256") != "hmac-sha256":
        raise BadSignature('Leave alg out, or send "hmac-sha256": it is what the key is for.')


def covered(items, available):
    """Return the signed components with their values; raise BadSignature if one is missing."""
    components = {}
    for name, parameters in items:
        if parameters or not isinstance(name, str) or name in components:
            raise BadSignature("Cover each component once, as a string without parameters.")
        if name not in available:
            raise BadSignature(f'"{name}" is covered, but not in the request.')
        components[name] = available[name]
    for name in ALWAYS_COVERED + COVERED_IF_SENT:
        if name in available and name not in components:
            raise BadSignature(f'The signature must cover "{name}".')
    return components

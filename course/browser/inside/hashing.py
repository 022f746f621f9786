"""Stands in for `hashlib.pbkdf2_hmac`, which Python takes from OpenSSL: a browser has none.

The result is the same (RFC 8018, section 5.2), some hundred times more slowly. scrypt has no
stand-in: an application that asks for it gets the AttributeError that it would get without this.
"""

import hashlib
import hmac


def stand_in_for_openssl():
    if not hasattr(hashlib, "pbkdf2_hmac"):
        hashlib.pbkdf2_hmac = pbkdf2_hmac


def pbkdf2_hmac(hash_name, password, salt, iterations, dklen=None):
    keyed = hmac.new(password, digestmod=hash_name)
    length = dklen or keyed.digest_size
    blocks = -(-length // keyed.digest_size)
    derived = b"".join(
        block(keyed, salt + number.to_bytes(4), iterations) for number in range(1, blocks + 1)
    )
    return derived[:length]


def block(keyed, message, iterations):
    """Return the exclusive or of the hash, its hash, and so on."""
    together = 0
    for _ in range(iterations):
        once = keyed.copy()
        once.update(message)
        message = once.digest()
        together ^= int.from_bytes(message)
    return together.to_bytes(keyed.digest_size)

"""How a client authenticates: by HTTP Basic, with its secret."""

from urllib.parse import unquote_plus

from flask import request


def client_with_secret(query_client, _request):
    """Return the client that has sent its id and secret, or None.

    Both are form-encoded before they are put together (RFC 6749, section 2.3.1).
    """
    sent = request.authorization
    if sent is None or sent.type != "basic":
        return None
    client = query_client(unquote_plus(sent.username))
    return client if client and client.check_client_secret(unquote_plus(sent.password)) else None

"""Somebody between a client and a server, who listens, or changes, or pretends to be the server."""

import socket
import ssl
from select import select
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread
from urllib.parse import urlsplit

import trustme

from course.serving.ports import HOST, hands_on_to

PATIENCE = 10  # seconds
AT_ONCE = 65536  # bytes


class Relay(str):
    """The URL of one who hands on what passes between a client and a server, and remembers it."""

    def __new__(cls, url, handler, **knowledge):
        scheme, address = urlsplit(url)[:2]
        server = Listener((HOST, 0), handler)
        relay = super().__new__(cls, f"{scheme}://{HOST}:{server.server_address[1]}")
        relay.server, server.relay = server, relay
        relay.target = urlsplit(f"//{address}")
        hands_on_to[server.server_address[1]] = relay.target.port
        relay.sent, relay.answered = bytearray(), bytearray()
        relay.change = bytes  # which changes nothing
        vars(relay).update(knowledge)
        Thread(target=server.serve_forever, daemon=True).start()
        return relay

    @property
    def heard(self):
        """What has passed in both directions, as text; what no screen can show becomes a dot."""
        text = (self.sent + self.answered).decode("latin-1").replace("\r\n", "\n")
        return "".join(letter if " " <= letter <= "~" or letter == "\n" else "." for letter in text)

    def connect(self):
        return socket.create_connection((self.target.hostname, self.target.port), PATIENCE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class Listener(ThreadingTCPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """Say nothing: a client that hangs up is no error here."""


class Eavesdropping(BaseRequestHandler):
    """Hands on bytes as they come, which is all that one can do who sits at a router."""

    def handle(self):
        with self.server.relay.connect() as server:
            self.hand_on(self.request, server)

    def hand_on(self, client, server):
        """Hand on what comes from either until one of them ends; alone, since TLS is for one."""
        relay = self.server.relay
        ways = {
            client: (server, relay.sent, bytes),
            server: (client, relay.answered, relay.change),
        }
        while True:
            for source in select(list(ways), [], [])[0]:
                sink, memory, change = ways[source]
                data = receive(source)
                if data == b"":
                    return
                if data:
                    memory += data
                    sink.sendall(change(data))


class Pretending(Eavesdropping):
    """Speaks TLS with the client, as if it were the server; and with the server, as a client."""

    def handle(self):
        relay = self.server.relay
        with (
            relay.own_certificate.wrap_socket(self.request, server_side=True) as client,
            relay.connect() as plain,
            relay.trust.wrap_socket(plain, server_hostname=relay.target.hostname) as server,
        ):
            self.hand_on(client, server)


def receive(source):
    """Return what has come: nothing if that is the end, None if it is but half a piece of TLS."""
    source.settimeout(0)
    try:
        return source.recv(AT_ONCE)
    except (BlockingIOError, ssl.SSLWantReadError):
        return None
    except OSError:  # who hangs up without a word ends it, too
        return b""
    finally:
        source.settimeout(PATIENCE)


def eavesdropper(url):
    """Sit between clients and the server at a URL; return the URL to ask, with `.heard`."""
    return Relay(url, Eavesdropping)


def tamperer(url, change):
    """Sit there too, and change the bytes that the server answers, by a function."""
    return Relay(url, Eavesdropping, change=change)


def man_in_the_middle(url, ca):
    """Pretend to be the server at a URL, by a certificate for its name that we vouch for ourselves.

    Return the URL to ask, with `.heard`. `ca` is the authority of the server that is asked behind
    the client's back: who stands in the middle is careful, whatever the client is.
    """
    own_certificate = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert(HOST, "localhost").configure_cert(own_certificate)
    trust = ssl.create_default_context(cafile=ca)
    return Relay(url, Pretending, own_certificate=own_certificate, trust=trust)

"""Whom a suite asks over the wire: the broken copy, servers of its own, or one elsewhere."""

import re
import socket
import sys
from pathlib import Path

from course.serving.ports import hands_on_to

PATIENCE = 0.5  # seconds, to see whether somebody is there
PORT = re.compile(r"\b\d{2,5}\b")
URL = re.compile(r"https?://([\w.-]+):(\d{2,5})\b")


class Asked:
    """Keeps the addresses that this process has connected to, and the ports that are its own.

    Its own are those at which it listens itself, and those that it has named to a program that it
    started: unless that was in the folder of another cinema. A program that gets a URL, such as
    curl, asks there.
    """

    def __init__(self, copy):
        self.copy = copy.resolve()
        self.programs = 0  # that were started
        self.own, self.foreign, self.new, self.seen = set(), set(), [], set()
        sys.addaudithook(self.hear)
        listen = socket.socket.listen

        def listen_and_tell(listener, *backlog):
            listen(listener, *backlog)
            if isinstance(address := listener.getsockname(), tuple):
                self.own.add(address[1])

        socket.socket.listen = listen_and_tell

    def hear(self, event, arguments):
        if event == "socket.connect" and isinstance(arguments[1], tuple):
            self.new.append(arguments[1][:2])
        elif event in ("os.fork", "os.posix_spawn"):
            self.programs += 1
        elif event == "subprocess.Popen":
            self.programs += 1
            words = str(arguments[1])
            self.new += [(host, int(port)) for host, port in URL.findall(words)]
            ports = map(int, PORT.findall(URL.sub("", words)))
            (self.foreign if self.is_another_cinema(arguments[2]) else self.own).update(ports)

    def is_another_cinema(self, folder):
        folder = Path(folder or ".").resolve()
        return (folder / "cinema").exists() and not folder.is_relative_to(self.copy)

    def elsewhere(self):
        """Return the addresses, asked since the last time, of servers that we know nothing of."""
        asked, self.new = self.new, []
        unknown = [address for address in asked if address[1] not in self.own | hands_on_to.keys()]
        strangers = [address for address in dict.fromkeys(unknown) if address not in self.seen]
        self.seen.update(strangers)
        return [
            f"{host}:{port}"
            for host, port in strangers
            if port in self.foreign or is_there((host, port))
        ]


def is_there(address):
    """Tell whether somebody listens: a test may well ask a server that is down."""
    try:
        with socket.create_connection(address, PATIENCE):
            return True
    except OSError:
        return False

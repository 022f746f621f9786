"""Makes one line of a request to a server that has ended: what to run again.

`requests` would show 181 lines of ConnectionError, none of which says that.
"""

import re
import sys
from urllib.parse import urlsplit

from course.serving.ports import HOST, answers, hands_on_to
from course.serving.server import Server, running

UNCONNECTED = {"ConnectionError", "OperationalError", "URLError"}  # of all libraries, by name
ADDRESS = re.compile(rf"{re.escape(HOST)}(?::|\", port )(\d+)")  # as Redis' and PostgreSQL's say it


def explain():
    """In a notebook, have such errors explained from now on; elsewhere, do nothing."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell and not shell.custom_exceptions:
        shell.set_custom_exc((Exception,), show)


def show(shell, kind, error, traceback, tb_offset=None):
    """Show an error as IPython does; one line, if the reason is that a server of ours has ended."""
    if advice := advice_on(error):
        error._render_traceback_ = advice.splitlines
    whole = (kind, error, traceback)
    shell.showtraceback(whole, tb_offset=tb_offset, running_compiled_code=True)


def advice_on(error):
    """Return what to run again; None if the server that was asked is another's, or answers."""
    if UNCONNECTED.isdisjoint(each.__name__ for each in type(error).__mro__):
        return None
    port = port_of(error)
    if port is None:
        return advice_without_a_port(error)
    while answers(port):
        port = hands_on_to.get(port)
        if port is None:
            return None
    at_it = (api.to_start_again for api in running.values() if port in api.ports.values())
    return next(at_it, Server.to_start_again if port in hands_on_to else None)


def port_of(error):
    """Return the port that was asked, as far as the error says it."""
    request = getattr(error, "request", None)
    if request is not None:
        return urlsplit(request.url).port
    address = ADDRESS.search(str(error))
    return int(address[1]) if address else None


def advice_without_a_port(error):
    """Guess which server was meant: a socket's error does not say it."""
    ended = [api for api in running.values() if api.child.has_ended]
    refused = isinstance(getattr(error, "reason", error), ConnectionRefusedError)
    return ended[0].to_start_again if ended and refused else None

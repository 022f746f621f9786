"""Makes one line of a request to a server that has ended: what to run again.

`requests` would show 181 lines of ConnectionError, none of which says that.
"""

import sys
from urllib.parse import urlsplit

from course.serving.child import Child
from course.serving.ports import answers
from course.serving.server import running
from course.spine import PLAIN


def explain():
    """In a notebook, have ConnectionErrors explained from now on; elsewhere, do nothing."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell and not shell.custom_exceptions:
        from requests import ConnectionError as Unconnected  # noqa: PLC0415 (in .venv only)

        shell.set_custom_exc((Unconnected, ConnectionRefusedError), show)


def show(shell, kind, error, traceback, tb_offset=None):
    """Show an error as IPython does; one line, if the reason is that a server of ours has ended."""
    if advice := advice_on(error):
        error._render_traceback_ = advice.splitlines
    shell.showtraceback((kind, error, traceback), tb_offset=tb_offset)


def advice_on(error):
    """Return what to run again; None if the server that was asked is another's, or answers."""
    request = getattr(error, "request", None)
    if request is None:  # an error of a socket, which does not say which port it was
        ended = [api for api in running.values() if api.child.has_ended]
        return advice_for(ended[0]) if ended else None
    port = urlsplit(request.url).port
    if port is None or answers(port):
        return None
    for api in running.values():
        if port in ports_of(api):
            return advice_for(api)
    if port in Child.ports:
        return "The server has ended. Run the cell that starts it again, then this one."
    return None


def advice_for(api):
    return (
        f"The server of chapter {api.chapter.number} has ended. Run the cell with "
        f'start("{api.chapter.number}") again, then this one.'
    )


def ports_of(api):
    """Return the ports of an API, of its plain HTTP and of the apps beside it."""
    beside = [getattr(api, app) for app in api.chapter.companions if hasattr(api, app)]
    plain = [api.plain] if PLAIN in api.chapter.listeners else []
    return {urlsplit(url).port for url in (api, *plain, *beside)}

"""What a browser's Python does not have, as the errors tell that it causes."""

THREADS, PROCESSES, SOCKETS = "threads", "processes", "sockets"
SIGNS = {  # what such an error says -> what is missing
    "can't start new thread": THREADS,
    "emscripten does not support processes": PROCESSES,
    "No module named '_posixsubprocess'": PROCESSES,
    "No module named '_multiprocessing'": PROCESSES,
    "Function not implemented": PROCESSES,
    "in make_server": SOCKETS,
}


def missing(text):
    """Return what an error is about that a browser does not have, or None."""
    return next((what for sign, what in SIGNS.items() if sign in text), None)

"""What a browser's Python does not have, as the errors tell that it causes."""

THREADS, PROCESSES, SOCKETS = "threads", "processes", "sockets"
CRYPTOGRAPHY = "the package cryptography"
AUTHORIZATION_SERVER = "an authorization server"
ORJSON = "the package orjson"
VALIDATOR = "the package openapi-spec-validator"
SIGNS = {  # what such an error says -> what is missing
    "can't start new thread": THREADS,
    "emscripten does not support processes": PROCESSES,
    "No module named '_posixsubprocess'": PROCESSES,
    "No module named '_multiprocessing'": PROCESSES,
    "Function not implemented": PROCESSES,
    "in make_server": SOCKETS,
    "A browser has no cryptography": CRYPTOGRAPHY,
    "No module named 'authlib'": AUTHORIZATION_SERVER,
    "A browser has no authorization server": AUTHORIZATION_SERVER,
    "No module named 'orjson'": ORJSON,
    "No module named 'openapi_": VALIDATOR,
}
refused = []  # what was asked for in vain since the list was emptied


def missing(text):
    """Return what an error is about that a browser does not have, or None."""
    return next((what for sign, what in SIGNS.items() if sign in text), None)

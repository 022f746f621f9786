"""The application's own error codes: more specific than a status, each with a page."""

from enum import IntEnum


class ErrorCode(IntEnum):
    """An error's number, with its HTTP `status` and `advice` for the client."""

    def __new__(cls, number, status, advice):
        code = int.__new__(cls, number)
        code._value_ = number
        code.status, code.advice = status, advice
        return code

    BAD_REQUEST = 10, 400, "Mend what `detail` names: most often the body is not the JSON we need."
    INVALID_VALUES = 11, 400, "Mend each value that `errors` names, and send all of it again."
    NOT_AUTHENTICATED = 20, 401, "Send credentials. WWW-Authenticate says which would do."
    WRONG_CREDENTIALS = 21, 401, "Check name and password, or the key that you sign with."
    INVALID_TOKEN = 22, 401, "Get a new token, by its refresh_token or from /v1/tokens."
    FORBIDDEN = 30, 403, "You are known, but may not do this. Other credentials of yours may."
    NOT_PERMITTED = 31, 403, "Ask for a role or a scope that has the permission in `detail`."
    HTTPS_REQUIRED = 32, 403, "Ask by https://, and change what you have sent if it was a secret."
    NOT_FOUND = 40, 404, "Check the URL; start from / and follow the links."
    MOVIE_NOT_FOUND = 41, 404, "Look for the movie in the list: it may have been deleted."
    WATCHLIST_NOT_FOUND = 42, 404, "Create it with PUT, or log in as the one who may see it."
    METHOD_NOT_ALLOWED = 50, 405, "Use one of the methods in Allow."
    NOT_ACCEPTABLE = 60, 406, "Put one of the media types in `detail` into Accept."
    CONFLICT = 90, 409, "What you send contradicts what is there: read it, and decide."
    IN_FLIGHT = 91, 409, "Your first request with this Idempotency-Key is being answered: wait."
    PRECONDITION_FAILED = 120, 412, "Read it again, make your change anew, send the new ETag."
    TOO_LARGE = 130, 413, "Send less at once."
    UNSUPPORTED_MEDIA_TYPE = 150, 415, "Send JSON, and say so in Content-Type."
    KEY_REUSED = 220, 422, "An Idempotency-Key is for one request: make a new one for another."
    PRECONDITION_REQUIRED = 280, 428, "Read it first, and send its ETag as If-Match."
    TOO_MANY_REQUESTS = 290, 429, "Wait for as many seconds as Retry-After says."
    INTERNAL_ERROR = 1000, 500, "It is our fault. Tell us the request id in `instance`."
    NOT_IMPLEMENTED = 1010, 501, "No part of this API knows the method: check its spelling."
    UNAVAILABLE = 1030, 503, "Try again after as many seconds as Retry-After says."

    @property
    def slug(self):
        return self.name.lower().replace("_", "-")

    @property
    def title(self):
        return self.name.replace("_", " ").capitalize()


def code_of_status(status):
    """Return the first, most general code of a status, or BAD_REQUEST if it has none."""
    return next((code for code in ErrorCode if code.status == status), ErrorCode.BAD_REQUEST)

"""The learner's API for `check`, in a browser: the same questions reach it without a wire."""

from urllib.parse import urlsplit

from course.browser.inside.application import Application, explaining
from course.browser.inside.own import Own
from course.browser.inside.wsgi import Request
from course.building import wire
from course.building.traces import learners_part
from course.building.wire import target_of

ORIGIN = "http://127.0.0.1:8000"


class Control:
    """What `course.building.server.Server` is elsewhere, as far as a browser can be it."""

    def __init__(self, folder):
        self.folder, self.own = folder, Own()
        self.database = self.own.database
        self.credentials = {
            "key": self.own.key,
            "editor": ("alice", self.own.password),
            "member": ("bob", self.own.password),
        }
        self.application, self.heard = None, 0

    def start(self):
        """Load the API; raise NothingToCheck with its own words if that fails."""
        self.heard = 0
        with explaining(self.folder):
            self.application = Application(self.folder, self.own.variables)

    def restart(self):
        """Load it again, on the same database."""
        self.application.close()
        self.start()

    def new_words(self):
        """Return what it has printed since the last call."""
        words = self.application.words.getvalue()[self.heard :]
        self.heard += len(words)
        return words

    def explain(self, _broken):
        return learners_part(self.new_words(), self.folder)

    def revive(self, _hung):
        """Do nothing: it runs in this Python, and can neither end alone nor hang alone."""

    def companion(self, _name):
        """Refuse to start the authorization server: its tokens need public-key signatures."""
        raise RuntimeError("A browser has no authorization server.")  # `missing` knows it

    @property
    def issuer(self):
        """Refuse: it signs tokens, too."""
        return self.companion("issuer")

    @property
    def robot_secret(self):
        """Refuse: it is for the authorization server alone."""
        return self.companion("authorization_server")

    def stop(self):
        if self.application:
            self.application.close()
        self.own.remove()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Api(wire.Api):
    """The API that is checked; `exchange` is all that is different without a wire."""

    def __init__(self, control):
        super().__init__(ORIGIN, control.credentials, control=control)

    def exchange(self, method, url, headers, body):
        place = urlsplit(url)
        if isinstance(body, str):
            body = body.encode()
        elif body is not None and not isinstance(body, bytes):
            body = b"".join(body)  # without a wire, chunks are a whole
        origin = f"{place.scheme}://{place.netloc}"
        asked = Request(method, origin, target_of(url), list(headers.items()), body or b"")
        response = self.control.application.respond(asked)
        return response, response.content

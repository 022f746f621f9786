"""Opens a session only for requests that bring a cookie.

Replaces: Flask's signed cookies, through `app.session_interface`. The plain interface is still
there, and does the work where there is work.
Gives up: nothing that a client sees. Without a cookie, Flask would prepare a signature check, and
then find no session to check.
"""

from flask.sessions import SessionInterface


def init_app(app):
    app.session_interface = SessionsOnDemand(app.session_interface)


class SessionsOnDemand(SessionInterface):
    """Uses the plain interface if there is a session cookie, or if the view makes a session."""

    def __init__(self, plain):
        self.plain = plain

    def open_session(self, app, request):
        if "HTTP_COOKIE" in request.environ:
            return self.plain.open_session(app, request)
        return self.plain.session_class()

    def save_session(self, app, session, response):
        if session.accessed or session:
            self.plain.save_session(app, session, response)

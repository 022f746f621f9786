"""Writes bodies with orjson, a JSON library written in Rust.

Replaces: Flask's JSON provider, through `app.json`.
Gives up: one more dependency, compiled for each platform. What orjson refuses to write, such as an
integer of more than 64 bits, is left to Flask's provider.
"""

import orjson
from flask.json.provider import DefaultJSONProvider


class OrjsonProvider(DefaultJSONProvider):
    """Writes the same bytes as Flask's provider with the cinema's settings."""

    sort_keys = False
    ensure_ascii = False

    def response(self, *args, **kwargs):
        if self._app.debug:  # then Flask indents, for people
            return super().response(*args, **kwargs)
        try:
            body = orjson.dumps(self._prepare_response_obj(args, kwargs), self.default)
        except TypeError:
            return super().response(*args, **kwargs)
        return self._app.response_class(body + b"\n", mimetype=self.mimetype)


def init_app(app):
    app.json = OrjsonProvider(app)

"""Does not check whether each function is a coroutine.

Replaces: `Flask.ensure_sync`, through an attribute of the application. Flask calls it for every
view and every before_request and after_request function, with every request.
Gives up: views written with `async def`. The cinema has none.
"""


def init_app(app):
    app.ensure_sync = same


def same(function):
    return function

"""The learner's server, in its folder: `-m course.building.app NAME PORT [PLAIN_PORT]`.

Runs the application's own commands `make-certificate` and `seed` first, if it has them. With a
port for plain HTTP, the first port is served over TLS, as soon as there is a certificate. With
`--wait NAME …` it loads the libraries that these apps import, and waits until it is wanted: after a
save, the learner waits for their own code only.
"""

import os
import sys
import threading
import traceback
from importlib import import_module
from pathlib import Path

from flask import Flask
from flask.cli import ScriptInfo, cli
from werkzeug.serving import WSGIRequestHandler, make_server

from course.building.tls import CERTIFICATE, KEY
from course.serving.preload import preload
from course.serving.ready import wanted

TO_START_WITH = ("make-certificate", "seed")


def main(name, port, plain_port=None):
    leave_with_parent()
    app = ScriptInfo(app_import_path=name)
    try:
        import_module(name)
        commands = app.load_app().cli.commands
        for command in TO_START_WITH:
            if command in commands:
                cli.main([command], obj=app, standalone_mode=False)
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(3)  # at once, whatever threads there are
    # TCP_NODELAY: over TLS, each answer waits up to 40 ms for the client's TCP otherwise.
    WSGIRequestHandler.disable_nagle_algorithm = True
    over_tls = []
    if plain_port and Path(CERTIFICATE).exists():
        over_tls = ["--cert", CERTIFICATE, "--key", KEY]
        plain = make_server("127.0.0.1", int(plain_port), app.load_app(), threaded=True)
        threading.Thread(target=plain.serve_forever, daemon=True).start()
    cli.main(["run", "--no-reload", "--no-debugger", "--port", port, *over_tls], obj=app)


def wait(apps):
    """Load what these apps import; return the rest of the command line when a process is wanted."""
    cli.get_command(None, "run")  # loads what libraries add to the command `flask`
    preload(Path(), apps)
    if "flask_sqlalchemy" in sys.modules:
        rehearse()
    return wanted()


def rehearse():
    """Use Flask-SQLAlchemy once: much of what it does the first time is not done again."""
    from flask_sqlalchemy import SQLAlchemy  # noqa: PLC0415 (chapter 1 starts quicker without)

    app = Flask("rehearsal")
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    db = SQLAlchemy(app)

    class Row(db.Model):
        id = db.mapped_column(db.Integer, primary_key=True)
        name = db.mapped_column(db.String)

    with app.app_context():
        db.create_all()
        db.session.add_all([Row(name="one"), Row(name="two")])
        db.session.commit()
        db.session.scalars(db.select(Row).where(Row.name == "one").order_by(Row.id)).all()
    app.test_client().get("/")


def leave_with_parent():
    """End this process when its standard input does: when the parent closes it, or is gone."""

    def watch():
        while os.read(0, 1):
            pass
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    main(*(wait(sys.argv[2:]) if sys.argv[1] == "--wait" else sys.argv[1:]))

"""No migrations: the tables are made where they are missing."""

from .database import db


def init_app(app):
    with app.app_context():
        for bind_key in db.engines:
            db.create_all(bind_key)

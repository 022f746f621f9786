"""A right answer in another layout: chapters 1 to 3 with Flask-SQLAlchemy and MethodViews."""

import os

import resources
from flask import Flask, json
from models import Movie, db
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import Conflict, HTTPException

ROUTES = {
    "/": ("door", resources.Door),
    "/v1/context": ("context", resources.Context),
    "/v1/movies": ("movies", resources.Movies),
    "/v1/movies/<key>": ("movie", resources.OneMovie),
    "/v1/watchlists": ("watchlists", resources.Watchlists),
    "/v1/watchlists/<name>": ("watchlist", resources.OneWatchlist),
}


def create_app():
    app = Flask(__name__)
    database = os.environ.get("DATABASE_URL", "sqlite:///cinema.db")
    app.config.update(KEY=os.environ.get("API_KEY", "secret"), SQLALCHEMY_DATABASE_URI=database)
    db.init_app(app)
    for url, (name, view) in ROUTES.items():
        app.add_url_rule(url, view_func=view.as_view(name))
    app.register_error_handler(HTTPException, problem)
    app.register_error_handler(IntegrityError, taken)
    with app.app_context():
        db.create_all()
    app.cli.command("seed")(seed)
    return app


def seed():
    if db.session.query(Movie).first() is None:
        rebecca = Movie(title="Rebecca", director="Alfred Hitchcock", year=1940, runtime=130)
        db.session.add(rebecca)
        db.session.commit()


def problem(error):
    """Return the three members, and `errors` where there are some (RFC 9457)."""
    told = {"title": error.name, "status": error.code, "detail": error.description}
    if hasattr(error, "errors"):
        told["errors"] = error.errors
    response = error.get_response()
    response.data = json.dumps(told) + "\n"
    response.headers["Content-Type"] = "application/problem+json; charset=utf-8"
    response.headers.update(getattr(error, "more", {}))
    return response


def taken(_error):
    db.session.rollback()
    return problem(Conflict("Another movie has this imdb_id."))

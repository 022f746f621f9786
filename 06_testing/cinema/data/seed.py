"""Fills the database with real films: 659 that won an Academy Award."""

import json
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import select

from .database import db, writing
from .models import Movie

FILMS = Path(__file__).with_name("movies.json")  # from Wikidata, CC0; see the README


def init_app(app, *more):
    """Add the command `seed`; the functions `more` load other data and return a report."""
    app.extensions["seeds"] = (load_films, *more)
    app.cli.add_command(seed)


@click.command()
@with_appcontext
def seed():
    """Load the films if there are no movies yet, and the first users if there are no users."""
    with writing():  # all or none, so it can be repeated after an interruption
        reports = [load() for load in current_app.extensions["seeds"]]
    click.echo("\n".join(reports))


def load_films():
    """Load the films if there are no movies, so that later changes are never undone."""
    if db.session.scalar(select(Movie.id).limit(1)):
        return "No films loaded: there are movies already."
    films = json.loads(FILMS.read_text(encoding="utf-8"))
    with click.progressbar(films, label="Loading films") as progress:
        db.session.add_all(Movie(**film) for film in progress)
    return f"{len(films)} films loaded."

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
    """Add the command; `more` are functions that load what else there is, and return its report."""
    app.extensions["seeds"] = (load_films, *more)
    app.cli.add_command(seed)


@click.command()
@with_appcontext
def seed():
    """Load the films if there are no movies yet, and the first users if there are no users."""
    with writing():  # all of them or none: what was interrupted can be done again
        reports = [load() for load in current_app.extensions["seeds"]]
    click.echo("\n".join(reports))


def load_films():
    """Load the films if there are no movies; later, those that were deleted or changed stay so."""
    if db.session.scalar(select(Movie.id).limit(1)):
        return "No films loaded: there are movies already."
    films = json.loads(FILMS.read_text(encoding="utf-8"))
    with click.progressbar(films, label="Loading films") as progress:
        db.session.add_all(Movie(**film) for film in progress)
    return f"{len(films)} films loaded."

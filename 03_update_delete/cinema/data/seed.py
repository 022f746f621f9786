"""Fills the database with real films: 659 that won an Academy Award."""

import json
from pathlib import Path

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from .database import db, writing
from .models import Movie

FILMS = Path(__file__).with_name("movies.json")  # from Wikidata, CC0; see the README


def init_app(app):
    app.cli.add_command(seed)


@click.command()
@with_appcontext
def seed():
    """Load the films that are not there yet."""
    films = json.loads(FILMS.read_text(encoding="utf-8"))
    with writing():
        known = set(db.session.scalars(select(Movie.imdb_id)))
        new = [film for film in films if film["imdb_id"] not in known]
        with click.progressbar(new, label="Loading films") as progress:
            db.session.add_all(Movie(**film) for film in progress)
    click.echo(f"{len(new)} films loaded, {len(films) - len(new)} were there already.")

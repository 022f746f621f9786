"""Makes the chapters' movies.json again: `python3 -m course.films`.

The films come from Wikidata (CC0-1.0) through the package bokeh-sampledata, which is in
requirements/dev.txt. Of its 17,472 films these are the ones that won an Academy Award, have one
director, and lack nothing.
"""

import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from course.setup.environment import VENV, ensure
from course.setup.foreground import hand_over
from course.spine import ROOT

WINNERS = """
    SELECT Title AS title, Director AS director, Year AS year,
           CAST(Runtime AS INTEGER) AS runtime, imdbID AS imdb_id
    FROM omdb
    WHERE Oscars > 0 AND Director NOT LIKE '%,%' AND Genre <> ''
    ORDER BY year, title
"""


def main():
    python = ensure("dev")
    if Path(sys.prefix) != VENV:
        hand_over([python, "-m", "course.films"], cwd=ROOT)
    films = films_file()
    for path in ROOT.glob("*/cinema/data/movies.json"):
        path.write_bytes(films)
        print(f"{path.relative_to(ROOT)} written")


def films_file():
    """Return the bytes of movies.json: a list with one film on a line."""
    from bokeh_sampledata.movies_data import movie_path  # noqa: PLC0415 (in .venv only)

    with closing(sqlite3.connect(movie_path)) as database:
        database.row_factory = sqlite3.Row
        films = [json.dumps(dict(film), ensure_ascii=False) for film in database.execute(WINNERS)]
    return "[\n{}\n]\n".format(",\n".join(films)).encode()


if __name__ == "__main__":
    main()

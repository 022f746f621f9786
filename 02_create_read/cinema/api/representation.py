"""Builds response bodies: a movie's data, and what only HTTP knows, such as URLs."""

from flask import Response, url_for


def represent_movie(movie):
    """Return a movie (a dictionary) with its URL."""
    return movie | {"url": movie_url(movie["id"])}


def represent_movies(page, query):
    """Return the body of a page of movies (dictionaries), with page, per_page and total."""
    movies = [represent_movie(movie) for movie in page.items]
    return {"movies": movies, "page": query.page, "per_page": query.per_page, "total": page.total}


def as_text(movies):
    """Return a text/plain response with movies (instances), one per line."""
    lines = (" ".join(str(movie).split()) for movie in movies)
    return Response("".join(f"{line}\n" for line in lines), mimetype="text/plain")


def movie_url(movie_id):
    return url_for("movies.get_movie", movie_id=movie_id)

"""How movies look on the wire: what belongs to HTTP, and what the models do not know."""

from flask import Response, url_for


def represent_movie(movie):
    """Add to a movie, given as a dictionary, its URL."""
    return movie | {"url": movie_url(movie["id"])}


def represent_movies(page, query):
    """Say of a page of movies, given as dictionaries, which part of all of them it is."""
    movies = [represent_movie(movie) for movie in page.items]
    return {"movies": movies, "page": query.page, "per_page": query.per_page, "total": page.total}


def as_text(movies):
    """Answer with movies, given as instances, one on a line."""
    lines = (" ".join(str(movie).split()) for movie in movies)
    return Response("".join(f"{line}\n" for line in lines), mimetype="text/plain")


def movie_url(movie_id):
    return url_for("movies.get_movie", movie_id=movie_id)

"""3.b Delete."""

from course.building.promise import HARDENED, Book, needs
from promises.films import MOVIES, at_once, create, film
from promises.watchlists import all_watchlists, name, put_watchlist

book = Book("3b")


@needs("deletes")
def delete(api, url):
    return api.send("DELETE", url).must_be(200, 202, 204)


@book.promise(
    "204 No Content",
    "RFC 9110, 15.3.5",
    "What is there to say when something is gone?",
    "db.session.delete(movie), and return '', 204",
    after=("creates",),
)
def deletes(api):
    """DELETE answers 204 without a body, and the movie is 404 from then on."""
    _, url = create(api)
    answer = api.send("DELETE", url).must_be(204)
    answer.must(not answer.content, "no body")
    api.get(url).must_be_problem(404)


@book.promise(
    "204 No Content", "RFC 9110, 9.2.2", "find_movie says what is not there.", after=("deletes",)
)
def second_delete(api):
    """DELETE of a movie that is gone, or never existed, is 404."""
    _, url = create(api)
    delete(api, url)
    api.send("DELETE", url).must_be_problem(404)
    api.send("DELETE", f"{MOVIES}/987654321").must_be_problem(404)


@book.promise(
    "204 No Content",
    "RFC 9110, 15.5.2",
    "The decorator of POST belongs above this view, too.",
    after=("deletes",),
)
def delete_needs_credentials(api):
    """DELETE without credentials is 401, and the movie stays."""
    _, url = create(api)
    for target in (url, f"{MOVIES}/987654321"):  # whether it is there, too, is told later
        api.send("DELETE", target, who="nobody").must_be_problem(401)
    api.get(url).must_be(200)


@book.promise(
    "If you would like to see it",
    "RFC 7240, 4.2",
    "Prefer: return=representation asks for the movie, a last time.",
    'answer_as_preferred(body, default="minimal")',
    after=("deletes",),
)
def a_last_time(api):
    """DELETE with Prefer: return=representation is 200 with the deleted movie."""
    movie, url = create(api)
    answer = api.send("DELETE", url, headers={"Prefer": "return=representation"}).must_be(200)
    answer.must_have_members({"id": movie["id"], "title": movie["title"]})


@book.promise(
    "An id is never given again",
    "SQLite, Autoincrement",
    "SQLite gives the highest free number to the next row, even if it was used before.",
    '__table_args__ = {"sqlite_autoincrement": True}',
    after=("deletes",),
)
def id_is_not_given_again(api):
    """The id of a deleted movie is never given to another."""
    _, url = create(api)
    delete(api, url)
    _, later = create(api)
    api.last.must(later != url, "another id than that of the movie that is gone")
    api.get(url).must_be_problem(404)


@book.promise(
    "A movie leaves its watchlists",
    "SQLite, Foreign Keys",
    "What happens to an item of a watchlist whose movie is gone?",
    "SQLite enforces foreign keys only if each connection asks for it.",
    'ForeignKey("movie.id", ondelete="CASCADE")',
    "Is there a second copy of the ids, such as one that the list of watchlists reads?",
    after=("deletes", "watchlist_has_movies", "lists_watchlists"),
)
def leaves_watchlists(api):
    """A deleted movie leaves the watchlists, also in their list; the others keep their order."""
    movies = [create(api) for _ in range(3)]
    first, gone, last = (movie["id"] for movie, _ in movies)
    called = name()
    url = put_watchlist(api, movies=[last, gone, first], called=called)
    must_list_movies(api, called, [last, gone, first])
    delete(api, movies[1][1])
    api.get(url).must_be(200).must_have_members({"movies": [last, first]})
    must_list_movies(api, called, [last, first])


def must_list_movies(api, called, movies):
    """Demand these movies of a watchlist where all watchlists are listed."""
    [found] = [each for each in all_watchlists(api) if each["name"] == called] or [{}]
    promised = f'"movies": {movies} of {called}, in the list of watchlists, too'
    api.last.must(found.get("movies") == movies, promised)


@book.promise(
    "Delete a watchlist",
    "RFC 9110, 9.3.5",
    "A view like that of movies.",
    after=("put_creates_watchlist",),
)
def deletes_watchlist(api):
    """DELETE of a watchlist is 204, its movies stay, and its name can be used again."""
    movie, movie_url = create(api)
    called = name()
    url = put_watchlist(api, movies=[movie["id"]], called=called)
    api.send("DELETE", url).must_be(204)
    api.get(url).must_be_problem(404)
    api.send("DELETE", url).must_be_problem(404)
    api.get(movie_url).must_be(200)
    put_watchlist(api, called=called)
    api.get(url).must_be(200).must_have_members({"movies": []})


@book.promise(
    "Delete a watchlist",
    "RFC 9110, 15.5.2",
    "The decorator of the movies' views belongs above this one, too.",
    after=("deletes_watchlist",),
)
def watchlist_stays_for_strangers(api):
    """DELETE of a watchlist without credentials is 401, and the watchlist stays."""
    url = put_watchlist(api)
    api.send("DELETE", url, who="nobody").must_be_problem(401)
    api.get(url).must_be(200)


@book.promise(
    "For hostile clients",
    "RFC 9110, 9.2.2",
    "Is the movie found within writing()?",
    tier=HARDENED,
    after=("deletes",),
)
def deleted_once(api):
    """Of four clients that delete a movie at once, one succeeds, and the others get 404."""
    _, url = create(api)
    statuses = sorted(a.status for a in at_once([lambda: api.send("DELETE", url)] * 4))
    api.last.must(statuses == [204, 404, 404, 404], f"204 once and 404 thrice, not {statuses}")


@book.promise(
    "For hostile clients",
    "RFC 9110, 15.5.6",
    "Nobody deletes a whole list by accident.",
    tier=HARDENED,
    after=("deletes",),
)
def whole_list_stays(api):
    """DELETE of the whole list is 405; the imdb_id of a deleted movie is free again."""
    api.send("DELETE", MOVIES).must_be_problem(405).must_have("Allow")
    movie, url = create(api)
    delete(api, url)
    api.send("POST", MOVIES, json=film(imdb_id=movie["imdb_id"])).must_be(201)

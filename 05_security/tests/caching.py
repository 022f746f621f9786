"""What the tests of 4.b start from: three watchlists, and what has a version."""

from contextlib import contextmanager
from unittest import mock

from cinema.data.models import Movie, Watchlist

from tests import ALICE, BOB, METROPOLIS, REBECCA, ApiTestCase

JSON, JSON_LD, TEXT = "application/json", "application/ld+json", "text/plain"
FRIDAY_NIGHT = "/v1/watchlists/friday-night"
SATURDAY = "/v1/watchlists/saturday"
SECRET = "/v1/watchlists/secret"  # of bob
CHANGES = [  # what may be done to what is there
    ("PUT", REBECCA["url"], {**METROPOLIS, "title": "Rebecca"}),
    ("PATCH", REBECCA["url"], {"runtime": 130}),
    ("DELETE", REBECCA["url"], None),
    ("PUT", FRIDAY_NIGHT, {"title": "Friday", "movies": [2]}),
    ("PATCH", FRIDAY_NIGHT, {"title": "Friday"}),
    ("DELETE", FRIDAY_NIGHT, None),
]


class CachingTestCase(ApiTestCase):
    """Three watchlists: two of alice, which all may see, and one that is bob's own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.versions = [name for name in ("v1", "v2") if name in cls.app.blueprints]  # v2: 4.d
        cls.lists = cls.urls("/movies", "/watchlists")
        cls.entities = cls.urls("/movies/3", "/watchlists/friday-night")
        cls.versioned = cls.lists + cls.entities
        cls.client = cls.app.test_client()
        cls.put(FRIDAY_NIGHT, ALICE, title="Two nights", movies=[1, 3])
        cls.put(SATURDAY, ALICE, title="Saturday", movies=[2])
        cls.put(SECRET, BOB, title="Secret", private=True)
        cls.snapshot = cls.database.serialize()

    @classmethod
    def urls(cls, *paths):
        """Return the URLs of these paths in each version that there is."""
        return [f"/{version}{path}" for version in cls.versions for path in paths]

    @classmethod
    def put(cls, url, headers, **members):
        return cls.client.put(url, json=members, headers=headers)

    def get(self, url, accept=JSON, credentials=None, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.get(url, headers={"Accept": accept} | (credentials or {}) | named)

    def tag(self, url, accept=JSON, credentials=None):
        """Return the ETag of a representation."""
        return self.tag_of(self.get(url, accept, credentials))

    def tag_of(self, response):
        self.assertIn("ETag", response.headers, f"{response.request.path} should have an ETag")
        return response.headers["ETag"]

    def tags(self):
        """Return the ETags of everything that bob may see."""
        return {url: self.tag(url, credentials=BOB) for url in (*self.versioned, SATURDAY, SECRET)}

    def change(self, method, url, body=None, credentials=ALICE, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.open(url, method=method, json=body, headers=credentials | named)


@contextmanager
def nothing_is_shown():
    """Count how often a movie or a watchlist is made ready to be shown; none comes of it."""
    shown = mock.Mock(return_value={})
    with (
        mock.patch.object(Movie, "serialize", shown),
        mock.patch.object(Watchlist, "serialize", shown),
    ):
        yield shown

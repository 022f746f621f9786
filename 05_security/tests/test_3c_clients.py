"""3.c: clients that know JSON-LD and `/`, and not one URL, name or number of ours."""

from cinema.data.database import db, writing
from cinema.data.models import Movie

from tests import METROPOLIS
from tests.test_3c_hypermedia import API, HYDRA, OWN, SCHEMA, WATCHLIST, HypermediaTestCase

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


class HydraClientTest(HypermediaTestCase):
    """What a client made for Hydra, such as alcaeus, looks for from the front door on."""

    def setUp(self):
        super().setUp()
        self.door = self.expand(self.get("/").json)

    def test_documentation_says_which_members_of_the_door_are_links(self):
        documentation = self.expand(self.get("/v1/documentation").json)

        links = {
            link["@id"]: [target["@id"] for target in self.door[link["@id"]]]
            for each in documentation[f"{HYDRA}supportedClass"]
            if each["@id"] in self.door["@type"]
            for known in each[f"{HYDRA}supportedProperty"]
            for link in known[f"{HYDRA}property"]
            if f"{HYDRA}Link" in link.get("@type", [])
        }
        lists = {f"{OWN}{name}": [f"{API}/v1/{name}"] for name in ("movies", "watchlists")}
        self.assertEqual(links, lists)

    def test_door_says_of_which_type_the_members_of_each_collection_are(self):
        collections = self.door.get(f"{HYDRA}collection", [])

        told = {}
        for collection in collections:
            self.assertEqual(collection["@type"], [f"{HYDRA}Collection"])
            (assertion,) = collection[f"{HYDRA}memberAssertion"]
            self.assertEqual(assertion[f"{HYDRA}property"], [{"@id": f"{RDF}type"}])
            told[collection["@id"]] = [kind["@id"] for kind in assertion[f"{HYDRA}object"]]
        movies, watchlists = [f"{SCHEMA}Movie"], [f"{SCHEMA}ItemList"]
        self.assertEqual(told, {f"{API}/v1/movies": movies, f"{API}/v1/watchlists": watchlists})

    def test_what_the_door_says_of_collections_is_true(self):
        for collection in self.door.get(f"{HYDRA}collection", []):
            kinds = collection[f"{HYDRA}memberAssertion"][0][f"{HYDRA}object"]
            with self.subTest(collection=collection["@id"]):
                itself = self.expand(self.get(collection["@id"]).json)

                self.assertEqual(itself["@type"], collection["@type"])
                for member in itself[f"{HYDRA}member"]:
                    self.assertEqual(member["@type"], [kind["@id"] for kind in kinds])


class GenericClientTest(HypermediaTestCase):
    """A client that follows every link."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls.app.app_context(), writing():  # more than a page holds
            db.session.add_all(Movie(**METROPOLIS | {"imdb_id": None}) for _ in range(20))
        cls.snapshot = cls.database.serialize()

    def test_links_lead_from_the_door_to_everything(self):
        things = self.walk(f"{API}/")

        movies = {url for url, types in things.items() if f"{SCHEMA}Movie" in types}
        watchlists = {url for url, types in things.items() if f"{SCHEMA}ItemList" in types}
        self.assertEqual(movies, {f"{API}/v1/movies/{number}" for number in range(1, 24)})
        self.assertEqual(watchlists, {f"{API}{WATCHLIST}"})

    def walk(self, door):
        """Follow every link; return the types of what was found, by its URL."""
        found, ahead = {}, [door]
        while ahead and len(found) < 100:  # the end of patience, should there be no other
            url = ahead.pop()
            if url in found or not url.startswith(API):
                continue
            thing = self.expand(self.get(url).json)
            found[url] = thing["@type"]
            ahead += [node["@id"] for node in nodes(thing) if "@id" in node]
        return found


def nodes(value):
    """Yield all objects in an expanded document, at any depth."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from nodes(each)

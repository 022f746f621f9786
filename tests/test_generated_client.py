"""A client that a program has made of `openapi.yaml` works as it is, and has a function for all."""

import importlib
import ssl
import subprocess
import sys
from base64 import b64encode

import pytest
import requests
import yaml

from course import start

pytest.importorskip("openapi_python_client", reason="requirements/dev.txt is not installed")

pytestmark = pytest.mark.needs_servers

GENERATE = "openapi_python_client generate --meta none"


@pytest.fixture(scope="module", params=["4", "5"])
def api(request):
    with start(request.param) as api:
        yield api


@pytest.fixture(scope="module")
def contract(api):
    return requests.get(f"{api}/openapi.yaml", verify=trusted(api)).text


@pytest.fixture(scope="module")
def package(api, contract, tmp_path_factory):
    """Return the name of a package that holds a client, and the folder of that package."""
    folder = tmp_path_factory.mktemp("generated")
    name = f"cinema_client_{api.chapter.number}"
    file = folder / "openapi.yaml"
    file.write_text(contract, encoding="utf-8")
    made = subprocess.run(
        [sys.executable, "-m", *GENERATE.split(), f"--path={file}", f"--output-path={name}"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        yield name, folder / name


@pytest.fixture
def client(api, package):
    """Return what gives a part of the client, by its name, and alice's way to the API."""
    name, _ = package
    context = ssl.create_default_context(cafile=api.ca) if api.chapter.has_tls else True
    credentials = b64encode(f"alice:{api.password}".encode()).decode()
    alice = importlib.import_module(name).AuthenticatedClient(
        str(api), prefix="Basic", token=credentials, verify_ssl=context
    )
    with alice:
        yield lambda part: importlib.import_module(f"{name}.{part}"), alice


def trusted(api):
    return api.ca if api.chapter.has_tls else True


def test_client_has_a_function_for_each_operation(contract, package):
    _, folder = package

    functions = {file.stem for file in folder.glob("api/*/*.py")} - {"__init__"}

    items = yaml.safe_load(contract)["paths"].values()
    operations = [item[method] for item in items for method in item.keys() - {"parameters"}]
    assert functions == {operation["operationId"] for operation in operations}


def test_client_lists_creates_changes_and_deletes(client):
    part, alice = client
    models = part("models")
    m = models.NewMovie("M", "Fritz Lang", 1931, 117, imdb_id="tt0022100")

    page = part("api.movies.list_movies_v2").sync(client=alice, q="rebecca")
    made = part("api.movies.create_movie_v2").sync(client=alice, body=m)
    patch = models.MoviePatch(year=1932, imdb_id=None)
    changed = part("api.movies.change_movie_v2").sync(made.id, client=alice, body=patch)
    gone = part("api.movies.delete_movie_v2").sync_detailed(made.id, client=alice)

    assert [movie.title for movie in page.movies] == ["Rebecca"]
    assert made.imdb_id == "tt0022100"
    assert (changed.year, changed.imdb_id) == (1932, None)
    assert gone.status_code == 204


def test_client_sends_no_more_than_it_is_told(client):
    part, alice = client
    models = part("models")

    made = part("api.watchlists.put_watchlist_v2").sync(
        "friday", client=alice, body=models.NewWatchlist("For Friday")
    )
    hidden = part("api.watchlists.change_watchlist_v2").sync(
        "friday", client=alice, body=models.WatchlistPatch(movies=None, private=True)
    )

    assert (made.title, made.movies, made.private) == ("For Friday", [], False)
    assert (hidden.title, hidden.movies, hidden.private) == ("For Friday", [], True)


def test_client_knows_a_refusal(client):
    part, alice = client
    models = part("models")

    refused = part("api.movies.create_movie_v2").sync(
        client=alice, body=models.NewMovie("M", "Fritz Lang", 1, 117)
    )

    assert isinstance(refused, models.Problem)
    assert refused.errors.additional_properties == {
        "year": "must be a whole number from 1888 to 2100"
    }

"""Wrong answers: each has one fault, and breaks the promise that names it."""

import shutil
from dataclasses import dataclass

import pytest
from asked_apis import outcomes_of
from course_files import ROOT

from course.building.asking import BROKEN, KEPT, tiers, wanted
from course.building.promise import HARDENED, promises_of

pytestmark = pytest.mark.slow  # starts a server for each

API, DATA = "cinema/api", "cinema/data"


@dataclass(frozen=True)
class Wrong:
    """An edit of chapter 1's or 3's code, and the promise that is broken by it."""

    promise: str
    file: str
    old: str
    new: str
    hardened: bool = False

    @property
    def section(self):
        return self.promise.partition("-")[0]

    @property
    def chapter(self):
        return "01_getting_started" if self.section[0] == "1" else "03_update_delete"


ONE = "cinema.py"
MOVIES, LISTS = f"{API}/movies.py", f"{API}/watchlists.py"
VALIDATION, MODELS, FINDERS = f"{DATA}/validation.py", f"{DATA}/models.py", f"{DATA}/finders.py"
QUERY, PAGES = f"{API}/list_query.py", f"{API}/page_links.py"
HTTP = "cinema/http"
JSON_BODY = f"{HTTP}/json_body.py"

WRONG = (
    Wrong("1a-lists", ONE, '{"movies": [represent', '{"films": [represent'),
    Wrong("1a-one-movie", ONE, "return movie\n", "return MOVIES[0]\n"),
    Wrong("1a-front-door", ONE, '"movies": url_for("list_movies")', '"films": 1'),
    Wrong("1c-members", ONE, '"title", "director", "year", "runtime")', '"title", "director", "year")'),
    Wrong("1c-has-url", ONE, 'movie_id=movie.id)}', "movie_id=1)}"),
    Wrong("1c-same-everywhere", ONE, '"movies": [represent(movie) for', '"movies": [represent(movie) | {"x": 1} for'),
    Wrong("1d-missing-movie", ONE, "NotFound(str(error))", "HTTPException(str(error))"),
    Wrong("1d-unknown-url", ONE, "app.register_error_handler(HTTPException, problem)", ""),
    Wrong("1d-wrong-method", ONE, "    response = error.get_response()\n", "    response = jsonify()\n    response.status_code = error.code\n"),
    Wrong("1d-id-that-is-none", ONE, "str(movie.id) == movie_id", "movie.id == int(movie_id)"),
    Wrong("2a-creates", MOVIES, "(body, 201, {", "(body, 200, {"),
    Wrong("2a-location", MOVIES, '"Location": movie_url(movie.id)', '"Location": movie_url(1)'),
    Wrong("2a-no-key", f"{API}/api_key.py", "if not sends_key():", "if request.authorization is None:"),
    Wrong("2a-no-key", f"{API}/api_key.py", "return hmac.compare_digest(credentials.token.encode(), key.encode())", "return key.startswith(credentials.token)"),
    Wrong("2a-no-key", f"{API}/api_key.py", "www_authenticate=[CHALLENGE]", "www_authenticate=[]"),
    Wrong("2a-key-before-body", MOVIES, '@blueprint.post("")\n@key_required\ndef create_movie():\n', '@blueprint.post("")\ndef create_movie():\n    json_object()["title"]\n    return make()\n\n\n@key_required\ndef make():\n'),
    Wrong("2a-key-before-body", MOVIES, '@blueprint.post("")\n@key_required\ndef create_movie():\n', '@blueprint.post("")\ndef create_movie():\n    json_object()\n    return make()\n\n\n@key_required\ndef make():\n'),
    Wrong("2a-all-at-once", VALIDATION, "                reasons[name] = str(error)\n", "                reasons = {name: str(error)}\n                break\n"),
    Wrong("2a-all-at-once", VALIDATION, "type(value) is not int", "not isinstance(value, int)"),
    Wrong("2a-ranges", MODELS, "YEARS = 1888", "YEARS = 1"),
    Wrong("2a-ranges", VALIDATION, "tt[0-9]{7,8}", "tt[0-9]{3,9}"),
    Wrong("2a-ranges", MODELS, "most=300", "most=3000"),
    Wrong("2a-server-sets-ids", VALIDATION, "one_of(self.MEMBERS, name)", 'one_of((*self.MEMBERS, "id"), name)'),
    Wrong("2a-second-imdb-id", MODELS, "mapped_column(unique=True)", "mapped_column()"),
    Wrong("2a-only-json", f"{HTTP}/json_body.py", "if request.mimetype not in read:", "if False:"),
    Wrong("2a-any-title", MODELS, "return validation.text(value, most=300)", 'return validation.text(value, most=300).encode("ascii", "replace").decode()'),
    Wrong("2b-by-director", FINDERS, "Movie.director == query.director", "Movie.director.contains(query.director)"),
    Wrong("2b-by-year", FINDERS, "Movie.year == query.year", "Movie.year >= query.year"),
    Wrong("2b-by-title", FINDERS, "Movie.title.icontains(query.q, autoescape=True)", "Movie.title.startswith(query.q)"),
    Wrong("2b-percent-is-a-letter", FINDERS, ", autoescape=True", "", hardened=True),
    Wrong("2b-sorts", FINDERS, "(column.desc() if sort.startswith(\"-\") else column)", "column"),
    Wrong("2b-pages", FINDERS, "found.limit(query.per_page)", "found.limit(20)"),
    Wrong("2b-walk-along-next", PAGES, "query.page < last", "query.page < last - 1"),
    Wrong("2b-first-and-last", PAGES, '"last": page_url(query, last)', '"last": page_url(query, last + 1)'),
    Wrong("2b-first-and-last", PAGES, "max(ceil(total / query.per_page), 1)", "total // query.per_page + 1"),
    Wrong("2b-links-ask-the-same", PAGES, "if name in understood}", 'if name in understood - {"q"}}'),
    Wrong("2b-links-ask-the-same", PAGES, "if name in understood}", 'if name in understood - {"year"}}'),
    Wrong("2b-links-ask-the-same", PAGES, '"first": page_url(query, 1)', '"first": f"{request.path}?page=1"'),
    Wrong("2b-at-most-a-hundred", QUERY, "MOST_PER_PAGE = 100", "MOST_PER_PAGE = 1000"),
    Wrong("2b-junk-is-refused", QUERY, "            reasons[name] = str(error)\n", "            pass\n"),
    Wrong("2b-given-twice", QUERY, "if len(given) > 1:", "if False:", hardened=True),
    Wrong("2b-as-text", f"{API}/representation.py", 'mimetype="text/plain"', 'mimetype="text/html"'),
    Wrong("3a-put-is-whole", MOVIES, "        movie.fill(values, id=movie_id, url=movie_url(movie_id))\n    return answer", "        try:\n            movie.fill(values, id=movie_id, url=movie_url(movie_id))\n        except Exception:\n            db.session.commit()\n            raise\n    return answer"),
    Wrong("3a-put-is-whole", VALIDATION, "values = self.DEFAULTS | identity | values", "values = self.members() | identity | values"),
    Wrong("3a-put-creates-no-movie", MOVIES, "        movie = find_movie(movie_id, serialize=False)\n        movie.fill(values", "        movie = db.session.get(Movie, movie_id) or Movie()\n        db.session.add(movie)\n        movie.fill(values"),
    Wrong("3a-put-back", VALIDATION, "    if type(value) is not type(own) or value != own:", "    if False:"),
    Wrong("3a-put-creates-watchlist", LISTS, "created = 201,", "created = 200,"),
    Wrong("3a-watchlist-needs-credentials", LISTS, '@blueprint.patch("/<name>")\n@key_required\n', '@blueprint.patch("/<name>")\n'),
    Wrong("3a-watchlist-has-movies", MODELS, "order_by=\"WatchlistItem.position\"", "order_by=\"WatchlistItem.movie_id\""),
    Wrong("3a-watchlist-movies-are-replaced", MODELS, "all, delete-orphan", "all"),
    Wrong("3a-watchlist-rules", MODELS, "len(set(movie_ids)) < len(movie_ids)", "False"),
    Wrong("3a-lists-watchlists", FINDERS, "watchlists.order_by(Watchlist.name)", "watchlists"),
    Wrong("3a-lists-watchlists", FINDERS, "watchlists.order_by(Watchlist.name)", "watchlists.order_by(Watchlist.title)"),
    Wrong("3a-patch-replaces-a-list", f"{HTTP}/merge_patch.py", "    for name, value in patch.items():\n", '    for name, value in patch.items():\n        if isinstance(value, list):\n            value = merged.get(name, []) + [each for each in value if each not in merged[name]]\n'),
    Wrong("3a-patch-replaces-a-list", LISTS, "    patch = merge_patch_object()\n", '    patch = {name: value for name, value in merge_patch_object().items() if value is not None}\n'),
    Wrong("3a-patch-null", f"{HTTP}/merge_patch.py", "        if value is None:\n            merged.pop(name, None)\n", "        if value is None:\n            pass\n"),
    Wrong("3a-patch-changes", f"{HTTP}/merge_patch.py", "    merged = dict(target) if isinstance(target, dict) else {}\n", '    merged = {**(target or {}), "imdb_id": None} if isinstance(target, dict) else {}\n'),
    Wrong("3a-other-patch", f"{HTTP}/methods.py", '        response.headers["Accept-Patch"] = ACCEPT_PATCH\n', "        pass\n"),
    Wrong("3a-changes-need-credentials", MOVIES, '@blueprint.put("/<id:movie_id>")\n@key_required\n', '@blueprint.put("/<id:movie_id>")\n'),
    Wrong("3a-changes-need-credentials", MOVIES, '@blueprint.patch("/<id:movie_id>")\n@key_required\ndef change_movie(movie_id):\n', '@blueprint.patch("/<id:movie_id>")\ndef change_movie(movie_id):\n    merge_patch_object()\n    return change(movie_id)\n\n\n@key_required\ndef change(movie_id):\n'),
    Wrong("3a-prefer", f"{HTTP}/preferences.py", '(wish or default) == "minimal"', 'default == "minimal"'),
    Wrong("3b-deletes", MOVIES, '        db.session.delete(movie)\n', "        pass\n"),
    Wrong("3b-delete-needs-credentials", MOVIES, '@blueprint.delete("/<id:movie_id>")\n@key_required\n', '@blueprint.delete("/<id:movie_id>")\n'),
    Wrong("3b-watchlist-stays-for-strangers", LISTS, '@blueprint.delete("/<name>")\n@key_required\n', '@blueprint.delete("/<name>")\n'),
    Wrong("3b-leaves-watchlists", MODELS, 'ForeignKey("movie.id", ondelete="CASCADE"), index=True', "index=True"),
    Wrong("3b-leaves-watchlists", LISTS, "def list_watchlists():\n    query = read_page_query(request.args)\n    page = find_watchlists(query)\n", "def list_watchlists(kept={}):\n    query = read_page_query(request.args)\n    page = find_watchlists(query)\n    page.items = [kept.setdefault(each['name'], each) for each in page.items]\n"),
    Wrong("3b-id-is-not-given-again", MODELS, '    __table_args__ = {"sqlite_autoincrement": True}  # an id is never used again\n', ""),
    Wrong("3c-not-acceptable", f"{HTTP}/negotiation.py", "    if chosen is None:\n", "    if chosen is None:\n        return offers[0]\n    if False:\n"),
    Wrong("3c-varies", f"{HTTP}/negotiation.py", 'response.vary.update(("Accept", "Authorization"))', "pass"),
    Wrong("3c-json-ld", f"{API}/hypermedia.py", 'return {"@context": context, **body, ', 'return {"@context": context, **body, "@type": "Film", '),
    Wrong("3c-collection", f"{API}/hypermedia.py", '"member": items', '"items": items'),
    Wrong("3c-collection", f"{API}/hypermedia.py", 'node("Collection", url, {"totalItems"', 'node("Thing", url, {"totalItems"'),
    Wrong("3c-operations", f"{API}/hypermedia.py", "if not sends_key() or", "if"),
    Wrong("3c-operations", f"{API}/vocabulary.py", '    "operation": "hydra:operation",\n', ""),
    Wrong("3c-collection", f"{API}/vocabulary.py", '    "member": "hydra:member",\n', ""),
    Wrong("3c-varies", f"{HTTP}/negotiation.py", '("Accept", "Authorization")', '("Accept",)'),
    Wrong("3c-varies", f"{HTTP}/negotiation.py", "    response.vary.update", "    if response.status_code == 406:\n        return response\n    response.vary.update"),
    Wrong("3c-duration", f"{API}/representation.py", "['runtime']}M\"", "['runtime']}H\""),
    Wrong("3c-duration", f"{API}/vocabulary.py", '{"@id": "schema:duration", "@type"', '{"@id": "schema:timeRequired", "@type"'),
    Wrong("3c-watchlist-in-order", f"{API}/vocabulary.py", '"@container": "@list"', '"@container": "@set"'),
    Wrong("3c-watchlist-in-order", f"{API}/vocabulary.py", '"@container": "@list"} | LINK', '"@container": "@list"}'),
    Wrong("3c-watchlist-in-order", f"{API}/representation.py", 'for movie_id in watchlist["movies"]]', 'for movie_id in sorted(watchlist["movies"])]'),
    Wrong("3c-context", f"{API}/vocabulary.py", '"@container": "@list"', '"@container": ["@list", "@set"]'),
    Wrong("3c-context", f"{API}/vocabulary.py", '    "title": "schema:name",\n', '    "title": "schema:name",\n    "@set": "schema:name",\n'),
    Wrong("3c-offers-what-works", f"{API}/hypermedia.py", "    methods = current_app", '    return [operation(method, expects) for method in ACTIONS]\n    methods = current_app'),
    Wrong("3c-offers-what-works", f"{API}/hypermedia.py", "sorted(set(methods) - READS)]", 'sorted({*methods, "POST"} - READS)]'),
    Wrong("3c-total-items", f"{API}/hypermedia.py", '{"totalItems": total,', '{"totalItems": len(items),'),
    Wrong("3c-total-items", f"{API}/hypermedia.py", '{"totalItems": total, ', "{"),
    Wrong("3c-collection-has-one-id", f"{API}/representation.py", "total, list_url(query), asked_page(query, around), around)", "total, asked_page(query, around), asked_page(query, around), around)"),
    Wrong("3c-collection-has-one-id", PAGES, 'if "page" not in name}', 'if "page" not in name and name != "director"}'),
    Wrong("3c-view-leads-on", f"{API}/hypermedia.py", 'links["previous"] = links.pop("prev", None)', 'links["previous"] = links["first"]'),
    Wrong("3c-view-leads-on", f"{API}/hypermedia.py", 'links["previous"] = links.pop("prev", None)', 'links["previous"], links["next"] = links.get("next"), links.pop("prev", None)'),
    Wrong("3c-view-leads-on", f"{API}/hypermedia.py", 'links["previous"] = links.pop("prev", None)', 'links.pop("prev", None)'),
    Wrong("3c-view-leads-on", f"{API}/hypermedia.py", '"PartialCollectionView", here,', '"PartialCollectionView", url,'),
    Wrong("3c-view-leads-on", f"{API}/hypermedia.py", ', "view": view}', "}"),
    Wrong("2a-all-at-once", VALIDATION, 'isinstance(value, str) and re.fullmatch("tt', 're.fullmatch("tt'),
    Wrong("2a-all-at-once", MODELS, "return validation.text(value, most=300)", "return validation.text(str(value), most=300)"),
    Wrong("2a-all-at-once", MODELS, "validation.whole_number(value, *MINUTES)", "validation.whole_number(int(value) if isinstance(value, str) else value, *MINUTES)"),
    Wrong("2a-all-at-once", MODELS, "        return validation.text(value, most=300)", '        return validation.text(value, most=300) if _name == "title" or not value.isspace() else value'),
    Wrong("2a-ranges", VALIDATION, "{7,8}", "{7,}"),
    Wrong("2a-ranges", VALIDATION, 're.fullmatch("tt', 're.match("tt'),
    Wrong("2a-ranges", VALIDATION, '[0-9]{7,8}", value)', '[0-9]{7,8}", value.lower())'),
    Wrong("2a-ranges", MODELS, "most=300)", 'most=300 if _name == "title" else 3000)'),
    Wrong("2a-only-json", JSON_BODY, "if request.mimetype not in read:", "if not request.is_json:"),
    Wrong("2a-whole-float", JSON_BODY, "value.is_integer() and", 'value.is_integer() and "e" not in written and', hardened=True),
    Wrong("2a-whole-float", MODELS, "validation.whole_number(value, *MINUTES)", "validation.whole_number(int(value) if isinstance(value, float) else value, *MINUTES)", hardened=True),
    Wrong("2a-whole-and-plain", JSON_BODY, 'if request.headers.get("Content-Encoding", "identity").lower() != "identity":', "if False:", hardened=True),
    Wrong("2a-whole-and-plain", JSON_BODY, 'if "Content-Range" in request.headers:', "if False:", hardened=True),
    Wrong("2a-too-large", JSON_BODY, "    if goes_on:", "    if False:", hardened=True),
    Wrong("2a-odd-key", f"{API}/api_key.py", "credentials.token.encode(), key.encode()", "credentials.token, key", hardened=True),
    Wrong("2b-by-title", FINDERS, "movies.where(Movie.title.icontains(", "movies.where((Movie.title + Movie.director).icontains("),
    Wrong("2b-sorts", FINDERS, "getattr(Movie, sort.removeprefix", 'getattr(Movie, "id" if "title" in sort else sort.removeprefix'),
    Wrong("2b-sorts", FINDERS, "getattr(Movie, sort.removeprefix", 'getattr(Movie, "id" if "director" in sort else sort.removeprefix'),
    Wrong("2b-sorts", FINDERS, 'if sort.startswith("-")', 'if sort in ("-year", "-runtime")'),
    Wrong("2b-sorts", QUERY, 'sort: str = "id"', 'sort: str = "title"'),
    Wrong("2b-pages", QUERY, "per_page: int = 20", "per_page: int = 10"),
    Wrong("2b-at-most-a-hundred", QUERY, "MOST_PER_PAGE = 100", "MOST_PER_PAGE = 50"),
    Wrong("2b-junk-is-refused", QUERY, "[1-9][0-9]{0,99}", "[0-9]{1,99}"),
    Wrong("2b-links-ask-the-same", PAGES, "urlencode(question(query) | {'page': number})", "'&'.join(f'{k}={v}' for k, v in (question(query) | {'page': number}).items())"),
    Wrong("2b-given-twice", QUERY, "if len(given) > 1:", 'if len(given) > 1 and name == "page":', hardened=True),
    Wrong("2b-huge-numbers", QUERY, 're.fullmatch("[1-9][0-9]{0,99}", digits)', "digits.isdecimal()", hardened=True),
    Wrong("2b-huge-numbers", QUERY, 'int(digits) if re.fullmatch("[0-9]{4}", digits) else None', "int(digits)", hardened=True),
    Wrong("2b-serialize-is-a-flag", QUERY, 'return one_of(("true", "false"), word) == "true"', 'return word != "false"', hardened=True),
    Wrong("2b-serialize-is-a-flag", MOVIES, "serialize = read_serialize(request.args) and g.media_type != TEXT", "serialize = True", hardened=True),
    Wrong("3a-put-back", MOVIES, "movie.fill(values, id=movie_id, url=movie_url(movie_id))", 'values.pop("url", None)\n        movie.fill(values, id=movie_id)'),
    Wrong("3a-put-creates-watchlist", LISTS, '"Location": watchlist_url(name)', '"Location": "/v1/watchlists"'),
    Wrong("3a-watchlist-rules", VALIDATION, "(-[a-z0-9]+)*", "(-[a-z0-9]+)*-?"),
    Wrong("3a-watchlist-rules", VALIDATION, "[a-z0-9]+(-[a-z0-9]+)*", "[a-z0-9_]+(-[a-z0-9_]+)*"),
    Wrong("3a-watchlist-rules", VALIDATION, "[a-z0-9]+(-[a-z0-9]+)*", "[^\\\\W_A-Z]+(-[^\\\\W_A-Z]+)*"),
    Wrong("3a-watchlist-rules", VALIDATION, "len(value) > 64", "len(value) > 32"),
    Wrong("3a-watchlist-rules", MODELS, "    def check_title(self, _name, value):\n        return validation.text(value, most=300)", "    def check_title(self, _name, value):\n        return str(value)"),
    Wrong("3a-watchlist-rules", LISTS, "        watchlist.fill(values, name=name, url=watchlist_url(name))\n", "        try:\n            watchlist.fill(values, name=name, url=watchlist_url(name))\n        except Exception:\n            db.session.commit()\n            raise\n"),
    Wrong("3a-patch-null", MOVIES, "        apply_patch(movie, patch, id=movie_id, url=movie_url(movie_id))\n", "        try:\n            apply_patch(movie, patch, id=movie_id, url=movie_url(movie_id))\n        except Exception:\n            if None not in patch.values():\n                db.session.commit()\n            raise\n"),
    Wrong("3a-prefer", MOVIES, "        apply_patch(movie, patch, id=movie_id, url=movie_url(movie_id))\n    return answer_as_preferred(represent_movie(movie.serialize()))", "        apply_patch(movie, patch, id=movie_id, url=movie_url(movie_id))\n    return represent_movie(movie.serialize())"),
    Wrong("3a-preference-applied", f"{HTTP}/preferences.py", '        response.headers["Preference-Applied"] = f"return={wish}"\n', "        pass\n", hardened=True),
    Wrong("3a-preference-applied", f"{HTTP}/preferences.py", "201 if response.status_code == 201 else 204", "204", hardened=True),
    Wrong("3a-preference-applied", MOVIES, "url=movie_url(movie_id))\n    return answer_as_preferred(represent_movie(movie.serialize()))", 'url=movie_url(movie_id))\n    return answer_as_preferred(represent_movie(movie.serialize()), default="minimal")', hardened=True),
    Wrong("3a-options-names-patches", f"{HTTP}/methods.py", 'if request.method == "PATCH" or "PATCH" in response.allow:', 'if request.method == "PATCH":', hardened=True),
    Wrong("3a-options-names-patches", MOVIES, "    values = json_object()\n", "    values = merge_patch_object()\n", hardened=True),
    Wrong("3a-contradicts-its-url", f"{HTTP}/merge_patch.py", "    repeated =", "    patch = {name: value for name, value in patch.items() if name not in identity}\n    repeated =", hardened=True),
    Wrong("3a-contradicts-its-url", LISTS, "watchlist.fill(values, name=name,", 'watchlist.fill(values | {"name": name}, name=name,', hardened=True),
    Wrong("3a-contradicts-its-url", VALIDATION, "    if type(value) is not type(own) or value != own:", "    if str(value) != str(own):", hardened=True),
    Wrong("3a-ids-of-movies", MODELS, "type(value) is int and 0 <", "isinstance(value, int) and 0 <", hardened=True),
    Wrong("3a-ids-of-movies", MODELS, " and 0 < value < 2**63", "", hardened=True),
    Wrong("3a-ids-of-movies", MODELS, "not all(is_id(each) for each in movie_ids)", "False", hardened=True),
    Wrong("3a-ids-of-movies", MODELS, "len(movie_ids) > LONGEST_WATCHLIST or ", "", hardened=True),
    Wrong("3a-ids-of-movies", MODELS, "LONGEST_WATCHLIST = 100", "LONGEST_WATCHLIST = 10", hardened=True),
    Wrong("3a-pages-of-watchlists", LISTS, "    page = find_watchlists(query)\n", "    query.page, query.per_page = 1, 10**6\n    page = find_watchlists(query)\n", hardened=True),
    Wrong("3a-pages-of-watchlists", LISTS, ', {"Link": link_header(query, page.total)}', "", hardened=True),
    Wrong("3a-pages-of-watchlists", QUERY, "    return PageQuery(**read(arguments, PAGE_RULES))", "    try:\n        return PageQuery(**read(arguments, PAGE_RULES))\n    except Invalid:\n        return PageQuery()", hardened=True),
    Wrong("3b-delete-needs-credentials", MOVIES, '@blueprint.delete("/<id:movie_id>")\n@key_required\ndef delete_movie(movie_id):\n', '@blueprint.delete("/<id:movie_id>")\ndef delete_movie(movie_id):\n    find_movie(movie_id)\n    db.session.rollback()\n    return remove(movie_id)\n\n\n@key_required\ndef remove(movie_id):\n'),
    Wrong("3b-deletes-watchlist", LISTS, "def delete_watchlist(name):\n", 'def delete_watchlist(name):\n    if db.session.get(Watchlist, name) is None:\n        return "", 204\n    db.session.rollback()\n'),
    Wrong("3c-operations", f"{API}/hypermedia.py", "if not sends_key() or", "if request.authorization is None or"),
    Wrong("3c-operations-elsewhere", f"{API}/hypermedia.py", "sorted(set(methods) - READS)]", 'sorted(set(methods) - READS - {"POST"})]', hardened=True),
    Wrong("3c-operations-elsewhere", f"{API}/hypermedia.py", "if not sends_key() or", 'if not sends_key() and "movies/" in url or', hardened=True),
    Wrong("3c-operations-elsewhere", f"{API}/representation.py", 'return document(describe_watchlist(watchlist), expects="ItemList")', 'return document(describe_watchlist(watchlist), expects="ItemList") | ({"operation": []} if g.media_type == JSON_LD else {})', hardened=True),
    Wrong("3c-door-in-json-ld", f"{API}/entry_point.py", "offer(blueprint, JSON, JSON_LD)", "offer(blueprint, JSON)", hardened=True),
    Wrong("3c-door-in-json-ld", f"{API}/representation.py", 'return node("ItemList", url, watchlist | {"movies": movies})', 'return node("ItemList", url, watchlist | {"movies": movies}) if request.view_args else watchlist | {"url": url}', hardened=True),
    Wrong("3c-text-as-well", MOVIES, ", in_url=text_in_url", "", hardened=True),
    Wrong("3c-text-as-well", MOVIES, "to_readers=(TEXT,), ", "", hardened=True),
    Wrong("3c-text-as-well", MOVIES, "serialize = query.serialize and g.media_type != TEXT", "serialize = query.serialize", hardened=True),
    Wrong("3c-not-done", f"{HTTP}/negotiation.py", '        if request.method == "OPTIONS":', '        if request.method in ("POST", "PUT", "PATCH"):\n            g.media_type = JSON\n            return\n        if request.method == "OPTIONS":', hardened=True),
    Wrong("3c-sent-stays-plain", VALIDATION, "        values = self.DEFAULTS | identity | values", '        values = {name: value for name, value in values.items() if name[0] != "@"}\n        values = self.DEFAULTS | identity | values', hardened=True),
)  # fmt: skip


def ids(wrong):
    return f"{wrong.promise} ({WRONG.index(wrong)})"


@pytest.mark.parametrize("wrong", WRONG, ids=ids)
def test_fault_breaks_the_promise_that_names_it(wrong, tmp_path):
    told = outcomes_with(wrong, tmp_path)

    assert told[wrong.promise].state == BROKEN, f"it should be seen: {states(told)}"
    assert told[wrong.promise].promise.tier == HARDENED or not wrong.hardened


def test_collection_that_is_named_by_the_size_of_its_pages_is_told_what_to_leave_out(tmp_path):
    named_by_size = Wrong(
        "3c-collection-has-one-id", PAGES, 'if "page" not in name}', 'if name != "page"}'
    )

    told = outcomes_with(named_by_size, tmp_path)["3c-collection-has-one-id"]

    assert "without page and per_page" in str(told.broken)


def test_reasons_that_are_only_in_the_detail_are_told_where_they_belong(tmp_path):
    in_detail = Wrong(
        "2a-all-at-once",
        f"{API}/errors.py",
        'BadRequest("Some values are wrong: see errors."), errors=error.reasons',
        "BadRequest(str(error.reasons))",
    )

    told = outcomes_with(in_detail, tmp_path)["2a-all-at-once"]

    assert 'a member "errors" with a reason for each of title' in str(told.broken)


def outcomes_with(wrong, tmp_path):
    """Ask a copy of the chapter that has this fault; return the section's outcomes by name."""
    folder = tmp_path / wrong.chapter
    left_out = shutil.ignore_patterns("instance", "tests", "__pycache__")
    shutil.copytree(ROOT / wrong.chapter, folder, ignore=left_out)
    file = folder / wrong.file
    text = file.read_text(encoding="utf-8")
    assert wrong.old in text, "the fault does not fit: the chapter's code has changed"
    file.write_text(text.replace(wrong.old, wrong.new, 1), encoding="utf-8")

    return outcomes_of(folder, promises_of(wrong.section))


def states(told):
    return {name: outcome.state for name, outcome in told.items() if outcome.state != KEPT}


ANSWERS = sorted((ROOT / "tests" / "answers").glob("*/"))
ALSO_KEPT = {"standard_library": ("4a1", "4b")}  # by whom, with what hostile clients do


@pytest.mark.parametrize("folder", ANSWERS, ids=lambda folder: folder.name)
def test_right_answer_written_otherwise_keeps_what_is_promised(folder):
    promises = wanted("3c", tiers())

    assert states(outcomes_of(folder, promises)) == {}


@pytest.mark.parametrize("name", ALSO_KEPT)
def test_right_answer_written_otherwise_keeps_all_of_later_sections(name):
    promises = [each for section in ALSO_KEPT[name] for each in promises_of(section)]

    assert states(outcomes_of(ROOT / "tests" / "answers" / name, promises)) == {}

"""What the promises about hypermedia look for in JSON-LD: members, pages, operations, durations."""

import re
from urllib.parse import parse_qsl, urlsplit

from promises.films import MOVIES, a_director
from promises.json_ld import (
    HYDRA,
    LD,
    SCHEMA,
    definition,
    elements,
    several,
    url_in,
    value_of,
)

MEMBER = ("member", "hydra:member", "itemListElement", "schema:itemListElement")
METHODS = {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}
AROUND = ("first", "previous", "next", "last")  # Hydra's words for the pages
DURATION = re.compile(
    r"P(?:(?P<days>\d+)D)?(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?"
)
LINKED = ("@id", "@vocab")  # what makes a text the URL of a thing, as @type in a context


def members_of(collection):
    """Return the members of a Collection or ItemList, whose elements may be ListItems."""
    found = next((collection[name] for name in MEMBER if collection.get(name)), [])
    return [each.get("item", each) for each in elements(found)]


def pages_of_a_director(api):
    """Return the three pages of a list of five films: in JSON-LD, in plain JSON, and the films."""
    name, films = a_director(api)

    def read(number):
        url = f"{MOVIES}?director={name.replace(' ', '%20')}&per_page=2&page={number}"
        return api.get(url, LD).must_be(200), api.get(url).must_be(200), films

    return api.once("pages_of_a_director", lambda: [read(number) for number in (1, 2, 3)])


def links_of(answer, view, contexts):
    """Return where a view leads to, by Hydra's words; None where it says nothing."""
    found = {rel: value_of(view, contexts, f"{HYDRA}{rel}") for rel in AROUND}
    urls = {rel: url_in(value) for rel, value in found.items()}
    return {rel: url and answer.leads_to(url) for rel, url in urls.items()}


def same_question(url, other):
    """Tell whether two URLs ask the same, in whatever order; None is none."""
    if not url or not other:
        return not url and not other
    (path, query), (other_path, other_query) = urlsplit(url)[2:4], urlsplit(other)[2:4]
    return path == other_path and sorted(parse_qsl(query)) == sorted(parse_qsl(other_query))


def offered(answer, contexts):
    """Return the methods of the operations that a thing offers."""
    found = value_of(answer.object, contexts, f"{HYDRA}operation", f"{SCHEMA}potentialAction")
    return {text for text in texts_in(found) if text in METHODS}


def texts_in(value):
    """Yield all texts in a JSON value."""
    if isinstance(value, str):
        yield value
    for part in value.values() if isinstance(value, dict) else value or ():
        if not isinstance(value, str):
            yield from texts_in(part)


def minutes_in(value):
    """Return the minutes of a duration, plain or with its type; None if it is none (ISO 8601)."""
    text = value.get("@value") if isinstance(value, dict) else value
    found = DURATION.fullmatch(text) if isinstance(text, str) else None
    if not found or text[-1] in "PT":
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return days * 24 * 60 + hours * 60 + minutes + seconds / 60


def must_be_a_list_of_links(answer, contexts, wanted):
    """Demand a member that has these URLs as links, in an order that JSON-LD keeps."""
    found = [
        (word, each) for word, each in answer.object.items() if urls_of(answer, each) == wanted
    ]
    links = ", ".join(wanted)
    answer.must(
        found, f"links to its movies, in this order: {links}", '"(.*:)?(movies|itemList.*)"'
    )
    word, value = found[0]
    if contexts is None:  # a context that is elsewhere was not read
        return
    told, line = definition(word, contexts), f'"{word}"'
    is_list = "@list" in several(told.get("@container")) or "@list" in value
    positions = [value_of(each, contexts, f"{SCHEMA}position") for each in items_of(value)]
    promised = f'a context in which "{word}" has "@container": "@list": a @set has no order'
    answer.must(is_list or None not in positions, promised, line)
    is_link = told.get("@type") in LINKED or all(isinstance(each, dict) for each in elements(value))
    promised = f'a context in which "{word}" has "@type": "@id": its values are links, not texts'
    answer.must(is_link, promised, line)


def items_of(value):
    """Return the values of a list as dictionaries: what is not one says nothing of itself."""
    return [each if isinstance(each, dict) else {} for each in elements(value)]


def urls_of(answer, value):
    """Return the URLs of a list of things, or of ListItems that have them as their item."""
    things = [
        each.get("item", each) if isinstance(each, dict) else each for each in elements(value)
    ]
    return [answer.leads_to(url) for url in map(url_in, things) if url]

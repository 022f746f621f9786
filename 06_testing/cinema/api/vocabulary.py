"""The API's vocabulary: its JSON-LD context and its Hydra documentation."""

from flask import Blueprint, request, url_for
from werkzeug.exceptions import BadRequest

from ..data.models import Movie, Watchlist
from ..http.negotiation import JSON_LD
from .hypermedia import absolute, node
from .urls import version_url

LINK = {"@type": "@id"}  # the value is a URL
WORD = {"@type": "@vocab"}  # the value is another of these terms
LISTS = ("movies", "watchlists")  # linked by the entry point

WORDS = {
    "schema": "https://schema.org/",
    "hydra": "http://www.w3.org/ns/hydra/core#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "Movie": "schema:Movie",
    "ItemList": "schema:ItemList",
    "title": "schema:name",
    "director": "schema:director",
    "year": {"@id": "schema:datePublished", "@type": "xsd:gYear"},
    "duration": {"@id": "schema:duration", "@type": "schema:Duration"},
    "movies": {"@id": "schema:itemListElement", "@container": "@list"} | LINK,
    "ApiDocumentation": "hydra:ApiDocumentation",
    "entrypoint": {"@id": "hydra:entrypoint"} | LINK,
    "supportedClass": "hydra:supportedClass",
    "Class": "hydra:Class",
    "description": "hydra:description",
    "supportedProperty": "hydra:supportedProperty",
    "SupportedProperty": "hydra:SupportedProperty",
    "property": {"@id": "hydra:property"} | WORD,
    "required": "hydra:required",
    "Resource": "hydra:Resource",
    "Link": "hydra:Link",
    "collection": "hydra:collection",
    "Collection": "hydra:Collection",
    "memberAssertion": "hydra:memberAssertion",
    "object": {"@id": "hydra:object"} | WORD,
    "member": "hydra:member",
    "totalItems": "hydra:totalItems",
    "view": "hydra:view",
    "PartialCollectionView": "hydra:PartialCollectionView",
    "first": {"@id": "hydra:first"} | LINK,
    "previous": {"@id": "hydra:previous"} | LINK,
    "next": {"@id": "hydra:next"} | LINK,
    "last": {"@id": "hydra:last"} | LINK,
    "search": "hydra:search",
    "IriTemplate": "hydra:IriTemplate",
    "template": "hydra:template",
    "mapping": "hydra:mapping",
    "IriTemplateMapping": "hydra:IriTemplateMapping",
    "variable": "hydra:variable",
    "operation": "hydra:operation",
    "Operation": "hydra:Operation",
    "method": "hydra:method",
    "expects": {"@id": "hydra:expects"} | WORD,
}

blueprint = Blueprint("vocabulary", __name__)


@blueprint.get("/context")
def get_context():
    """Return the JSON-LD context: our terms for those of schema.org and Hydra, and our own."""
    entry_point = {"@id": own("EntryPoint"), "@context": dict.fromkeys(LISTS, LINK)}
    context = {"@vocab": own(), **WORDS, "EntryPoint": entry_point}
    return {"@context": context}, {"Content-Type": JSON_LD}


@blueprint.get("/documentation")
def get_documentation():
    """Return the Hydra documentation: our classes, and the properties that a client may send."""
    body = node(
        "ApiDocumentation",
        version_url("vocabulary.get_documentation"),
        {
            "hydra:title": "Cinema",
            "entrypoint": absolute(url_for("entry_point.get_entry_point")),
            "supportedClass": [
                describe_entry_point(),
                describe("Movie", Movie),
                describe("ItemList", Watchlist),
            ],
        },
    )
    return {"@context": absolute(version_url("vocabulary.get_context"))} | body, {
        "Content-Type": JSON_LD
    }


def describe_entry_point():
    """Describe the entry point by its links."""
    links = [supported({"@id": own(name), "@type": "Link"}) for name in LISTS]
    return hydra_class(own("EntryPoint"), "The way in.", links)


def describe(word, model):
    """Describe a class by the members that a client may set; only `name` is given by the URL."""
    required = set(model.MEMBERS) - set(model.DEFAULTS) - {"name"}
    properties = [supported(name, name in required) for name in model.MEMBERS]
    return hydra_class(WORDS[word], model.__doc__, properties)


def hydra_class(url, text, properties):
    return {"@id": url, "@type": "Class", "description": text, "supportedProperty": properties}


def supported(word, required=False):
    return {"@type": "SupportedProperty", "property": word, "required": required}


def own(word=""):
    """Return the URL of a term of our own."""
    return absolute(version_url("vocabulary.get_documentation")) + f"#{word}"


@blueprint.after_app_request
def link_documentation(response):
    """Link every response to the documentation (RFC 8288; Hydra, section 5.1)."""
    if isinstance(request.routing_exception, BadRequest):  # no URL can be built for this Host
        return response
    relation = "http://www.w3.org/ns/hydra/core#apiDocumentation"
    response.headers.add(
        "Link", f'<{version_url("vocabulary.get_documentation")}>; rel="{relation}"'
    )
    return response

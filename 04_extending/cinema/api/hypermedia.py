"""JSON-LD responses, with Hydra operations: what a client can do next."""

from urllib.parse import urljoin, urlsplit

from flask import current_app, g, request

from ..http.negotiation import JSON_LD, READS
from .urls import version_url

ACTIONS = {  # schema.org's types for the methods that write
    "POST": "schema:CreateAction",
    "PUT": "schema:ReplaceAction",
    "PATCH": "schema:UpdateAction",
    "DELETE": "schema:DeleteAction",
}


def document(body, expects, may_change):
    """Add the context and the available operations to a JSON-LD body; leave plain JSON as it is.

    `expects` is the type of resource that the operations take. Without `may_change`, there are
    no operations.
    """
    if g.media_type != JSON_LD:
        return body
    context = version_url("vocabulary.get_context", _external=True)
    possible = operations(body["@id"], expects) if may_change else []
    return {"@context": context, **body, "operation": possible}


def node(types, url, members):
    """Return a JSON-LD node: its @id, its @type, and all members that are not None."""
    known = {name: value for name, value in members.items() if value is not None}
    return {"@id": absolute(url), "@type": types} | known


def collection(items, total, url, here, around):
    """Return a Hydra collection: the list, this page of it, and links to other pages."""
    links = {rel: absolute(page) for rel, page in around.items()}
    links["previous"] = links.pop("prev", None)  # Hydra's name for prev
    view = node("PartialCollectionView", here, links)
    return node("Collection", url, {"totalItems": total, "member": items, "view": view})


def collection_of(type_name, url):
    """Return a Hydra collection without its members: its URL and their type."""
    assertion = {"property": "rdf:type", "object": type_name}
    return node("Collection", url, {"memberAssertion": assertion})


def template(url, variable):
    """Return a URI template with one variable, which the client chooses (RFC 6570)."""
    mapping = {"@type": "IriTemplateMapping", "variable": variable, "property": variable}
    whole = f"{absolute(url)}/{{{variable}}}"
    return {"@type": "IriTemplate", "template": whole, "mapping": [mapping]}


def operations(url, expects):
    """Return the operations that our routes offer at a URL.

    For a resource that was just deleted, there are none.
    """
    if request.method == "DELETE":
        return []
    path = urlsplit(url).path.removeprefix(request.root_path)
    methods = current_app.create_url_adapter(request).allowed_methods(path)
    return [operation(method, expects) for method in sorted(set(methods) - READS)]


def operation(method, expects):
    body = {} if method == "DELETE" else {"expects": expects}
    return {"@type": ["Operation", ACTIONS[method]], "method": method} | body


def absolute(url):
    """Make a URL absolute: JSON-LD is often read away from the server it came from."""
    return urljoin(f"{request.scheme}://{request.host}", url)  # the Host as sent, xn-- too

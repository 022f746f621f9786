"""Answers as JSON-LD, with Hydra's words for what can be done next."""

from urllib.parse import urljoin, urlsplit

from flask import current_app, g, request

from ..http.negotiation import JSON_LD, READS
from .urls import version_url

ACTIONS = {  # schema.org's words for what the other methods do
    "POST": "schema:CreateAction",
    "PUT": "schema:ReplaceAction",
    "PATCH": "schema:UpdateAction",
    "DELETE": "schema:DeleteAction",
}


def document(body, expects, may_change):
    """Complete a description with its context, and with the operations of the moment.

    `expects` is the type of thing that the operations take; who may not change the thing is
    offered none. Plain JSON stays as it is.
    """
    if g.media_type != JSON_LD:
        return body
    context = version_url("vocabulary.get_context", _external=True)
    possible = operations(body["@id"], expects) if may_change else []
    return {"@context": context, **body, "operation": possible}


def node(types, url, members):
    """Describe a thing: which one it is, what it is, and what is known of it."""
    known = {name: value for name, value in members.items() if value is not None}
    return {"@id": absolute(url), "@type": types} | known


def collection(items, total, url, here, around):
    """Describe a list by one of its pages: the list's URL, this page's, and those around it."""
    links = {rel: absolute(page) for rel, page in around.items()}
    links["previous"] = links.pop("prev", None)  # Hydra's word for it
    view = node("PartialCollectionView", here, links)
    return node("Collection", url, {"totalItems": total, "member": items, "view": view})


def collection_of(type_name, url):
    """Describe a list without its members: where it is, and of which type they all are."""
    assertion = {"property": "rdf:type", "object": type_name}
    return node("Collection", url, {"memberAssertion": assertion})


def template(url, variable):
    """Describe URLs that differ in a name which the client chooses (RFC 6570)."""
    mapping = {"@type": "IriTemplateMapping", "variable": variable, "property": variable}
    whole = f"{absolute(url)}/{{{variable}}}"
    return {"@type": "IriTemplate", "template": whole, "mapping": [mapping]}


def operations(url, expects):
    """Return what can be done now with the thing at a URL, as our own routes know it.

    With what was deleted this moment, that is nothing.
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
    """Make a URL whole: JSON-LD is often read far away from where it was served."""
    return urljoin(f"{request.scheme}://{request.host}", url)  # as it was sent, xn-- too

"""A page for each description of an API: `openapi.yaml`, as text that one can read and search."""

import re
from functools import partial

import yaml

from course.site import order, schemas, sources
from course.spine import chapters

METHODS = ("get", "post", "put", "patch", "delete")
LINK = re.compile(r"\[([^]]+)\]\(/[^)]*\)")  # to a page of the API that runs
NO_CREDENTIALS = "none"


def pages():
    """Yield the page of each description, and its source."""
    for chapter in chapters():
        if order.described(chapter):
            name = order.description(chapter)
            description = Description(chapter, yaml.safe_load(sources.read(name)))
            yield order.api_page(chapter), "\n".join(description.lines())


class Description:
    """What `openapi.yaml` says, on its way to a page."""

    def __init__(self, chapter, told):
        self.chapter, self.told = chapter, told
        self.schemas = schemas.Schemas(f"api-{chapter.number}", told["components"]["schemas"])

    def found(self, thing):
        """Return what a reference leads to; all else as it is."""
        while "$ref" in thing:
            _, kind, name = thing["$ref"].rsplit("/", 2)
            thing = self.told["components"][kind][name]
        return thing

    def lines(self):
        document, name = order.api_page(self.chapter), order.description(self.chapter)
        raw = sources.way(document, name)
        yield f"# The API of chapter {self.chapter.number}, described\n"
        yield f"{self.told['info']['summary']} This page shows [openapi.yaml](page:{raw}).\n"
        yield plain(self.told["info"]["description"])
        for tag in self.told["tags"]:
            yield f"\n## {tag['name'].capitalize()}\n\n{tag['description']}\n"
            yield from self.operations(tag["name"])
        yield from self.credentials()
        yield from self.schemas.lines()

    def operations(self, tag):
        for path, item in self.told["paths"].items():
            for method in METHODS:
                if tag in item.get(method, {}).get("tags", ()):
                    yield from self.operation(method, path, item)

    def operation(self, method, path, item):
        operation = item[method]
        old = " · *deprecated*" if operation.get("deprecated") else ""
        yield f"\n### `{method.upper()} {path}`\n\n{operation['summary']}.{old}\n"
        yield plain(operation.get("description", ""))
        yield f"\nCredentials: {', or '.join(map(names, operation['security']))}.\n"
        parameters = [*item.get("parameters", ()), *operation.get("parameters", ())]
        yield from self.parameters(list(map(self.found, parameters)))
        yield from self.body(operation)
        yield from self.responses(operation["responses"])

    def parameters(self, parameters):
        if not parameters:
            return
        yield "| parameter | in | value | |\n|---|---|---|---|"
        for each in parameters:
            value = self.schemas.told(each["schema"])
            needed = " (required)" if each.get("required") and each["in"] != "path" else ""
            said = cell(each.get("description", ""))
            yield f"| `{each['name']}` | {each['in']}{needed} | {value} | {said} |"
        yield ""

    def body(self, operation):
        if "requestBody" not in operation:
            return
        kinds = self.found(operation["requestBody"])["content"]
        yield f"Body: {self.contents(kinds)}\n"
        for content in kinds.values():
            yield from self.examples(content)

    def contents(self, kinds):
        """Return media types, each with its schema."""
        told = {kind: self.schemas.told(content.get("schema")) for kind, content in kinds.items()}
        return ", ".join(f"`{kind}` ({schema})" for kind, schema in told.items())

    def responses(self, responses):
        yield "| status | | body | headers |\n|---|---|---|---|"
        found = {status: self.found(response) for status, response in responses.items()}
        for status, response in found.items():
            content = self.contents(response.get("content", {}))
            headers = ", ".join(f"`{header}`" for header in response.get("headers", ()))
            yield f"| {status} | {cell(response['description'])} | {content} | {headers} |"
        yield ""
        for status, response in found.items():
            if status.startswith("2"):
                for content in response.get("content", {}).values():
                    yield from self.examples(content)

    def examples(self, content):
        if "example" in content:
            yield schemas.example(content["example"])
        for each in map(self.found, content.get("examples", {}).values()):
            if "summary" in each:
                yield f"{plain(each['summary'])}:\n"
            yield schemas.example(each["value"])

    def credentials(self):
        yield "\n## Credentials\n\n| name | how | |\n|---|---|---|"
        for name, scheme in self.told["components"]["securitySchemes"].items():
            how = " ".join(str(scheme[key]) for key in ("type", "in", "scheme") if key in scheme)
            yield f"| {name} | {how} | {cell(scheme['description'])} |"
        yield ""


def names(requirement):
    """Return what must be sent together; scopes that a token needs are told with it."""
    told = [with_scopes(name, scopes) for name, scopes in requirement.items()]
    return " and ".join(told) or NO_CREDENTIALS


def with_scopes(name, scopes):
    return f"{name} ({', '.join(scopes)})" if scopes else name


plain = partial(LINK.sub, r"\1")


def cell(text):
    """Return text as a cell of a table holds it: in one line."""
    return " ".join(plain(text).split()).replace("|", r"\|")

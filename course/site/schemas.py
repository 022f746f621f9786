"""JSON Schema in words: what a value may be, and what an object has."""

import json

RULES = {  # what a schema says of a value, and how it is told
    "format": "{}",
    "minimum": "at least {:,}",
    "maximum": "at most {:,}",
    "minLength": "{} or more characters",
    "maxLength": "{} or fewer characters",
    "minItems": "{} or more",
    "maxItems": "{} or fewer",
    "contentEncoding": "in {}",
}


class Schemas:
    """The named schemas of one description; their headings' labels begin alike."""

    def __init__(self, label, named):
        self.label, self.named = label, named

    def lines(self):
        yield "\n## Schemas\n"
        for name, schema in self.named.items():
            yield f"({self.anchor(name)})=\n### {name}\n"
            yield f"{self.told(schema)}\n"
            yield from self.members(schema)

    def anchor(self, name):
        return f"{self.label}-{name.lower()}"

    def told(self, schema):
        """Return in one line what a value must be."""
        if schema is True or not schema:
            return "anything"
        parts = [self.kind(schema), *rules(schema), *remarks(schema)]
        for several, word in (("allOf", " and "), ("anyOf", " or "), ("oneOf", " or ")):
            if several in schema:
                parts.append(word.join(map(self.told, schema[several])))
        return "; ".join(part for part in parts if part).replace("|", r"\|")

    def kind(self, schema):
        if "$ref" in schema:
            name = schema["$ref"].rsplit("/", 1)[1]
            return f"[{name}](#{self.anchor(name)})"
        if "const" in schema:
            return f"`{json.dumps(schema['const'])}`"
        if "enum" in schema:
            return "one of " + ", ".join(f"`{json.dumps(each)}`" for each in schema["enum"])
        kinds = schema.get("type", "")
        kind = " or ".join(kinds) if isinstance(kinds, list) else kinds
        return f"{kind} of {self.told(schema['items'])}" if "items" in schema else kind

    def members(self, schema):
        if not schema.get("properties"):
            return
        required = schema.get("required", ())
        yield "| member | | value |\n|---|---|---|"
        for name, value in schema["properties"].items():
            needed = "required" if name in required else ""
            yield f"| `{name}` | {needed} | {self.told(value)} |"
        yield ""


def rules(schema):
    return [told.format(schema[rule]) for rule, told in RULES.items() if rule in schema]


def remarks(schema):
    if "pattern" in schema:
        yield f"`{schema['pattern']}`"
    if "default" in schema:
        yield f"default `{json.dumps(schema['default'])}`"
    if schema.get("readOnly"):
        yield "read only"
    if "description" in schema:
        yield " ".join(schema["description"].split()).rstrip(".")


def example(value):
    """Return an example as a block of code: JSON, or text as it is."""
    if isinstance(value, str):
        return f"```text\n{value.rstrip()}\n```\n"
    return f"```json\n{json.dumps(value, indent=2, ensure_ascii=False, default=str)}\n```\n"

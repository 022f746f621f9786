"""What the words of a JSON-LD document mean: as much of JSON-LD's algorithm as a promise needs."""

import re

LD = {"Accept": "application/ld+json"}
HYDRA, SCHEMA = "http://www.w3.org/ns/hydra/core#", "https://schema.org/"
IN_CONTEXT = {"@base", "@direction", "@import", "@language", "@propagate", "@protected"}
IN_CONTEXT |= {"@type", "@version", "@vocab"}
IN_DEFINITION = {"@id", "@reverse", "@container", "@context", "@direction", "@index", "@language"}
IN_DEFINITION |= {"@nest", "@prefix", "@protected", "@type"}
CONTAINERS = {"@graph", "@id", "@index", "@language", "@list", "@set", "@type"}


def several(value):
    """Return the values of a JSON-LD keyword or member as a list: one may stand alone."""
    return value if isinstance(value, list) else [value]


def elements(value):
    """Return the values of a member, also of one that says itself that it is a list or a set."""
    whole = value.get("@list", value.get("@set", value)) if isinstance(value, dict) else value
    return several(whole)


def last_word(iri):
    """Return the last word of an IRI, or of a short form: Movie, of schema:Movie."""
    return re.split("[/#:]", str(iri))[-1]


def kinds_of(value):
    """Return the last words of the types: Movie, of "schema:Movie" or of a whole URL."""
    return {last_word(kind) for kind in several(value.get("@type"))}


def url_in(value):
    """Return the URL that a value is, or has as its @id; None if there is none."""
    url = value.get("@id") if isinstance(value, dict) else value
    return url if isinstance(url, str) else None


def must_mean(api, answer, words, *meanings):
    """Demand that one of the words leads to one of these meanings, by the answer's context.

    A context of another host is not loaded: then nothing is demanded.
    """
    contexts = contexts_of(api, answer)
    if contexts is not None:
        found = {meaning(word, contexts) for word in words}
        promised = f'a "@context" in which a word of this answer means {meanings[0]}'
        answer.must(found & set(meanings), promised, r'^  "@context"')


def value_of(thing, contexts, *meanings):
    """Return the value of the member that has one of these meanings; None if there is none.

    Without contexts, which may be elsewhere, it is the one that is called so.
    """
    if contexts is None:
        names = {last_word(each) for each in meanings}
        found = [value for word, value in thing.items() if last_word(word) in names]
    else:
        found = [value for word, value in thing.items() if meaning(word, contexts) in meanings]
    return found[0] if found else None


def contexts_of(api, answer):
    """Return the contexts that an answer has or names; None if one is elsewhere.

    The context that a type has for its own things is the last of them.
    """
    contexts = []
    for each in several(answer.object.get("@context")):
        if isinstance(each, str):
            if not answer.is_ours(each):
                return None
            loaded = load(api, answer.leads_to(each))
            contexts += several(loaded.object["@context"])
        else:
            contexts.append(each)
    contexts = [each for each in contexts if isinstance(each, dict)]
    types = [definition(kind, contexts) for kind in several(answer.object.get("@type"))]
    return contexts + [each["@context"] for each in types if isinstance(each.get("@context"), dict)]


def load(api, url):
    """Return the answer that has a context: a client reads it once."""
    return api.once(f"context {url}", lambda: api.get(url, LD).must_be(200))


def definition(word, contexts):
    """Return what the contexts say of a word, as a dictionary."""
    told = next((each[word] for each in reversed(contexts) if word in each), None)
    return told if isinstance(told, dict) else {"@id": told} if told else {}


def meaning(word, contexts):
    """Return the IRI that a word stands for (JSON-LD 1.1 API, 5.2), or the word."""
    told = definition(word, contexts).get("@id")
    if told and told != word:
        return meaning(told, contexts)
    prefix, colon, rest = word.partition(":")
    if colon:
        known = next((each[prefix] for each in reversed(contexts) if prefix in each), None)
        whole = known + rest if isinstance(known, str) and not rest.startswith("//") else word
        return whole.replace("http://schema.org/", SCHEMA)  # both are schema.org's own
    vocabulary = next((each["@vocab"] for each in reversed(contexts) if each.get("@vocab")), "")
    return vocabulary.replace("http://schema.org/", SCHEMA) + word


def faults_in(contexts):
    """Yield what a JSON-LD processor refuses in contexts (JSON-LD 1.1, 9.15): words, containers."""
    for context in contexts:
        for word, told in context.items():
            if word.startswith("@") and word not in IN_CONTEXT:
                yield f"{word} is no word of your own"
            if not word.startswith("@") and isinstance(told, dict):
                yield from (f"{word} has {each}" for each in sorted(told.keys() - IN_DEFINITION))
                if not is_container(told.get("@container")):
                    yield f'{word} has "@container": {told["@container"]}'


def is_container(value):
    """Tell whether this may be a @container; @list stands alone, @set may join others."""
    kinds = [] if value is None else several(value)
    known = all(isinstance(each, str) and each in CONTAINERS for each in kinds)
    return known and ("@list" not in kinds or len(kinds) == 1)

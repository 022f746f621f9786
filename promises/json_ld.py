"""What the words of a JSON-LD document mean: as much of JSON-LD's algorithm as a promise needs."""

LD = {"Accept": "application/ld+json"}
HYDRA, SCHEMA = "http://www.w3.org/ns/hydra/core#", "https://schema.org/"


def several(value):
    """Return the values of a JSON-LD keyword or member as a list: one may stand alone."""
    return value if isinstance(value, list) else [value]


def must_mean(api, answer, words, *meanings):
    """Demand that one of the words leads to one of these meanings, by the answer's context.

    A context of another host is not loaded: then nothing is demanded.
    """
    contexts = contexts_of(api, answer)
    if contexts is not None:
        found = {meaning(word, contexts) for word in words}
        promised = f'a "@context" in which a word of this answer means {meanings[0]}'
        answer.must(found & set(meanings), promised, r'^  "@context"')


def contexts_of(api, answer):
    """Return the contexts that an answer has or names; None if one is elsewhere."""
    contexts = []
    for each in several(answer.object.get("@context")):
        if isinstance(each, str):
            if not answer.is_ours(each):
                return None
            loaded = api.get(answer.leads_to(each), LD).must_be(200)
            contexts += several(loaded.object["@context"])
        else:
            contexts.append(each)
    return [each for each in contexts if isinstance(each, dict)]


def meaning(word, contexts):
    """Return the IRI that a word stands for (JSON-LD 1.1 API, 5.2), or the word."""
    told = next((each[word] for each in reversed(contexts) if word in each), None)
    told = told.get("@id") if isinstance(told, dict) else told
    if told and told != word:
        return meaning(told, contexts)
    prefix, colon, rest = word.partition(":")
    if colon:
        known = next((each[prefix] for each in reversed(contexts) if prefix in each), None)
        return known + rest if isinstance(known, str) and not rest.startswith("//") else word
    return next((each["@vocab"] for each in reversed(contexts) if each.get("@vocab")), "") + word

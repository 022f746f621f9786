"""What the promises about hypermedia read in JSON-LD, in each of the forms that mean the same."""

import pytest

from promises.json_ld import HYDRA, SCHEMA, elements, faults_in, meaning, value_of
from promises.linked_data import minutes_in, same_question

CONTEXTS = [{"schema": "http://schema.org/", "hydra": HYDRA, "@vocab": SCHEMA}]


@pytest.mark.parametrize("text", ["PT126M", "PT2H6M", "PT7560S", "P0DT126M", {"@value": "PT126M"}])
def test_duration_in_each_form_is_126_minutes(text):
    assert minutes_in(text) == 126


@pytest.mark.parametrize("text", ["PT126H", "PT126S", "126", 7.5, None, "P", "PT", "P126M", "", {}])
def test_other_duration_is_another_or_none(text):
    assert minutes_in(text) != 126


@pytest.mark.parametrize("word", ["duration", "schema:duration", "https://schema.org/duration"])
def test_word_is_found_by_its_meaning(word):
    assert value_of({"title": "x", word: "PT1M"}, CONTEXTS, f"{SCHEMA}duration") == "PT1M"


def test_word_of_another_meaning_is_not_found():
    assert (
        value_of({"duration": "PT1M"}, [{"@vocab": "https://a.example/"}], f"{SCHEMA}duration")
        is None
    )


def test_context_that_is_elsewhere_leaves_the_name():
    assert value_of({"hydra:view": 1}, None, f"{HYDRA}view") == 1


def test_schema_org_means_the_same_by_http_and_https():
    assert meaning("schema:name", CONTEXTS) == f"{SCHEMA}name"


@pytest.mark.parametrize("value", [["a", "b"], {"@list": ["a", "b"]}, {"@set": ["a", "b"]}])
def test_list_may_be_written_out(value):
    assert elements(value) == ["a", "b"]


@pytest.mark.parametrize(
    "context",
    [
        {"@set": "schema:name"},
        {"movies": {"@id": "schema:itemListElement", "@container": ["@list", "@set"]}},
        {"movies": {"@id": "schema:itemListElement", "@container": "list"}},
        {"movies": {"@id": "schema:itemListElement", "type": "@id"}},
    ],
)
def test_fault_in_a_context_is_seen(context):
    assert len(list(faults_in([context]))) == 1


def test_right_context_has_no_fault():
    movies = {"@id": "schema:itemListElement", "@type": "@id", "@container": ["@list"]}
    names = {"@id": "schema:name", "@container": ["@language", "@set"], "@language": None}
    context = {"@version": 1.1, "@vocab": SCHEMA, "title": "name", "movies": movies, "names": names}

    assert list(faults_in([context])) == []


def test_same_question_is_asked_in_any_order():
    assert same_question("/v1/movies?page=2&q=a+b", "http://127.0.0.1/v1/movies?q=a%20b&page=2")
    assert same_question(None, None)
    assert not same_question("/v1/movies?page=2", "/v1/movies?page=3")
    assert not same_question(None, "/v1/movies?page=3")

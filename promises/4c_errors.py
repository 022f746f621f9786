"""4.c Errors."""

from urllib.parse import unquote

from course.building.promise import HARDENED, Book, needs
from promises.films import MOVIES, create, film
from promises.users import by_basic, by_wrong_password

book = Book("4c")
CODE, MESSAGE = "X-MyAPI-Error-Code", "X-MyAPI-Error-Message"
NOWHERE, NO_MOVIE = "/v1/nowhere", f"{MOVIES}/987654321"
PAGE = {"Accept": "text/html,*/*;q=0.8"}


def code_of(answer):
    """Return an error's code, as the header has it."""
    return answer.must_have(CODE, r"^\d+$", f"a header {CODE} with a number")


@book.promise(
    "Codes and messages in headers",
    "RFC 9457, 3.2",
    "A table of your own: a number for each thing that can go wrong.",
    "All errors leave through one function: it adds the header and the member.",
    'response.headers["X-MyAPI-Error-Code"] = str(code.value)',
)
def error_code(api):
    """An error has a code of ours: a number, in `X-MyAPI-Error-Code` and as "code" in the body."""
    for answer in (
        api.get(NO_MOVIE).must_be_problem(404),
        api.send("POST", MOVIES, json={}).must_be_problem(400, 422),
        api.send("POST", MOVIES, who="nobody", json=film()).must_be_problem(401),
    ):
        code = code_of(answer)
        answer.must(answer.object.get("code") == int(code), f'"code": {code}', '^ *"code"')


@book.promise(
    "Codes and messages in headers",
    "RFC 9457, 3.1",
    "A status is for every client; the code says it more exactly.",
    "No movie and no such URL are both 404: give them different codes.",
    "MOVIE_NOT_FOUND = 41, 404; NOT_FOUND = 40, 404",
    after=("error_code",),
)
def code_is_more_exact(api):
    """Codes tell errors of one status apart: no movie and no URL, no login and a wrong one."""
    for pair in (
        (api.get(NO_MOVIE), api.get(NOWHERE)),
        (
            api.send("POST", MOVIES, who="nobody", json=film()),
            api.send("POST", MOVIES, headers=by_wrong_password(), json=film()),
        ),
    ):
        first, second = map(code_of, pair)
        pair[1].must(first != second, f"another code than {first}", f"(?i)^{CODE}:")


@book.promise(
    "Codes and messages in headers",
    "RFC 9110, 5.5",
    "The message is what `detail` says, for clients that do not read the body.",
    'response.headers["X-MyAPI-Error-Message"] = quote(error.description, safe=READABLE)',
)
def error_message(api):
    """`X-MyAPI-Error-Message` says in one line what `detail` says, in words."""
    answer = api.get(NO_MOVIE).must_be_problem(404)
    told = unquote(answer.must_have(MESSAGE))
    detail = answer.object["detail"]
    answer.must(told == detail, f"{MESSAGE}: {detail}", f"(?i)^{MESSAGE}:")


@book.promise(
    "A page for each error",
    "RFC 9457, 3.1.1",
    "The type of a problem is a URL: where does it lead?",
    "A route /errors/<slug> that says what happened, and what to do.",
    'type: url_for("error_pages.get_code", slug=code.slug, _external=True)',
)
def error_page(api):
    """The `type` of an error is the URL of a page, for people, that names its code."""
    for answer in (api.get(NO_MOVIE), api.send("POST", MOVIES, json={})):
        problem = answer.object
        kind = problem.get("type")
        answer.must(isinstance(kind, str) and "/" in kind, 'a "type" that is a URL', '^ *"type"')
        page = api.get(answer.leads_to(kind), headers=PAGE).must_be(200)
        page.must_have("Content-Type", "^text/html")
        page.must(code_of(answer) in page.text, f"a page that names the code {code_of(answer)}")


@book.promise(
    "A page for each error",
    "RFC 9457, 3.1.1",
    "One page for all codes, made from the same table.",
    after=("error_code",),
)
def all_codes(api):
    """/errors is a page with all codes."""
    page = api.get("/errors", headers=PAGE).must_be(200)
    page.must_have("Content-Type", "^text/html")
    for answer in (
        api.get(NO_MOVIE),
        api.get(NOWHERE),
        api.send("POST", MOVIES, json={}),
        api.send("POST", MOVIES, who="nobody", json=film()),
    ):
        page.must(code_of(answer) in page.text, f"the code {code_of(answer)}")


@book.promise(
    "Status codes",
    "RFC 9110, 9.1 and 15.6.2",
    "405 says that another URL could do it. What if none can?",
    "Before each request: is the method one that you have heard of?",
    "raise NotImplemented of werkzeug.exceptions, in a before_request",
)
def unknown_method(api):
    """A method that no part of the API knows, such as BREW, is 501; one it knows elsewhere, 405."""
    _, url = create(api)
    api.send("BREW", url, who="nobody").must_be_problem(501)
    answer = api.send("POST", url, json=film()).must_be_problem(405)
    answer.must("GET" in answer.allowed, "Allow, with GET in it")


@book.promise(
    "Codes and messages in headers",
    "RFC 9110, 9.3.2",
    "HEAD has no body: that is why the code is in the header as well.",
    after=("error_code",),
)
def head_has_the_code(api):
    """HEAD of an error has the code and the message, and no body."""
    answer = api.send("HEAD", NO_MOVIE).must_be(404)
    answer.must_have(MESSAGE)
    answer.must(code_of(answer) == code_of(api.get(NO_MOVIE)), "the same code as GET")


@book.promise(
    "Codes and messages in headers",
    "RFC 9457, 3",
    "What worked has no error.",
    after=("error_code", "error_message"),
)
def no_code_in_success(api):
    """A response that is not an error has no code and no message."""
    _, url = create(api)
    for answer in (api.get(url), api.get(MOVIES), api.send("POST", MOVIES, json=film())):
        answer.must_not_have(CODE)
        answer.must_not_have(MESSAGE)


# -- for hostile clients -------------------------------------------------------------------------


@needs("error_code")
def errors_of_all_kinds(api):
    """Return answers with different errors."""
    _, url = create(api)
    text = {"Content-Type": "text/plain"}
    return (
        api.get(f"{MOVIES}?page=0"),
        api.send("POST", MOVIES, headers={"Content-Type": "application/json"}, body=b"{"),
        api.send("POST", MOVIES, who="nobody", json=film()),
        api.send("POST", MOVIES, headers=by_basic(api, "member"), json=film()),
        api.get(NOWHERE),
        api.send("DELETE", MOVIES),
        api.get(url, headers={"Accept": "image/png"}),
        api.send("POST", MOVIES, json=film(imdb_id=api.get(url).object["imdb_id"])),
        api.send("DELETE", url, headers={"If-Match": '"old"'}),
        api.send("POST", MOVIES, headers=text, body=b"hello"),
    )


@book.promise(
    "For hostile clients",
    "RFC 9457, 3",
    "An error that leaves by another way looks different.",
    tier=HARDENED,
    after=("error_page",),
)
def one_way_out(api):
    """Each error has all of it: problem, code, message, and a type that leads to a page."""
    for answer in errors_of_all_kinds(api):
        answer.must(400 <= answer.status < 500, "an error of the client: 4xx", r"^HTTP/1\.1 ")
        answer.must_be_problem(answer.status)
        answer.must(answer.object.get("code") == int(code_of(answer)), f"code {code_of(answer)}")
        answer.must_have(MESSAGE)
        api.get(answer.leads_to(answer.object["type"]), headers=PAGE).must_be(200)
        answer.must_have("Cache-Control", "no-store")


@book.promise(
    "Codes and messages in headers",
    "RFC 9110, 5.5; OWASP, HTTP Response Splitting",
    "What if there is a line break in the text of the message?",
    "Percent-encode what is not readable ASCII.",
    tier=HARDENED,
    after=("error_message",),
)
def no_header_slips_in(api):
    """A line break or an é in a URL cannot make a header, and the message stays ASCII."""
    for name in ("x%0D%0ASet-Cookie:%20stolen%3D1", "%C3%A9", "%E6%98%A0%E7%94%BB", "a%00b"):
        answer = api.get(f"/v1/watchlists/{name}").must_be(404, 400)
        answer.must_not_have("Set-Cookie")
        told = answer.must_have(MESSAGE)
        answer.must(told.isascii() and told.isprintable(), "ASCII in one line", f"(?i)^{MESSAGE}:")


@book.promise(
    "A page for each error",
    "RFC 9110, 15.5.5",
    "A request for the page of an unknown code is an error, too.",
    tier=HARDENED,
    after=("error_page",),
)
def no_page_of_nothing(api):
    """There is no page for an error that does not exist: 404, as a problem with a code."""
    answer = api.get("/errors/no-such-error").must_be_problem(404)
    code_of(answer)

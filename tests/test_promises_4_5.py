"""The promises of chapters 4 and 5: who keeps them, and which one names a fault."""

import shutil
from dataclasses import dataclass

import pytest
from asked_apis import outcomes_of

from course.building.progress import BROKEN, KEPT, NOT_ASKED
from course.building.promise import HARDENED, PROMISED, YOUR_TURN, promises_of, sections
from course.spine import find_chapter

pytestmark = pytest.mark.slow

MOST_OTHERS = 4  # promises that a fault may break besides the one that names it
LEFT_OUT = ("tests", "fast", "instance", "__pycache__", "README.md")


@dataclass(frozen=True)
class Variant:
    """A chapter with one thing changed in a file, and the promise that is about that."""

    promise: str
    file: str
    old: str
    new: str

    @property
    def section(self):
        return self.promise.partition("-")[0]


WRONG = (
    Variant(
        "4a1-same-refusal",
        "cinema/users/authentication/basic.py",
        'raise WrongCredentials("There is no user of this name and password.") from None',
        'raise WrongCredentials("Wrong." if name == "alice" else "Who is that?") from None',
    ),
    Variant(
        "4a1-malformed-basic",
        "cinema/users/authentication/basic.py",
        "except (binascii.Error, ValueError):",
        "except binascii.Error:",
    ),
    Variant(
        "4a2-cookie-alone",
        "cinema/users/authentication/cookie.py",
        "        refuse_without_csrf_token(token)",
        "        pass",
    ),
    Variant(
        "4a2-logout",
        "cinema/api/account/session.py",
        '        end_session(session["token"])',
        "        pass",
    ),
    Variant(
        "4a3-altered-body",
        "cinema/users/authentication/signed_request.py",
        "verify_digest(signature, whole_body())",
        "whole_body()",
    ),
    Variant(
        "4a3-sent-again",
        "cinema/users/authentication/signed_request.py",
        "        use_up(signature)\n",
        "",
    ),
    Variant(
        "4a4-scope-narrows",
        "cinema/users/authentication/oauth.py",
        "scope & permissions_behind(claims)",
        "permissions_behind(claims)",
    ),
    Variant(
        "4a4-token-for-another",
        "cinema/users/authentication/oauth.py",
        'aud={"essential": True, "value": current_app.config["AUDIENCE"]}',
        'aud={"essential": False}',
    ),
    Variant(
        "4b-not-modified",
        "cinema/http/conditional.py",
        "if request.if_none_match.contains_weak(g.etag):",
        "if False:",
    ),
    Variant(
        "4b-lost-update",
        "cinema/http/conditional.py",
        "if conditional and not matches(",
        "if False and not matches(",
    ),
    Variant(
        "4b-private-answers",
        "cinema/http/caching.py",
        'return "private, no-cache" if',
        'return "public, max-age=5" if',
    ),
    Variant(
        "4b-vary",
        "cinema/http/negotiation.py",
        '"Authorization", "Cookie", "Signature-Input"))',
        '"Authorization", "Signature-Input"))',
    ),
    Variant(
        "4c-code-is-more-exact",
        "cinema/api/errors.py",
        "not_found(ErrorCode.MOVIE_NOT_FOUND)",
        "not_found(ErrorCode.NOT_FOUND)",
    ),
    Variant(
        "4c-unknown-method",
        "cinema/http/methods.py",
        'if request.environ["REQUEST_METHOD"] not in KNOWN:',
        "if False:",
    ),
    Variant(
        "4d-private-list",
        "cinema/data/finders.py",
        "or_(Watchlist.private.is_(False), Watchlist.owner == reader)",
        "or_(Watchlist.private.is_(False), Watchlist.private)",
    ),
    Variant(
        "4d-key-with-another-body",
        "cinema/http/idempotency.py",
        "if kept.fingerprint != fingerprint():",
        "if False:",
    ),
    Variant(
        "4a1-wrong-password",
        "cinema/users/authentication/__init__.py",
        "    if any(field in request.headers for field in PROOFS):",
        "    if request.url_rule and any(field in request.headers for field in PROOFS):",
    ),
    Variant(
        "4a2-cookie-alone",
        "cinema/users/authentication/cookie.py",
        "if request.method not in SAFE_METHODS:",
        'if request.method not in {*SAFE_METHODS, "DELETE", "PATCH"}:',
    ),
    Variant(
        "4a2-cookie-alone",
        "cinema/users/authentication/cookie.py",
        "if not hmac.compare_digest(sent.encode(), csrf_token(token).encode()):",
        "if not sent or not csrf_token(token).startswith(sent):",
    ),
    Variant(
        "4a2-logout",
        "cinema/api/account/session.py",
        "    current_login()  # checks the CSRF token\n",
        "",
    ),
    Variant(
        "4a2-cookie-writes",
        "cinema/users/authentication/cookie.py",
        "return login_of(found.user)",
        'return login_of(found.user.query.filter_by(name="alice").one())',
    ),
    Variant(
        "4a2-csrf-token-of-another",
        "cinema/users/authentication/cookie.py",
        "compare_digest(sent.encode(), csrf_token(token).encode())",
        "compare_digest(sent, csrf_token(token))",
    ),
    Variant(
        "4a2-login-of-two-texts",
        "cinema/api/account/session.py",
        'texts(json_object(), "name", "password")',
        'map(json_object().get, ("name", "password"))',
    ),
    Variant(
        "4a2-login-of-two-texts",
        "cinema/data/validation.py",
        "for name in values.keys() - set(names)}",
        "for name in ()}",
    ),
    Variant(
        "4a3-gets-key",
        "cinema/api/account/signing_key.py",
        '@blueprint.post("")\n@login_required\n',
        '@blueprint.post("")\n',
    ),
    Variant(
        "4a3-signed-request",
        "cinema/users/authentication/signed_request.py",
        "        login = login_of(user)\n",
        '        login = login_of(find_user("alice"))\n',
    ),
    Variant(
        "4a3-old-signature", "cinema/http/signatures/message.py", "WINDOW = 300", "WINDOW = 3000"
    ),
    Variant("4a3-old-signature", "cinema/http/signatures/message.py", "SKEW = 30", "SKEW = 3000"),
    Variant(
        "4a3-old-signature",
        "cinema/users/authentication/__init__.py",
        'PROOFS = {*FIELDS} - {"Cookie"}',
        'PROOFS = {"Authorization"}',
    ),
    Variant(
        "4a3-nonce-again",
        "cinema/users/authentication/signed_request.py",
        "nonce=signature.nonce, created",
        'nonce=f"{signature.created}{signature.nonce}", created',
    ),
    Variant(
        "4a3-says-what-to-sign",
        "cinema/users/authentication/signed_request.py",
        "nonce=secrets.token_urlsafe(16)",
        'nonce="once"',
    ),
    Variant(
        "4b-watchlist-etag",
        "cinema/data/revisions.py",
        "            changed += watchlists_with(session, movie)",
        "            pass",
    ),
    Variant(
        "4b-lost-update-of-a-list",
        "cinema/api/watchlists.py",
        "        check_preconditions(watchlist)\n        identity",
        "        identity",
    ),
    Variant(
        "4b-lost-update-of-a-list",
        "cinema/api/watchlists.py",
        "        check_preconditions(watchlist)\n        body",
        "        body",
    ),
    Variant(
        "4b-new-etag",
        "cinema/api/movies.py",
        'return answer_as_preferred((body, {"ETag": quoted_etag(movie)}))',
        'return answer_as_preferred((body, {"ETag": f\'"{movie.version - 1}-json"\'}))',
    ),
    Variant(
        "4b-new-etag",
        "cinema/api/movies.py",
        "url=movie_url(movie_id))\n"
        "    return answer_as_preferred(represent_movie(movie.serialize()))",
        "url=movie_url(movie_id))\n    body = represent_movie(movie.serialize())\n"
        '    return answer_as_preferred((body, {"ETag": quoted_etag(movie)}))',
    ),
    Variant(
        "4b-list-etag",
        "cinema/api/lists/by_page.py",
        "@asked(read_movie_query)\n@versioned(lambda: revision_of(Movie))\n@cached\n",
        "@versioned(lambda: revision_of(Movie))\n@asked(read_movie_query)\n@cached\n",
    ),
    Variant(
        "4b-etag-of-each-form",
        "cinema/http/conditional.py",
        "(str(version), way, viewer)))",
        "(str(version), way)))",
    ),
    Variant(
        "4d-old-version-says-so",
        "cinema/http/deprecation.py",
        "        if end :=",
        "        if response.status_code >= 400:\n            return response\n        if end :=",
    ),
    Variant(
        "4d-cursor-keeps-its-order",
        "cinema/api/page_links.py",
        "for name, value in request.args.items() if name in understood}",
        'for name, value in request.args.items() if name in understood - {"year"}}',
    ),
    Variant(
        "4d-cursor-pages",
        "cinema/api/list_query.py",
        'return {rel: {"cursor": cursor} | size for',
        'return {rel: {"cursor": cursor, "per_page": None} for',
    ),
    Variant(
        "4d-private-list",
        "cinema/data/finders.py",
        "    return find_page(visible_to(reader).order_by(Watchlist.name), query, serialize)",
        "    shown = find_page(visible_to(reader).order_by(Watchlist.name), query, serialize)\n"
        "    shown.total = db.session.scalar(select(func.count(Watchlist.name)))\n"
        "    return shown",
    ),
    Variant(
        "4d-retried-post",
        "cinema/http/idempotency.py",
        "    response.headers = Headers(kept.headers)\n",
        '    response.content_type = "application/json"\n',
    ),
    Variant(
        "5a-plain-password-is-refused",
        "cinema/http/tls/https.py",
        " or has_credentials() or has_body()",
        " or has_body()",
    ),
    Variant(
        "5b-token-makes-no-token",
        "cinema/users/permissions.py",
        "if login.delegated:",
        "if False:",
    ),
    Variant(
        "5b-revoked-token",
        "cinema/api/account/tokens.py",
        "        revoke_token(token_id)",
        "        pass",
    ),
    Variant(
        "5c-two-cookies",
        "cinema/users/authentication/cookie.py",
        "(self.get_cookie_name(app))) > 1:",
        "(self.get_cookie_name(app))) > 9:",
    ),
    Variant(
        "5c-other-scheme",
        "cinema/users/authentication/cookie.py",
        "origin != ours:",
        'origin.partition("//")[2] != request.host:',
    ),
    Variant(
        "5d1-whole-password",
        "cinema/users/password_hashes.py",
        'return unicodedata.normalize("NFC", password)',
        'return unicodedata.normalize("NFC", password)[:72]',
    ),
    Variant(
        "5d1-ends-sessions",
        "cinema/users/passwords.py",
        "        end_sessions_of(name, but)\n",
        "",
    ),
    Variant(
        "5d2-hashes-live-apart",
        "cinema/users/passwords.py",
        "            raise WrongPassword\n    return login",
        "            raise WrongPassword\n"
        "    from ..data.revisions import Revision\n"
        "    from .password_hashes import hash_password\n\n"
        "    with writing():\n"
        "        db.session.merge(Revision(kind=hash_password(password), number=0))\n"
        "    return login",
    ),
    Variant(
        "5d2-service-refuses-strangers",
        "auth_service/secret.py",
        "if request.endpoint != OPEN and not",
        "if False and not",
    ),
)
TASKS_DONE = (  # "Your turn" tasks that change the API: the chapters leave them to the learner
    Variant(
        "4a3-prefer-is-signed",
        "cinema/http/signatures/message.py",
        '"if-match", "idempotency-key")',
        '"if-match", "idempotency-key", "prefer")',
    ),
    Variant(
        "5b-days-left",
        "cinema/api/account/tokens.py",
        '        "ending": known.ending,\n',
        '        "ending": known.ending,\n'
        '        "days_left": (known.expires - known.created).days,\n',
    ),
)
LEFT_TO_THE_LEARNER = {"4a3-prefer-is-signed", "4d-third-version", "5b-days-left"}


def promises(chapter, tiers=(PROMISED, HARDENED, YOUR_TURN), up_to=False):
    """Return the promises of a chapter, or of all up to it."""
    numbers = range(1, chapter + 1) if up_to else (chapter,)
    found = [each for section in sections() for each in promises_of(section)]
    return [each for each in found if int(each.section[0]) in numbers and each.tier in tiers]


def ask(folder, asked):
    """Start the API in a folder; return the state of each promise, by its name."""
    return {name: outcome.state for name, outcome in outcomes_of(folder, asked).items()}


def folder_of(chapter):
    return find_chapter(chapter).folder


def ask_variant(variant, tmp_path):
    """Make a copy of the chapter with the change; ask for the promises of the section."""
    folder = tmp_path / "api"
    original = folder_of(variant.section[0])
    shutil.copytree(original, folder, ignore=shutil.ignore_patterns(*LEFT_OUT))
    text = (folder / variant.file).read_text(encoding="utf-8")
    assert text.count(variant.old) == 1, f"{variant.file} has another text now: mend this table"
    changed = text.replace(variant.old, variant.new)
    (folder / variant.file).write_text(changed, encoding="utf-8")
    return ask(folder, promises_of(variant.section))


def named(variant):
    known = [each for each in WRONG if each.promise == variant.promise]
    return f"{variant.promise} ({known.index(variant)})" if len(known) > 1 else variant.promise


@pytest.mark.parametrize("chapter", [4, 5])
def test_chapter_keeps_all_promises_up_to_its_own(chapter):
    states = ask(folder_of(chapter), promises(chapter, (PROMISED, HARDENED), up_to=True))

    assert {name: state for name, state in states.items() if state != KEPT} == {}


@pytest.mark.parametrize("chapter", [4, 5])
def test_chapter_leaves_to_the_learner_what_changes_the_api(chapter):
    states = ask(folder_of(chapter), promises(chapter))

    tasks = [each.name for each in promises(chapter, (YOUR_TURN,))]
    assert {name for name in tasks if states[name] != KEPT} == LEFT_TO_THE_LEARNER & set(tasks)


@pytest.mark.parametrize("chapter", [4, 5])
def test_chapter_before_keeps_nothing_of_what_is_new(chapter):
    states = ask(folder_of(chapter - 1), promises(chapter, up_to=True))

    new = {each.name for each in promises(chapter)}
    assert {name for name in new if states[name] in (KEPT, NOT_ASKED)} == set()


@pytest.mark.parametrize("variant", WRONG, ids=named)
def test_fault_breaks_the_promise_that_names_it_and_few_others(variant, tmp_path):
    states = ask_variant(variant, tmp_path)

    broken = {name for name, state in states.items() if state == BROKEN} - LEFT_TO_THE_LEARNER
    assert variant.promise in broken
    assert len(broken) <= 1 + MOST_OTHERS, broken


@pytest.mark.parametrize("variant", TASKS_DONE, ids=named)
def test_task_that_is_done_is_kept(variant, tmp_path):
    states = ask_variant(variant, tmp_path)

    assert states[variant.promise] == KEPT

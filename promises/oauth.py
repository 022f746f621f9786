"""What the promises about the authorization server begin with: a dance of browser and program."""

import hashlib
import re
import secrets
from base64 import urlsafe_b64encode
from html import unescape
from urllib.parse import parse_qs, urlencode, urlsplit

from course.building.promise import needs
from course.building.wire import Broken, basic
from promises.users import cookies_of, credentials

PROVIDER = "authorization_server"
CALLBACK = "http://127.0.0.1:8204/callback"  # of the client movie-night, as `seed` registers it
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@needs("token_of_bob")
def provider(api):
    """Start the authorization server; return its URL."""
    return api.control.companion(PROVIDER)


def give_token(api, form, **headers):
    body = urlencode(form).encode()
    url = f"{provider(api)}/token"
    return api.send("POST", url, who="nobody", headers=FORM | headers, body=body)


def as_robot(api):
    return {"Authorization": basic("cinema-robot", api.control.robot_secret)}


def tokens_of_bob(api):
    """Let Bob allow a program to keep his watchlists; return the tokens that it gets."""
    verifier = secrets.token_urlsafe(48)
    return trade(api, code_of_bob(api, verifier), verifier).must_be(200).object


def refresh(api, token):
    form = {"grant_type": "refresh_token", "client_id": "movie-night", "refresh_token": token}
    return give_token(api, form)


def authorize_url(api, verifier, **changes):
    challenge = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    asked = {
        "response_type": "code",
        "client_id": "movie-night",
        "redirect_uri": CALLBACK,
        "scope": "watchlists:read watchlists:write",
        "state": "a-state",
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    } | changes
    asked = {name: value for name, value in asked.items() if value is not None}
    return f"{provider(api)}/authorize?{urlencode(asked)}"


def code_of_bob(api, verifier):
    """Log in as Bob at the authorization server, allow it, and return the code."""
    url = authorize_url(api, verifier)
    name, password = credentials(api, "member")
    page = api.get(url).must_be(200)
    cookies = browser_cookies(page)
    page = submit(api, page, cookies, {"name": name, "password": password})
    page = api.get(page.leads_to(page.must_be(302, 303).must_have("Location")), headers=cookies)
    cookies = cookies | browser_cookies(page)
    page = submit(api, page.must_be(200), cookies, {"decision": "allow"}).must_be(302, 303)
    sent = parse_qs(urlsplit(page.must_have("Location")).query)
    page.must(sent.get("state") == ["a-state"] and "code" in sent, "a code, and the state")
    return sent["code"][0]


def submit(api, page, cookies, values):
    """Send the form of a page; note the cookies that come back."""
    action = re.search(r'action="([^"]+)"', page.text)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    if not action or not token:
        raise Broken("a form with a csrf_token", page.exchange)
    body = urlencode({"csrf_token": token[1]} | values).encode()
    url = page.leads_to(unescape(action[1]))
    answer = api.send("POST", url, who="nobody", headers=FORM | cookies, body=body)
    cookies.update(browser_cookies(answer))
    return answer


def browser_cookies(answer):
    """Return what a browser sends after an answer that sets cookies."""
    kept = [f"{each.key}={each.coded_value}" for each in cookies_of(answer).values()]
    return {"Cookie": "; ".join(kept)} if kept else {}


def trade(api, code, verifier):
    form = {
        "grant_type": "authorization_code",
        "client_id": "movie-night",
        "redirect_uri": CALLBACK,
        "code": code,
        "code_verifier": verifier,
    }
    return give_token(api, form)

"""The network of a browser's Python: `requests` reaches the applications that run here, only."""

import io
import sys
from types import SimpleNamespace
from urllib.parse import urlsplit

from requests import ConnectionError as NothingThere
from requests.adapters import HTTPAdapter
from urllib3 import HTTPHeaderDict, HTTPResponse

from course.browser.inside.wsgi import Request

listening = {}  # "127.0.0.1:8001" -> the Application that answers there


def listen(url, application):
    listening[urlsplit(url).netloc] = application


def hang_up(url, application):
    """Let nothing answer there any more, unless another application does by now."""
    if listening.get(urlsplit(url).netloc) is application:
        del listening[urlsplit(url).netloc]


def send(adapter, request, stream=False, timeout=None, verify=True, cert=None, proxies=None):
    """Do what HTTPAdapter.send does, by a call of the application at that address."""
    place = urlsplit(request.url)
    application = listening.get(place.netloc)
    if application is None:
        raise NothingThere(f"In a browser, nothing listens at {request.url}", request=request)
    body = request.body or b""
    asked = Request(
        request.method,
        f"{place.scheme}://{place.netloc}",
        request.path_url,
        list(request.headers.items()),
        body.encode() if isinstance(body, str) else body,
    )
    return adapter.build_response(request, for_requests(application.respond(asked), request))


def for_requests(response, request):
    """Return a Response as urllib3 hands it to `requests`."""
    return HTTPResponse(
        io.BytesIO(response.content),
        HTTPHeaderDict(response.headers.items()),
        response.status,
        11,  # HTTP/1.1
        "HTTP/1.1",
        response.reason,
        preload_content=False,
        decode_content=True,
        original_response=SimpleNamespace(msg=response.headers, isclosed=lambda: True),
        request_method=request.method,
    )


if sys.platform == "emscripten":
    HTTPAdapter.send = send

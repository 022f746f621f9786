"""The API description: `openapi.yaml` for programs, Swagger UI for people."""

from importlib.resources import files
from pathlib import Path

from flask import Blueprint, Response, current_app, render_template, request, send_file, url_for

HERE = Path(__file__).parent
DESCRIPTION = HERE.joinpath("openapi.yaml").read_text(encoding="utf-8")
API, AUTHORIZATION_SERVER = "http://127.0.0.1:8004", "http://127.0.0.1:8104"  # as in openapi.yaml
NOTHING_OF_OTHERS = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

blueprint = Blueprint(
    "api_description",
    __name__,
    template_folder="templates",
    static_folder=files("flask_swagger_ui") / "dist",  # bundled: nothing comes from another host
    static_url_path="/docs/swagger-ui",
)


@blueprint.get("/openapi.yaml")
def get_description():
    """Return openapi.yaml (RFC 9512) with the URLs of the running servers."""
    authorization_server = current_app.config["AUTHORIZATION_SERVER_URL"].rstrip("/")
    described = DESCRIPTION.replace(AUTHORIZATION_SERVER, authorization_server)
    described = described.replace(API, f"{request.scheme}://{request.host}{request.root_path}")
    response = Response(described, mimetype="application/yaml")
    response.add_etag()
    return response.make_conditional(request)


@blueprint.get("/docs")
def get_page():
    return render_template("docs.html"), {"Content-Security-Policy": NOTHING_OF_OTHERS}


@blueprint.get("/docs/docs.js")
def get_script():
    return send_file(HERE / "static" / "docs.js")


@blueprint.after_request
def leave_to_others(response):
    """Remove what Flask adds to files: the server sets Date, and `caching` Cache-Control."""
    del response.headers["Date"], response.headers["Cache-Control"]
    return response


def link_description():
    """Return a Link header value with the description and its page (RFC 8631)."""
    description = url_for("api_description.get_description")
    page = url_for("api_description.get_page")
    return f'<{description}>; rel="service-desc", <{page}>; rel="service-doc"'

"""Headers of all responses: no caching, framing, type guessing or referrers."""

FIELDS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",  # tells other sites nothing about our URLs
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",  # for browsers that do not know frame-ancestors
}


def init_app(app):
    @app.after_request
    def add_fields(response):
        for name, value in FIELDS.items():
            response.headers.setdefault(name, value)
        return response


def restrict(response, form_action):
    """Add a policy to a page: our style sheet, no scripts, forms only to these targets."""
    response.content_security_policy.default_src = "'none'"
    response.content_security_policy.style_src = "'self'"
    response.content_security_policy.base_uri = "'none'"
    response.content_security_policy.form_action = form_action
    response.content_security_policy.frame_ancestors = "'none'"
    return response

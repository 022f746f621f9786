"""The captions of the list of pages: headings, whose level screen readers want to know."""

AFTER_THE_THEME = 600  # it makes the list in an event of its own, at 500
CAPTION = 'role="heading"'


def add_levels(app, page, template, context, doctree):
    context["furo_navigation_tree"] = context["furo_navigation_tree"].replace(
        CAPTION, f'{CAPTION} aria-level="2"'
    )


def setup(app):
    app.connect("html-page-context", add_levels, priority=AFTER_THE_THEME)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

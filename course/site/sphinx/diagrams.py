"""Mermaid diagrams, drawn in the reader's browser, in its colours."""

import html

from docutils import nodes
from docutils.parsers.rst import Directive

SCRIPTS = ("mermaid.tiny.js", "diagrams.js")


class Mermaid(Directive):
    """A block of Mermaid: the page keeps its text, which can be read without a script, too."""

    has_content = True

    def run(self):
        text = html.escape("\n".join(self.content))
        return [nodes.raw("", f'<pre class="mermaid">{text}</pre>', format="html")]


def add_scripts(app, page, template, context, doctree):
    """Load the library only where there is a diagram: it is large."""
    if 'class="mermaid"' in context.get("body", ""):
        for script in SCRIPTS:
            app.add_js_file(script)


def setup(app):
    app.add_directive("mermaid", Mermaid)
    app.connect("html-page-context", add_scripts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""Writes text, code and what code printed as HTML."""

import html
import re

import mistune
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

LIGHT, DARK = "xcode", "monokai"  # Pygments' styles; each is legible on the ground of deck.css
NOTEBOOK = re.compile(r"^(\w+)\.ipynb(?=$|#)")


class Renderer(mistune.HTMLRenderer):
    """Markdown as a slide shows it: code in colours, diagrams left to Mermaid."""

    def block_code(self, code, info=None):
        if info == "mermaid":
            return f'<div class="diagram"><pre class="mermaid">{html.escape(code)}</pre></div>\n'
        return f"<pre>{coloured(code, info or 'text')}</pre>\n"

    def link(self, text, url, title=None):
        return super().link(text, NOTEBOOK.sub(r"\1.html", url), title)


to_html = mistune.create_markdown(escape=False, renderer=Renderer(escape=False), plugins=["table"])


def coloured(code, language):
    try:
        lexer = get_lexer_by_name(language, stripnl=False)
    except ClassNotFound:
        lexer = get_lexer_by_name("text")
    return f"<code>{highlight(code.rstrip(), lexer, HtmlFormatter(nowrap=True)).rstrip()}</code>"


def styles():
    """Return the style sheet of the colours, for both themes."""
    light = HtmlFormatter(style=LIGHT).get_style_defs("pre")
    dark = HtmlFormatter(style=DARK).get_style_defs('[data-theme="dark"] pre')
    return "\n".join(rule for rule in f"{light}\n{dark}".splitlines() if "pre ." in rule)

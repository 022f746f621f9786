"""Sphinx: pages of the sources that `course.site.staging` lays out."""

from course.site.sphinx import diagrams, headings

project = "Building web APIs with Flask"
author = ""
extensions = ["myst_nb", diagrams.__name__, headings.__name__]
root_doc = "index"
templates_path = ["templates"]

myst_heading_anchors = 4
myst_enable_extensions = ["attrs_block"]
myst_fence_as_directive = ["mermaid"]
myst_url_schemes = {
    **dict.fromkeys(["http", "https"]),
    "page": {"url": "{{path}}", "classes": ["to-page"]},  # another page of the site
}
nb_execution_mode = "off"  # what is shown is what was committed
nb_merge_streams = True
suppress_warnings = ["misc.highlighting_failure"]  # a part of a file need not be Python

html_theme = "furo"
html_title = project
html_static_path = ["static"]
html_favicon = "static/favicon.svg"
html_use_index = False
html_css_files = ["site.css"]
html_js_files = ["copy.js", "scrolling.js"]
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
html_theme_options = {"navigation_with_keys": True}
pygments_style, pygments_dark_style = "a11y-high-contrast-light", "a11y-high-contrast-dark"

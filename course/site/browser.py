"""What the pages that run in the browser offer, and where they are."""

try:
    from course.browser.build import build
    from course.browser.links import live_notebook, try_page, why_not_live
except ModuleNotFoundError:

    def build(out):
        """Add the pages that run Python to the site; there are none."""

    def try_page(number):
        """Return the page that runs a chapter's API; there is none."""

    def live_notebook(name):
        """Return the page that runs a notebook; there is none."""

    def why_not_live(name):
        """Return why there is none."""


__all__ = ["build", "live_notebook", "try_page", "why_not_live"]

"""Where the pages of the browser edition are, from the root of the site."""

TRY_CHAPTERS = (1, 2, 3)
LIVE_NOTEBOOKS = (
    *("1_getting_started", "20_from_file_to_package", "2a_create", "2b_read"),
    *("3a_update", "3b_delete", "3c_hypermedia"),
)
NEEDS = {  # the first characters of other notebooks -> what their servers need
    "4": "a second server beside the API, threads, and cryptography in C",
    "5": "TLS, a service of its own for credentials, and cryptography in C",
    "6": "processes that are started and killed, and hundreds of applications side by side",
}


def try_page(chapter_number):
    """Return the page that runs a chapter, or None if a browser can't."""
    return f"try/{chapter_number}/index.html" if chapter_number in TRY_CHAPTERS else None


def live_notebook(name):
    """Return the page that runs a notebook, such as 2a_create, or None if a browser can't."""
    return f"lab/notebooks/index.html?path={name}.ipynb" if name in LIVE_NOTEBOOKS else None


def why_not_live(name):
    """Return why a browser can't run a notebook, in a sentence; None if it can."""
    if name in LIVE_NOTEBOOKS:
        return None
    return f"This notebook does not run in a browser: it needs {NEEDS[name[0]]}."

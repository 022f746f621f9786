"""Where the pages of the browser edition are, from the root of the site."""

TRY_CHAPTERS = (1, 2, 3, 4)
NOT_RUN = {4: ("authorization_server/", "fast/")}  # folders of a chapter that do nothing there
NOT_CHECKED = ("4a4",)  # sections whose promises need such a folder
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


def edit_page(chapter_number, path):
    """Return the page that runs a file of a chapter, or None if a browser can't."""
    if path.startswith(NOT_RUN.get(chapter_number, ())):
        return None
    return try_page(chapter_number)


def check_page(section_id):
    """Return the page that asks for the promises of a section, or None if a browser can't."""
    return None if section_id in NOT_CHECKED else try_page(int(section_id[0]))


def live_notebook(name):
    """Return the page that runs a notebook, such as 2a_create, or None if a browser can't."""
    return f"lab/notebooks/index.html?path={name}.ipynb" if name in LIVE_NOTEBOOKS else None


def why_not_live(name):
    """Return why a browser can't run a notebook, in a sentence; None if it can."""
    if name in LIVE_NOTEBOOKS:
        return None
    return f"This notebook does not run in a browser: it needs {NEEDS[name[0]]}."

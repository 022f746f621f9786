"""Chooses what is tested: quickly, what a learner needs to know; or all there is."""

from course.spine import ROOT, chapters

LEFT_OUT_OF_CODE = {"__pycache__", "instance", "lessons"}
ABOUT_THE_CHAPTER = {"README.md", "SECURITY.md", "requirements.txt"}  # and no code of it
LEFT_OUT = "not (needs_index or needs_servers or slow)"  # of what is tested quickly
IN_EVERY_CORE = ("-n", "logical", "--dist", "loadscope", "--no-loadscope-reorder")  # pytest-xdist
GROUPS = ("extending", "securing", "testing", "checking")
ALL_GROUPS = (*GROUPS, "notebook", "servers", "site", "dev")


def quick_targets():
    """Return what is tested quickly: all suites, each of them once, and those of the course."""
    targets = [ROOT / "tests"]
    every = chapters()
    for chapter, following in zip(every, [*every[1:], None], strict=True):
        targets += own_suites(chapter, following)
    return targets


def all_targets():
    return [ROOT / "tests", *(chapter.folder for chapter in chapters())]


def own_suites(chapter, following):
    """Return the chapter's folder; or, if the following one is as good, the suites it has not.

    A chapter that is about tests leaves the API as it is, to the byte. Then what both have is the
    same suite of the same API, and is run in the later one.
    """
    if following is None:
        return [chapter.folder]
    old, new = contents(chapter.folder), contents(following.folder)
    if any(old[name] != new.get(name) for name in old if not is_suite(name)):
        return [chapter.folder]
    suites = filter(is_suite, old)
    return [chapter.folder / name for name in suites if old[name] != new.get(name)]


def contents(folder):
    """Return the bytes of the files that decide how a chapter's tests end, by their path in it."""
    return {
        name.as_posix(): (folder / name).read_bytes()
        for name in (path.relative_to(folder) for path in sorted(folder.rglob("*")))
        if (folder / name).is_file()
        and name.as_posix() not in ABOUT_THE_CHAPTER
        and not any(part in LEFT_OUT_OF_CODE or part.startswith(".") for part in name.parts)
    }


def is_suite(name):
    return name.startswith("tests/test_")

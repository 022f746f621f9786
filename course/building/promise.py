"""What a promise is: one sentence, and a function that asks for it over the wire."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, wraps
from importlib import import_module

from course.building.wire import Broken
from course.errors import CourseError
from course.spine import ROOT, chapters

PROMISED, HARDENED, YOUR_TURN = "promised", "hardened", "your turn"  # the tiers
STEP_OF_TASKS = "Your turn"  # "Your turn, 2.1": the task by its id
FOLDER = ROOT / "promises"


@dataclass(frozen=True)
class Promise:
    """One sentence of a lesson, and how to ask an API whether it keeps it."""

    check: Callable  # takes an Api; its docstring is the sentence
    section: str
    step: str  # of the lesson, where it is explained
    source: str  # such as RFC 9110, 15.3.2
    hints: tuple
    after: tuple = ()  # names of promises without which this one would be kept by accident
    tier: str = PROMISED
    control: bool = False  # asks for a server that we may start anew
    starts: int = 0  # how many servers, beside the API: so many wait for it, with libraries loaded

    @property
    def name(self):
        return f"{self.section}-{self.check.__name__.replace('_', '-')}"

    @property
    def task(self):
        """Return the id of the task that it checks, such as 2.1, or None."""
        return self.step.removeprefix(f"{STEP_OF_TASKS}, ") if self.tier == YOUR_TURN else None

    @property
    def sentence(self):
        return " ".join(self.check.__doc__.split())


class Waits(Exception):
    """What a promise begins with does not work: another promise is about that."""

    def __init__(self, function, broken=None):
        super().__init__(function)
        self.function, self.broken = function, broken


class Absent(Exception):
    """There is nothing to ask for this promise; the text says why. It is no fault."""


class Book:
    """The promises of one section, in the order in which its lesson makes them."""

    def __init__(self, section):
        self.section, self.promises, self.begin = section, [], do_nothing

    def beforehand(self, begin):
        """Make a function that of the book which begins what its promises need beside the API.

        It takes the control of the server, and waits for nothing: the API starts meanwhile.
        """
        self.begin = begin
        return begin

    def promise(self, step, source, *hints, **options):
        """Make a function a promise; `step` is a heading of the lesson; `hints` go nearer."""

        def note(check):
            self.promises.append(Promise(check, self.section, step, source, hints, **options))
            return check

        return note


def needs(function):
    """Make a function a set-up: if it breaks, who calls it waits for the promise of this name."""

    def around(make):
        @wraps(make)
        def made(api, *arguments, **options):
            if function in api.hopeless:  # it would hang again for each promise that begins with it
                raise Waits(function)
            try:
                return make(api, *arguments, **options)
            except Broken as broken:
                if broken.hung:
                    api.hopeless.add(function)
                raise Waits(function, broken) from broken

        return made

    return around


def do_nothing(_):
    pass


@cache
def sections():
    """Return the sections that have promises, in the order of the course."""
    have = {file.stem.partition("_")[0]: file.stem for file in FOLDER.glob("[0-9]*.py")}
    known = [section for chapter in chapters() for section in chapter.sections]
    return {section.id: have[section.id] for section in known if section.id in have}


def book_of(section):
    return import_module(f"promises.{sections()[section]}").book


def promises_of(section):
    """Return the promises of a section, in the lesson's order."""
    return tuple(book_of(section).promises)


def up_to(section):
    """Return the ids of all sections with promises up to this one, which is among them."""
    ids = list(sections())
    if section not in ids:
        raise CourseError(f"Section {section} promises nothing yet. There is: {', '.join(ids)}.")
    return ids[: ids.index(section) + 1]

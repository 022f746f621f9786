"""Measures contenders in turns, round by round, so that what else the machine does meets all."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from statistics import median

from course.bench.load import drive
from course.bench.servers import MeasuredServer

CONNECTIONS = 4  # so that a server always has a request to work on


@dataclass(frozen=True)
class Extent:
    """How much is measured: rounds, the seconds of all together, the rows of the long table."""

    rounds: int
    seconds: float
    rows: int


@dataclass
class Contender:
    """Something that answers requests, and how it did in each round."""

    name: str
    server: MeasuredServer
    requests: Iterator[bytes]
    status: int = 200
    rates: list[float] = field(default_factory=list)  # requests a second
    answered: int = 0
    cpu_seconds: float | None = 0.0

    def warm_up(self, seconds):
        drive(self.server.port, self.requests, self.status, seconds, CONNECTIONS)

    def take_turn(self, seconds):
        before = self.server.cpu_seconds
        load = drive(self.server.port, self.requests, self.status, seconds, CONNECTIONS)
        after = self.server.cpu_seconds
        self.rates.append(load.requests / load.seconds)
        self.answered += load.requests
        self.cpu_seconds = None if after is None else self.cpu_seconds + after - before

    @property
    def rate(self):
        return median(self.rates)

    @property
    def cpu_milliseconds(self):
        """CPU time for each request, or None if the system does not tell."""
        return None if self.cpu_seconds is None else 1000 * self.cpu_seconds / self.answered


@dataclass(frozen=True)
class Comparison:
    """A way to compare the rates of two contenders, and the unit of what comes out."""

    ratio: Callable[[float, float], float]
    unit: str = ""


AS_MANY = Comparison(lambda measured, against: measured / against)
AS_LONG = Comparison(lambda measured, against: against / measured, " as long")


@dataclass(frozen=True)
class Case:
    """A question to the machine: how does one contender do against another?"""

    title: str
    measured: Contender
    against: Contender
    comparison: Comparison
    promise: str = ""

    @property
    def ratios(self):
        rounds = zip(self.measured.rates, self.against.rates, strict=True)
        return [self.comparison.ratio(*rates) for rates in rounds]

    @property
    def unit(self):
        return self.comparison.unit

    def measure(self, rounds, seconds):
        """Let both take a turn in each round, now the one first and now the other."""
        contenders = self.against, self.measured
        for contender in contenders:
            contender.warm_up(seconds)
        for number in range(rounds):
            for contender in contenders if number % 2 else reversed(contenders):
                contender.take_turn(seconds)

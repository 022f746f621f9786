"""Lets contenders take turns, round by round, so that what else the machine does meets them all."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median

from course.bench.load import drive
from course.bench.servers import Server

CONNECTIONS = 4  # so that a server always has a request to work on
WARM = 25  # requests: then each cache has what it can have


@dataclass
class Contender:
    """Something that answers requests, and how many a second in each round."""

    name: str
    server: Server
    requests: Iterator[bytes]
    status: int = 200
    rates: list[float] = field(default_factory=list)
    answered: int = 0
    cpu_seconds: float | None = 0.0

    def warm_up(self, seconds):
        answered = 0
        while answered < WARM:
            load = drive(self.server.port, self.requests, self.status, seconds, CONNECTIONS)
            answered += load.requests

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
        if self.cpu_seconds is None:
            return None
        return round(1000 * self.cpu_seconds / self.answered, 3)


@dataclass
class Row:
    """One kind of request, and those who answer it, compared to the first of them."""

    server: str
    title: str
    contenders: list[Contender]

    def measure(self, rounds, seconds):
        """Let all take a turn of so many seconds in each round, each time in another order."""
        for contender in self.contenders:
            contender.warm_up(seconds)
        for number in range(rounds):
            first = number * len(self.contenders) // rounds
            for contender in [*self.contenders[first:], *self.contenders[:first]]:
                contender.take_turn(seconds)

    def ratios(self, contender, against):
        """Return how many times as many requests one contender answers as another, by round."""
        return [ours / theirs for ours, theirs in zip(contender.rates, against.rates, strict=True)]

    def results(self):
        """Yield a dictionary for each contender, ready to become JSON."""
        against = self.contenders[0]
        for contender in self.contenders:
            ratios = self.ratios(contender, against)
            yield {
                "server": self.server,
                "row": self.title,
                "contender": contender.name,
                "requests_per_second": round(contender.rate, 1),
                "cpu_milliseconds": contender.cpu_milliseconds,
                "ratio": round(median(ratios), 2),
                "least": round(min(ratios), 2),
                "most": round(max(ratios), 2),
            }

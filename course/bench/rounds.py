"""Lets contenders take turns, round by round, so that what else the machine does meets them all."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median

from course.bench.load import drive

CONNECTIONS = 4  # so that a server always has a request to work on


@dataclass
class Contender:
    """Something that answers requests, and how many a second in each round."""

    name: str
    port: int
    requests: Iterator[bytes]
    status: int = 200
    rates: list[float] = field(default_factory=list)

    def drive(self, seconds):
        load = drive(self.port, self.requests, self.status, seconds, CONNECTIONS)
        return load.requests / load.seconds

    @property
    def rate(self):
        return median(self.rates)


@dataclass
class Row:
    """One kind of request, and those who answer it, compared to the first of them."""

    server: str
    title: str
    contenders: list[Contender]

    def measure(self, rounds, seconds):
        """Let all take a turn of so many seconds in each round, each time in another order."""
        for contender in self.contenders:
            contender.drive(seconds)  # warm up
        for number in range(rounds):
            first = number * len(self.contenders) // rounds
            for contender in [*self.contenders[first:], *self.contenders[:first]]:
                contender.rates.append(contender.drive(seconds))

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
                "ratio": round(median(ratios), 2),
                "least": round(min(ratios), 2),
                "most": round(max(ratios), 2),
            }

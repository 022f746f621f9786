"""The result of the benchmark: a table, and what stands in it."""

from statistics import median

from course.terminal import painted

HEAD = f"{'':<46}{'requests/s':>10}{'CPU ms each':>13}  ratio of the rounds"
MEANING = """
  plain      the same contract in version 1, written as the documentation of Flask,
             Flask-SQLAlchemy and Flask-Limiter has it; course/bench/plain.py says what it leaves
             out
  bare       what a server of `stack` itself costs: a WSGI callable in gunicorn that always
             returns the same bytes, as many as there are in the list
  chapter 4  04_extending as it is; it keeps answers, so that only a new URL is all its work
  nginx      the gateway of the chapter before that

Chapter 4 and plain stand in granian, the server that adds the least of its own to both.
The ratio says how many times as many requests a second the second of a pair answers as the first;
where it says "as long", how many times as long it takes. Both took turns in each of the rounds:
that is the median of their ratios, and in brackets the least and the greatest. CPU is that of the
server with its workers. What is promised is not checked: another machine, or a busy one, measures
something else, and what you see are the numbers of this machine at this moment.
"""


def print_table(cases):
    print(HEAD)
    for case in cases:
        print(painted(case.title, "bold"))
        print(line(case.against))
        print(line(case.measured), ratio_of(case), sep="  ")
    print(MEANING)


def line(contender):
    cpu = contender.cpu_milliseconds
    told = "not measured" if cpu is None else f"{cpu:.2f}"
    return f"  {contender.name:<44}{contender.rate:>10,.0f}{told:>13}"


def ratio_of(case):
    ratios = case.ratios
    spread = f"{median(ratios):.2f}{case.unit} ({min(ratios):.2f} to {max(ratios):.2f})"
    return f"{spread}, promised {case.promise}" if case.promise else spread

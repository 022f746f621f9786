"""The result of the benchmark as a table, and what stands in it."""

from course.terminal import painted

MEANING = """
  plain peer    the same contract in version 1, written as the documentation of Flask,
                Flask-SQLAlchemy and Flask-Limiter shows it, with SQLite as it comes
  FastAPI peer  the same with FastAPI, given the same care for the database as cinema
  cinema        04_extending/cinema as it is
  fast: name    04_extending/fast with one technique alone
  fast: all     04_extending/fast with all its techniques

The ratio says how many times as many requests a second a line has as the first line of its row. All
took turns in each round: the ratio is the median of the rounds, and in brackets are the least and
the greatest. At the end stands the CPU time of the server for each request. All have the same
quick password hash. No figure is checked here: another machine, or a busy one, measures something
else."""


def print_table(results):
    row = None
    for result in results:
        if row != (result["server"], result["row"]):
            row = result["server"], result["row"]
            print(painted(f"{result['row']} (on {result['server']})", "bold"))
        print(line(result))
    print(MEANING)


def line(result):
    spread = f"{result['ratio']:6.2f} ({result['least']:.2f} to {result['most']:.2f})"
    cpu = result["cpu_milliseconds"]
    told = "" if cpu is None else f"{cpu:.2f} ms"
    rate = f"{result['requests_per_second']:>9,.0f} a second"
    return f"  {result['contender']:<24}{rate}{spread:<26}{told:>10}"

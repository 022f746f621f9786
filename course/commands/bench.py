"""measure chapter 4's API, plain and fast, beside two peers, here and now"""

import json
import platform
import secrets
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from course import numbers
from course.bench import rows
from course.bench.contract import check_same
from course.bench.messages import basic
from course.bench.rounds import Contender, Row
from course.bench.servers import FAST, FASTAPI, OURS, PLAIN, SERVERS, Competitor, Workshop
from course.bench.table import print_table
from course.errors import CourseError
from course.setup import environment
from course.spine import find_chapter

EXAMPLES = ("bench", "bench --seconds 60 --server granian", "bench --json what_pays.json")
SECONDS, ROUNDS, DEEP = 300, 7, 100_000
QUICK_SECONDS, QUICK_ROUNDS, QUICK_DEEP = 3, 1, 2_000
PEER, CARE, OWN = (
    Competitor("plain peer", PLAIN),
    Competitor("FastAPI peer", FASTAPI),
    Competitor("cinema", OURS),
)
ALL = Competitor("fast: all", FAST, {"FAST": "all"})


def add_arguments(parser):
    parser.add_argument(
        "--seconds", type=numbers.SECONDS, help=f"for how long to measure (default: {SECONDS})"
    )
    parser.add_argument("--quick", action="store_true", help="only see whether it works")
    parser.add_argument("--server", choices=SERVERS, help="measure on this server only")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the results there, too")


def main(options):
    if options.json and not options.json.absolute().parent.is_dir():
        raise CourseError(f"There is no folder {options.json.parent} for {options.json.name}.")
    seconds = options.seconds or (QUICK_SECONDS if options.quick else SECONDS)
    rounds, deep = (QUICK_ROUNDS, QUICK_DEEP) if options.quick else (ROUNDS, DEEP)
    kinds = [options.server] if options.server else list(SERVERS)
    chapter = find_chapter(4)
    python = environment.ensure(*chapter.groups, "servers")
    files = chapter.folder / "instance"  # on the disk where databases are: /tmp may be none
    files.mkdir(exist_ok=True)
    results = []
    with TemporaryDirectory(prefix="bench-", dir=files) as folder:
        workshop = Workshop(python, chapter, Path(folder), secrets.token_urlsafe())
        techniques = workshop.techniques()
        for kind in kinds:
            measured = measure(workshop, kind, techniques, seconds / len(kinds), rounds, deep)
            results += [result for row in measured for result in row.results()]
    print()
    print_table(results)
    if options.json:
        report = {"machine": machine(), "lines": techniques, "results": results}
        options.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return 0


def measure(workshop, kind, techniques, seconds, rounds, deep):
    """Start all servers of a kind, see that they answer alike, and return the measured Rows."""
    print(f"Starting the servers on {kind}, and comparing their answers ...", flush=True)
    alone = [Competitor(f"fast: {name}", FAST, {"FAST": name}) for name in techniques]
    editor = basic("alice", workshop.password)
    with ExitStack() as running:
        servers = {
            each.name: running.enter_context(workshop.server(kind, each))
            for each in (PEER, CARE, OWN, *alone, ALL)
        }
        check_same(servers, editor)
        questions = [
            Row(
                kind,
                title,
                [Contender(*each, asked(each[1], editor), status) for each in servers.items()],
            )
            for title, asked, status in rows.ROWS
        ]
        questions += [deep_row(workshop, running, kind, each, deep) for each in (OWN, ALL)]
        turns = (rounds + 1) * sum(len(row.contenders) for row in questions)
        for row in questions:
            print(f"{kind}: {row.title}", flush=True)
            row.measure(rounds, seconds / turns)
    return questions


def deep_row(workshop, running, kind, competitor, deep):
    """Return the question how much more the last page costs than the first."""
    server = running.enter_context(workshop.server(kind, competitor, deep))
    pages = {"first page": rows.first_page, "last page": rows.last_page}
    contenders = [Contender(name, server, asked(server, {})) for name, asked in pages.items()]
    return Row(kind, f"{competitor.name}: a page of {deep:,} movies by cursor", contenders)


def machine():
    return f"Python {platform.python_version()}, {platform.system()}, {platform.machine()}"

"""measure chapter 4's API beside a plain one and a bare one, here and now"""

import os
import secrets
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from course.bench import cases
from course.bench.contract import check_same
from course.bench.messages import ask, basic, get
from course.bench.rounds import Extent
from course.bench.servers import BARE, OURS, PLAIN, Workshop, server_of_stack
from course.bench.table import print_table
from course.setup import environment
from course.spine import find_chapter

EXAMPLES = ("bench", "bench --seconds 300", "bench --quick")
FULL = Extent(rounds=15, seconds=75, rows=100_000)
QUICK = Extent(rounds=3, seconds=3, rows=2_000)


def add_arguments(parser):
    parser.add_argument(
        "--seconds", type=int, help=f"for how long to measure (default: {FULL.seconds})"
    )
    parser.add_argument("--quick", action="store_true", help="only see whether it works")


def main(options):
    extent = QUICK if options.quick else FULL
    if options.seconds:
        extent = replace(extent, seconds=options.seconds)
    chapter = find_chapter(4)
    python = environment.ensure(*chapter.groups, "servers")
    files = chapter.folder / "instance"  # on the disk where databases are: /tmp may be none
    files.mkdir(exist_ok=True)
    with (
        TemporaryDirectory(prefix="bench-", dir=files) as folder,
        ExitStack() as running,
    ):
        workshop = Workshop(python, chapter, Path(folder), secrets.token_urlsafe())
        questions = prepare(workshop, extent, running)
        turns = 2 * extent.rounds * len(questions)
        for number, case in enumerate(questions, start=1):
            print(f"{number:>2} of {len(questions)}  {case.title}", flush=True)
            case.measure(extent.rounds, extent.seconds / turns)
    print()
    print_table(questions)
    return 0


def prepare(workshop, extent, running):
    """Start all servers, see that they answer alike, and return the Cases to be measured."""
    print("Starting the servers, and comparing their answers ...", flush=True)
    films = workshop.chapter.folder / "cinema" / "movies.json"
    workshop.seed("plain", PLAIN, films)
    workshop.seed("unlimited", PLAIN, films)
    workshop.seed("chapter-4", OURS)
    workshop.seed("deep", OURS)
    workshop.repeat_films("deep", extent.rows)
    plain = running.enter_context(workshop.server("plain", PLAIN))
    unlimited = running.enter_context(workshop.server("unlimited", PLAIN, RATE_LIMIT=""))
    ours = running.enter_context(workshop.server("chapter-4", OURS))
    deep = running.enter_context(workshop.server("deep", OURS))
    editor = basic("alice", workshop.password)
    check_same(plain, ours, editor)
    size = len(ask(ours, get(cases.MOVIES)).content)
    bare = running.enter_context(
        workshop.server("bare", BARE, server_of_stack, BODY_SIZE=str(size))
    )
    gateways = [running.enter_context(workshop.gateway(ours))] if os.name != "nt" else []
    return [
        *cases.reads(ours, plain),
        *cases.reads_without_limits(ours, unlimited),
        *cases.among_readers(ours, editor),
        *cases.among_pages(deep, extent.rows),
        *cases.among_caches(ours, gateways, bare),
        *cases.writes(ours, plain, editor),  # last, since they make the tables grow
    ]

"""Runs an app of a chapter in several processes, by gunicorn; on Windows in one, by waitress."""

import os
import subprocess
import sys

from course.serving.child import WATCH, Child, ServerError, server_environment
from course.serving.ports import HOST
from course.terminal import COURSE

# More threads than there may be requests that wait for the slow check of a password: 16.
GUNICORN = (
    *("gunicorn", "--workers=2", "--worker-class=gthread", "--threads=24"),
    "--keep-alive=75",  # seconds: longer than nginx keeps a connection, so that nginx ends it
    "--forwarded-allow-ips=",  # none: whom to believe is for the app to say
    "--limit-request-line=8190",
    *("--graceful-timeout=3", "--no-control-socket", "--access-logfile=-"),
)
WAITRESS = ("waitress", "--threads=24")


def seed(chapter, app, settings):
    """Let an app make what it needs, such as tables and rows."""
    again = f"type again: {COURSE} stack {chapter.number}"
    done = subprocess.run(
        [sys.executable, "-m", "course.serving.prepare", app, again],
        cwd=chapter.folder,
        env=server_environment() | settings,
        check=False,
    )
    if done.returncode:
        raise ServerError  # what it has to say is on the screen


def start_app(chapter, app, port, settings, log):
    address = f"{HOST}:{port}"
    if os.name == "nt":  # where there is no gunicorn
        command = [*WAITRESS, f"--listen={address}", "--call", f"{app}:create_app"]
    else:
        command = [*GUNICORN, f"--bind={address}", f"{app}:create_app()"]
    return Child(
        [*WATCH, sys.executable, "-m", *command],
        port,
        cwd=chapter.folder,
        environment=settings,
        log=log,
    )
